/** Any JSON value, as `JSON.parse` returns it. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
/** A JSON array. */
export type JsonArray = JsonValue[];
/** A JSON object. An absent field is absent or `undefined`, never both meanings. */
export interface JsonObject {
  [field: string]: JsonValue | undefined;
}

/** True for `{…}`, false for arrays, null and scalars. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field's value if it is an object, else `undefined`. */
export function objectAt(value: JsonValue | undefined, ...path: string[]): JsonObject | undefined {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
}

/** The field's value if it is an array, else an empty one. */
export function arrayAt(value: JsonValue | undefined, ...path: string[]): JsonArray {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The field's value if it is a string, else `undefined`. */
export function stringAt(value: JsonValue | undefined, ...path: string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The field's value if it is a number, else `undefined`. */
export function numberAt(value: JsonValue | undefined, ...path: string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The value at a path of field names, or `undefined` where the path ends early. */
export function valueAt(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  let current = value;
  for (const field of path) {
    if (!isObject(current)) return undefined;
    current = current[field];
  }
  return current;
}

/** Semantic equality: key order and `undefined` fields do not count. */
export function equalJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalJson(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  for (const key of Object.keys(left)) {
    if (!equalJson(left[key], right[key])) return false;
  }
  return Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined);
}

/** A deep copy without `undefined` fields. */
export function cloneJson<T extends JsonValue>(value: T): T;
export function cloneJson(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item) => cloneJson(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field !== undefined) setField(copy, key, cloneJson(field));
  }
  return copy;
}

/** A shallow copy without some fields. */
export function omit(object: JsonObject, ...fields: readonly string[]): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(object)) if (value !== undefined && !fields.includes(name)) setField(kept, name, value);
  return kept;
}

/** Sets a field, also one that is called `__proto__`. */
export function setField(object: JsonObject, field: string, value: JsonValue): void {
  if (field === "__proto__") {
    Object.defineProperty(object, field, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[field] = value;
  }
}
