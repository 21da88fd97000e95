/**
 * A server of one object in memory, made of nothing but the functions under test, in the order in which the pipeline calls them. The same
 * steps go to it and to a real kube-apiserver, and both answers must be the same.
 */
import {
  applyJsonPatch,
  applyMergePatch,
  applyServerSide,
  applyStrategicMergePatch,
  keepTimestamps,
  trackUpdate,
} from "../../../../../runtime/testing/embedded/apply/index.ts";
import { beforeCreate, beforeUpdate } from "../../../../../runtime/testing/embedded/defaults/index.ts";
import type { Strategy } from "../../../../../runtime/testing/embedded/defaults/index.ts";
import { cloneJson, isObject, objectAt, setField, StatusFailure } from "../../../../../runtime/schema/index.ts";
import type { JsonObject, JsonValue } from "../../../../../runtime/schema/index.ts";

/** One request about the object. */
export interface Step {
  readonly op: "create" | "update" | "apply" | "merge" | "json" | "strategic";
  readonly manager: string;
  readonly body: JsonValue;
  readonly force?: boolean;
  readonly subresource?: "status";
  readonly validation?: "Ignore" | "Warn" | "Strict";
}

/** What a server answered: an object or a Status, without what no two servers agree on. */
export type Answer = JsonObject;

/** The object's name in every step. */
export const objectName = "sample";

/** Holds one object of one kind in the namespace `default`. */
export class Replica {
  readonly #strategy: Strategy;
  #object: JsonObject | undefined;
  #revision = 1;

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  /** The same object under another strategy, as when its definition changes or another version of it is asked for. */
  with(strategy: Strategy): Replica {
    const other = new Replica(strategy);
    const version = strategy.group === "" ? strategy.version : `${strategy.group}/${strategy.version}`;
    other.#object = this.object && this.#strategy.convert(this.object, version);
    other.#revision = this.#revision;
    return other;
  }

  /** The object as it is stored. */
  get object(): JsonObject | undefined {
    return this.#object && cloneJson(this.#object);
  }

  /** Carries out one step at a time given in seconds. */
  send(step: Step, seconds: number): Answer {
    const now = new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
    try {
      return plain(this.#write(step, now));
    } catch (error) {
      if (error instanceof StatusFailure) return plain(JSON.parse(JSON.stringify(error.status)) as JsonObject);
      throw error;
    }
  }

  #write(step: Step, now: string): JsonObject {
    const live = this.#object && cloneJson(this.#object);
    const options = { manager: step.manager, subresource: step.subresource ?? "", now };
    const object = this.#build(step, live, { ...options, force: step.force === true });
    if (step.op !== "apply") trackUpdate(this.#strategy, live, object, options);
    if (live) {
      beforeUpdate(this.#strategy, object, live, { subresource: options.subresource });
      if (keepTimestamps(live, object)) return live;
    } else {
      beforeCreate(this.#strategy, object, { namespace: this.#strategy.namespaced ? "default" : "", now, uid: "the-uid", suffix: "abcde" });
    }
    const metadata = objectAt(object, "metadata") ?? {};
    metadata["resourceVersion"] = String(++this.#revision);
    this.#object = cloneJson(object);
    return object;
  }

  #build(
    step: Step,
    live: JsonObject | undefined,
    options: { manager: string; subresource: string; now: string; force: boolean },
  ): JsonObject {
    const validation = step.validation ?? "Ignore";
    if (step.op === "create") return this.#strategy.decode(JSON.stringify(step.body), validation).object;
    if (step.op === "apply") {
      const applied = isObject(step.body) ? step.body : {};
      return this.#strategy.decodeValue(applyServerSide(this.#strategy, live, applied, options), "Ignore", { applied: true }).object;
    }
    const current = live ?? {};
    if (step.op === "update") {
      const { object } = this.#strategy.decodeValue(step.body, validation);
      const metadata = objectAt(object, "metadata") ?? {};
      setField(metadata, "resourceVersion", objectAt(current, "metadata")?.["resourceVersion"] ?? "");
      return object;
    }
    const patched =
      step.op === "merge"
        ? applyMergePatch(current, step.body)
        : step.op === "json"
          ? applyJsonPatch(current, step.body)
          : this.#strategic(current, step.body);
    return this.#strategy.decodeValue(patched, validation, { patched: true }).object;
  }

  #strategic(current: JsonObject, patch: JsonValue): JsonValue {
    const version = this.#strategy.group === "" ? this.#strategy.version : `${this.#strategy.group}/${this.#strategy.version}`;
    const type = this.#strategy.fieldType(version);
    if (!type) throw new Error("the kind has no type");
    return applyStrategicMergePatch(current, patch, type);
  }
}

/**
 * An answer as it is compared: no uid, versions and times; managed fields with the rank of their times instead (1 for the first
 * second that occurs, and so on), since order and equality of times matter.
 */
export function plain(answer: JsonObject): JsonObject {
  const copy = cloneJson(answer);
  const metadata = objectAt(copy, "metadata");
  if (metadata) {
    for (const field of ["uid", "resourceVersion", "creationTimestamp", "selfLink"]) Reflect.deleteProperty(metadata, field);
    for (const entry of Array.isArray(metadata["managedFields"]) ? metadata["managedFields"] : []) {
      if (isObject(entry) && entry["time"] !== undefined) entry["time"] = "time";
    }
  }
  const details = objectAt(copy, "details");
  if (details && Array.isArray(details["causes"])) details["causes"] = sortedCauses(details["causes"]);
  if (typeof copy["message"] === "string") copy["message"] = sortedMessage(copy["message"]);
  return copy;
}

/** The server reports errors of several fields in random order. */
function sortedCauses(causes: JsonValue[]): JsonValue[] {
  return [...causes].sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

function sortedMessage(message: string): string {
  const [first = "", ...lines] = message.split("\n");
  if (first.endsWith("errors:")) return [first, ...lines.sort()].join("\n");
  // The list says once more, in the order of the causes, what these say.
  return message.replace(/( is invalid: )\[.*\]$/s, "$1[…]");
}
