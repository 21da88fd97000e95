import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Schema } from "../../model/index.ts";

/** Made by take.ts. */
export const builtinFile: URL = new URL("./schemas.json.gz", import.meta.url);

/** A schema that may refer to another by its name. */
interface Stored extends Omit<Schema, "properties" | "items" | "additionalProperties"> {
  readonly $ref?: string;
  readonly properties?: { readonly [name: string]: Stored };
  readonly items?: Stored;
  readonly additionalProperties?: Stored;
}

let stored: ReadonlyMap<string, Stored> | undefined;
const expanded = new Map<string, Schema>();

/** By the name that kubernetes-models gives to an OpenAPI name: `IoK8sApiCoreV1PodSpec`. Read when the first one is asked for. */
function load(): ReadonlyMap<string, Stored> {
  const file = JSON.parse(gunzipSync(readFileSync(builtinFile)).toString()) as Readonly<Record<string, Stored>>;
  return new Map(Object.entries(file).map(([name, schema]) => [aliasOf(name), schema]));
}

function aliasOf(name: string): string {
  return name
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/**
 * The whole schema of a type of Kubernetes, with list keys and defaults, without descriptions; undefined for a name that is none.
 *
 * @param alias such as `IoK8sApiCoreV1PodTemplateSpec`
 */
export function builtinSchema(alias: string): Schema | undefined {
  const known = expanded.get(alias);
  if (known !== undefined) return known;
  stored ??= load();
  const schema = stored.get(alias);
  if (schema === undefined) return undefined;
  const whole = expand(stored, schema, [alias]);
  expanded.set(alias, whole);
  return whole;
}

/** A type that contains itself is open where it does. */
function expand(all: ReadonlyMap<string, Stored>, schema: Stored, within: readonly string[]): Schema {
  const { $ref, properties, items, additionalProperties, ...rest } = schema;
  if ($ref !== undefined) {
    const alias = aliasOf($ref);
    const target = all.get(alias);
    if (target === undefined || within.includes(alias)) return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    return { ...expand(all, target, [...within, alias]), ...rest };
  }
  return {
    ...rest,
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, expand(all, each, within)])) }),
    ...(items === undefined ? {} : { items: withKeys(expand(all, items, within), rest["x-kubernetes-list-map-keys"] ?? []) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: expand(all, additionalProperties, within) }),
  };
}

/** A key is required in a CRD or has a default; where Go leaves it empty, that is the default. */
function withKeys(items: Schema, keys: readonly string[]): Schema {
  const { properties = {}, required = [] } = items;
  const bare = keys.filter((key) => !required.includes(key) && properties[key] !== undefined && properties[key].default === undefined);
  if (bare.length === 0) return items;
  const filled = bare.map((key): [string, Schema] => [key, { ...properties[key], default: properties[key]?.type === "integer" ? 0 : "" }]);
  return { ...items, properties: { ...properties, ...Object.fromEntries(filled) } };
}
