/**
 * Dropping what a structural schema does not know.
 */
import { compareBytes } from "./gotext.ts";
import type { JsonValue } from "./json.ts";
import { isObject } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";
import { fieldSchema } from "./defaulting.ts";

const objectFields = new Set(["apiVersion", "kind", "metadata"]);

/** Prunes in place; returns the paths of what is gone, sorted. `root`: the value is a whole object, whose `metadata` is not looked into. */
export function prune(value: JsonValue, schema: JsonSchema | undefined, root: boolean): string[] {
  const unknown: string[] = [];
  pruneValue(value, schema, "", root, unknown);
  return unknown.sort(compareBytes);
}

function pruneValue(value: JsonValue, schema: JsonSchema | undefined, path: string, object: boolean, unknown: string[]): void {
  const preserves = schema?.["x-kubernetes-preserve-unknown-fields"] === true;
  const embedded = object || schema?.["x-kubernetes-embedded-resource"] === true;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      // Inside a preserved array the items keep all, unless they have a schema of their own that says what is known.
      if (preserves && !schema.items) continue;
      const items = preserves && schema.items ? { ...schema.items, "x-kubernetes-preserve-unknown-fields": true } : schema?.items;
      pruneValue(item, items, `${path}[${index}]`, false, unknown);
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (embedded && objectFields.has(key)) continue;
      const own = fieldSchema(schema, key);
      const field = value[key];
      const place = path === "" ? key : `${path}.${key}`;
      if (own || (schema && schema.additionalProperties === true)) {
        if (field !== undefined && own) pruneValue(field, own, place, false, unknown);
        else if (field !== undefined) pruneValue(field, undefined, place, false, unknown);
      } else if (!preserves) {
        Reflect.deleteProperty(value, key);
        if (path !== "" || !objectFields.has(key)) unknown.push(place);
      }
    }
  }
}
