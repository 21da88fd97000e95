import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "../schema/index.ts";
import { escapeField } from "./schematypes.ts";

/** A JSON value for CEL, with the types of its schema: integers are BigInt, times are dates, names of fields are escaped. */
export function celValue(value: JsonValue | undefined, schema: JsonSchema | undefined, isRoot = false): unknown {
  if (schema === undefined) return plainCelValue(value);
  if (schema["x-kubernetes-int-or-string"] === true) return plainCelValue(value);
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema.items));
  if (isObject(value)) return objectValue(value, schema, isRoot || schema["x-kubernetes-embedded-resource"] === true);
  if (typeof value === "number") return schema.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  if (typeof value === "string") return stringValue(value, schema);
  return value ?? null;
}

function objectValue(object: JsonObject, schema: JsonSchema, isResource: boolean): object {
  const additional = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(object)) {
    if (item === undefined) continue;
    const property = schema.properties?.[name];
    if (isResource && name === "metadata") result[name] = isObject(item) ? metadataValue(item) : {};
    else if (isResource && (name === "apiVersion" || name === "kind")) result[name] = item;
    else if (property !== undefined) result[escapeField(name) ?? name] = celValue(item, property);
    else if (additional !== undefined) define(result, name, celValue(item, additional));
    else if (keepsUnknown) define(result, name, plainCelValue(item));
  }
  return result;
}

/** Rules see only the two fields of the metadata that can never change. */
function metadataValue(metadata: JsonObject): object {
  return Object.fromEntries(["name", "generateName"].flatMap((field) => (metadata[field] === undefined ? [] : [[field, metadata[field]]])));
}

function stringValue(value: string, schema: JsonSchema): unknown {
  const format = schema.format;
  if (format === "date-time" || format === "date") {
    const time = Date.parse(value);
    return Number.isNaN(time) ? value : new Date(time);
  }
  return format === "byte" ? new Uint8Array(Buffer.from(value, "base64")) : value;
}

/** A JSON value without a schema: whole numbers are integers. Reserved names can be written both ways. */
export function plainCelValue(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(plainCelValue);
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (!isObject(value)) return value ?? null;
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const converted = plainCelValue(item);
    define(result, name, converted);
    const escaped = escapeField(name) ?? name;
    // Not enumerable, so that the size and the keys of a map stay what they are.
    if (escaped !== name) Object.defineProperty(result, escaped, { value: converted, enumerable: false });
  }
  return result;
}

function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
