import { describeKind, groupOf, type KindToken, type KubernetesObject } from "../../object/index.ts";
import { copyJson, createPatch, equalJson, isObject, type JsonValue } from "../json/index.ts";
import type { AnySpoke, Converter } from "./converter.ts";

/** An object cannot be converted, or is not the same when it has been converted there and back. */
export class ConversionError extends Error {
  override readonly name = "ConversionError";
}

/** The conversions of one kind. */
export class Conversion {
  readonly hub: KindToken;
  readonly #group: string;
  readonly #spokes: ReadonlyMap<string, AnySpoke<unknown>>;
  readonly #samples: readonly KubernetesObject[];

  constructor(hub: KindToken, converter: Converter<never>) {
    this.hub = hub;
    this.#group = groupOf(hub.apiVersion);
    // A kind and its converter come together where they are wired, so the hub's objects are of the converter's type.
    const spokes = Object.entries(converter.spokes as Readonly<Record<string, AnySpoke<unknown>>>);
    this.#spokes = new Map(spokes.map(([version, spoke]) => [`${this.#group}/${version}`, spoke]));
    this.#samples = converter.samples ?? [];
    if (this.#spokes.has(hub.apiVersion)) throw new TypeError(`${describeKind(hub)} is the hub and cannot be a spoke as well`);
  }

  /** The object in another version; the given one is not changed. @throws ConversionError, and what the converter throws */
  convert(object: unknown, apiVersion: string): unknown {
    const { apiVersion: given, kind } = isObject(object) ? object : {};
    if (!isObject(object) || typeof given !== "string") throw new ConversionError("the object has no apiVersion");
    if (kind !== this.hub.kind) throw new ConversionError(`expected a ${this.hub.kind}, got ${String(kind)}`);
    if (given === apiVersion) return object;
    let converted: unknown = copyJson(object);
    if (given !== this.hub.apiVersion) converted = complete(this.#spoke(given).toHub(asKubernetes(converted)), this.hub.apiVersion, object);
    if (apiVersion === this.hub.apiVersion) return converted;
    return complete(this.#spoke(apiVersion).fromHub(copyJson(converted)), apiVersion, object);
  }

  /**
   * Converts an object into every other version and back (a spoke's object into the hub only: the hub is richer than all of them).
   *
   * @throws ConversionError with the fields that are different afterwards
   */
  checkRoundTrip(object: KubernetesObject): void {
    const given = object.apiVersion ?? "";
    const original = JSON.parse(JSON.stringify(object)) as JsonValue;
    const others = given === this.hub.apiVersion ? [...this.#spokes.keys()] : [this.hub.apiVersion];
    for (const other of others) {
      const back = this.convert(this.convert(original, other), given);
      if (equalJson(original, back)) continue;
      const fields = createPatch(original, back).map(({ op, path }) => `${path} (${op})`);
      const name = object.metadata?.name ?? "";
      throw new ConversionError(
        `${given} ${this.hub.kind} "${name}" is another one after a conversion to ${other} and back, at ${fields.join(", ")}; keep what ${other} has no field for, in an annotation for instance`,
      );
    }
  }

  /** @throws ConversionError as {@link checkRoundTrip} does, for the converter's own samples */
  checkSamples(): void {
    for (const sample of this.#samples) this.checkRoundTrip(sample);
  }

  #spoke(apiVersion: string): AnySpoke<unknown> {
    const spoke = this.#spokes.get(apiVersion);
    if (spoke !== undefined) return spoke;
    const known = [this.hub.apiVersion, ...this.#spokes.keys()].join(", ");
    throw new ConversionError(`${this.hub.kind} has no version ${apiVersion} here, only ${known}`);
  }
}

/** Puts on what a conversion function need not care about. @throws ConversionError when it has changed what it may not */
function complete(converted: object, apiVersion: string, original: Record<string, unknown>): Record<string, unknown> {
  const { metadata: given, ...rest } = converted as Record<string, unknown>;
  return {
    ...rest,
    apiVersion,
    kind: original["kind"],
    metadata: mergeMetadata(isObject(original["metadata"]) ? original["metadata"] : {}, given),
  };
}

function mergeMetadata(original: Record<string, unknown>, given: unknown): Record<string, unknown> {
  if (given === undefined) return original;
  if (!isObject(given)) throw new ConversionError("the conversion returned metadata that is no object");
  const metadata = { ...original };
  for (const [field, value] of Object.entries(given)) {
    if (field === "labels" || field === "annotations") metadata[field] = value;
    else if (value !== undefined && !equalJson(original[field] as JsonValue, value)) {
      throw new ConversionError(`the conversion changed metadata.${field}; only labels and annotations may change`);
    }
  }
  return metadata;
}

function asKubernetes(object: unknown): KubernetesObject {
  return object as KubernetesObject;
}
