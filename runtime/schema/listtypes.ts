/**
 * `x-kubernetes-list-type` `set` and `map`: no element twice.
 */
import type { FieldError } from "./fielderrors.ts";
import { duplicate, invalidValue } from "./fielderrors.ts";
import { fieldSchema } from "./defaulting.ts";
import { goJson } from "./gotext.ts";
import type { JsonArray, JsonObject, JsonValue } from "./json.ts";
import { isObject } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";

/** `Duplicate value` errors of all lists below a value; each duplicate is reported once. */
export function listErrors(value: JsonValue, schema: JsonSchema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const errors = duplicates(value, schema, path);
    const items = schema.items;
    if (!items) return errors;
    return [...errors, ...value.flatMap((item, index) => listErrors(item, items, `${path}[${index}]`))];
  }
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const own = fieldSchema(schema, key);
    const field = value[key];
    return own && field !== undefined && field !== null ? listErrors(field, own, childPath(schema, path, key)) : [];
  });
}

/** `spec.name` for a property, `spec[name]` for a key of a map. */
function childPath(schema: JsonSchema, path: string, key: string): string {
  if (!(schema.properties && Object.hasOwn(schema.properties, key))) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function duplicates(list: JsonArray, schema: JsonSchema, path: string): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  if (type === "set") return repeated(list, path);
  if (type !== "map") return [];
  const wrong = list.findIndex((item) => item !== null && !isObject(item));
  if (wrong !== -1) return [invalidValue(`${path}[${wrong}]`, list[wrong], "must be an object for an array of list-type map")];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return repeated(
    list.map((item) => keysOf(item, keys)),
    path,
  );
}

function keysOf(item: JsonValue, keys: readonly string[]): JsonObject {
  const found: JsonObject = {};
  if (isObject(item)) for (const key of keys) if (item[key] !== undefined) found[key] = item[key];
  return found;
}

function repeated(list: JsonArray, path: string): FieldError[] {
  const times = new Map<string, number>();
  return list.flatMap((item, index) => {
    const text = goJson(item);
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    return count === 2 ? [duplicate(`${path}[${index}]`, item)] : [];
  });
}
