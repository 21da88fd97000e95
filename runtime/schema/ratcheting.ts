/**
 * Which value of the stored object a value of the new one is to be compared with (CRDValidationRatcheting, KEP-4008): fields by
 * name, elements of `listType=map` by their keys, nothing else.
 */
import type { JsonArray, JsonObject, JsonValue } from "./json.ts";
import { equalJson, isObject } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";

/** A new value beside its stored one. */
export interface Correlation {
  /** The stored value. */
  readonly old: JsonValue;
  /** True when the two are equal, so that old errors are tolerated. */
  unchanged(): boolean;
  key(field: string): Correlation | undefined;
  index(index: number): Correlation | undefined;
}

/** Puts a new value beside the stored one, both of the same schema. */
export function correlate(schema: JsonSchema, value: JsonValue, old: JsonValue): Correlation {
  let equal: boolean | undefined;
  return {
    old,
    unchanged() {
      equal ??= equalJson(value, old);
      return equal;
    },
    key(field) {
      if (!isObject(value) || !isObject(old)) return undefined;
      const [now, before] = [value[field], old[field]];
      const additional = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
      const child = schema.properties?.[field] ?? additional;
      return now === undefined || before === undefined || !child ? undefined : correlate(child, now, before);
    },
    index(index) {
      if (!Array.isArray(value) || !Array.isArray(old) || schema["x-kubernetes-list-type"] !== "map" || !schema.items) return undefined;
      const element = value[index];
      if (!isObject(element)) return undefined;
      const before = elementWithKeys(old, element, schema["x-kubernetes-list-map-keys"] ?? []);
      return before && correlate(schema.items, element, before);
    },
  };
}

function elementWithKeys(list: JsonArray, element: JsonObject, keys: readonly string[]): JsonObject | undefined {
  return list.filter(isObject).find((candidate) => keys.every((key) => equalJson(candidate[key], element[key])));
}
