/**
 * Defaults of a structural schema, filled in place, after nulls that the schema does not want have gone.
 */
import type { JsonObject, JsonValue } from "./json.ts";
import { cloneJson, isObject, setField } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";

/** Drops nulls that are neither nullable nor to be replaced by a default. */
export function dropNulls(value: JsonValue, schema: JsonSchema | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, schema?.items);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const field = value[key];
      const own = fieldSchema(schema, key);
      if (field === null && own && own.nullable !== true && own.default === undefined) Reflect.deleteProperty(value, key);
      else if (field !== undefined) dropNulls(field, own);
    }
  }
}

/** Fills defaults, from the outside inwards, so that a default object gets the defaults of its own fields. */
export function fillDefaults(value: JsonValue, schema: JsonSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    const items = schema.items;
    if (!items) return;
    for (const [index, item] of value.entries()) {
      const filled = item === null && items.nullable !== true && items.default !== undefined ? cloneJson(items.default) : item;
      value[index] = filled;
      fillDefaults(filled, items);
    }
  } else if (isObject(value)) {
    fillObject(value, schema);
  }
}

function fillObject(value: JsonObject, schema: JsonSchema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined) continue;
    const field = value[name];
    if (field === undefined || (field === null && property.nullable !== true)) setField(value, name, cloneJson(property.default));
  }
  for (const key of Object.keys(value)) {
    const own = fieldSchema(schema, key);
    if (!own) continue;
    if (value[key] === null && own.nullable !== true && own.default !== undefined) setField(value, key, cloneJson(own.default));
    const field = value[key];
    if (field !== undefined) fillDefaults(field, own);
  }
}

/** The schema of a field: its property, else that of additional properties. */
export function fieldSchema(schema: JsonSchema | undefined, field: string): JsonSchema | undefined {
  if (!schema) return undefined;
  if (schema.properties && Object.hasOwn(schema.properties, field)) return schema.properties[field];
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}
