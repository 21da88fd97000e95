/**
 * Small steps that defaulting is made of. All work in place.
 */
import type { JsonObject, JsonValue } from "../../../../schema/index.ts";
import { arrayAt, cloneJson, isObject, objectAt, setField, valueAt } from "../../../../schema/index.ts";

/** Sets each field that is absent. */
export function fill(object: JsonObject | undefined, defaults: Readonly<Record<string, JsonValue>>): void {
  if (!object) return;
  for (const [field, value] of Object.entries(defaults)) {
    if (object[field] === undefined || object[field] === null) setField(object, field, cloneJson(value));
  }
}

/** Sets each field that is absent or empty (`""`, 0), as Go does for fields that are no pointers. */
export function fillEmpty(object: JsonObject | undefined, defaults: Readonly<Record<string, JsonValue>>): void {
  if (!object) return;
  for (const [field, value] of Object.entries(defaults)) {
    if (object[field] === undefined || object[field] === null || object[field] === "" || object[field] === 0)
      setField(object, field, cloneJson(value));
  }
}

/** The object at a field, made when it is absent. */
export function within(object: JsonObject, field: string): JsonObject {
  const found = object[field];
  if (isObject(found)) return found;
  const made: JsonObject = {};
  object[field] = made;
  return made;
}

/** The objects of a list. */
export function each(value: JsonValue | undefined, ...path: string[]): JsonObject[] {
  return arrayAt(value, ...path).filter(isObject);
}

/** Runs a step on the object at a path, if there is one. */
export function at(value: JsonValue | undefined, path: readonly string[], step: (object: JsonObject) => void): void {
  const found = objectAt(value, ...path);
  if (found) step(found);
}

/** True for what Go would call the zero value: nothing, `""`, 0, false, an empty list or object. */
export function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** A string field, `""` when absent. */
export function text(value: JsonValue | undefined, ...path: string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : "";
}
