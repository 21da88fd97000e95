/**
 * What the API server demands of the schemas in a CRD beyond being structural: keywords that it does not support, list and map types,
 * and defaults that satisfy their own schema.
 */
import type { FieldError } from "./fielderrors.ts";
import { forbidden, invalidValue, notSupported, required } from "./fielderrors.ts";
import { isObject } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { cloneJson, equalJson } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";
import { compileSchema } from "./schema.ts";

const types = ["array", "boolean", "integer", "number", "object", "string"];
const objectFields = new Set(["metadata", "kind", "apiVersion"]);

/** Where in a schema a rule applies. */
interface Place {
  readonly root: boolean;
  readonly insideMetadata: boolean;
  /** Why a default is not allowed here. */
  readonly noDefaults: string | undefined;
}

/** Errors of a schema and all that is in it. */
export function schemaRuleErrors(
  schema: JsonSchema,
  path: string,
  place: Place = { root: true, insideMetadata: false, noDefaults: undefined },
): FieldError[] {
  const errors = keywordErrors(schema, path, place);
  const inner: Place = { ...place, root: false };
  if (schema.additionalProperties !== undefined) {
    if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== true) {
      errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
    }
    if (typeof schema.additionalProperties === "object") {
      const reason = "inside additionalProperties applying to object metadata";
      errors.push(
        ...schemaRuleErrors(
          schema.additionalProperties,
          `${path}.additionalProperties`,
          place.insideMetadata ? { ...inner, noDefaults: reason } : inner,
        ),
      );
    }
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const meta = (place.root || schema["x-kubernetes-embedded-resource"] === true) && objectFields.has(name);
    const below = meta ? { ...inner, insideMetadata: true, noDefaults: place.root ? `in top-level ${name}` : place.noDefaults } : inner;
    errors.push(...schemaRuleErrors(property, `${path}.properties[${name}]`, below));
  }
  if (schema.not) errors.push(...schemaRuleErrors(schema.not, `${path}.not`, inner));
  for (const list of ["allOf", "oneOf", "anyOf"] as const) {
    for (const [index, branch] of (schema[list] ?? []).entries())
      errors.push(...schemaRuleErrors(branch, `${path}.${list}[${index}]`, inner));
  }
  if (schema.items && !Array.isArray(schema.items)) errors.push(...schemaRuleErrors(schema.items, `${path}.items`, inner));
  return [...errors, ...mapAndListErrors(schema, path)];
}

/** Keywords of JSON Schema that CRDs must not use. */
const unsupported = ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

function keywordErrors(schema: JsonSchema, path: string, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema.type ?? "";
  if (type !== "" && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types));
  if (schema.default !== undefined && place.noDefaults !== undefined)
    errors.push(forbidden(`${path}.default`, `must not be set ${place.noDefaults}`));
  const fields = schema as Readonly<Record<string, unknown>>;
  for (const keyword of unsupported)
    if (fields[keyword] !== undefined) errors.push(forbidden(`${path}.${keyword}`, `${keyword} is not supported`));
  if (type === "null") errors.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  if (Array.isArray(schema.items)) errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  if (place.insideMetadata && schema["x-kubernetes-embedded-resource"] === true) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  }
  if (schema.uniqueItems === true)
    errors.push(forbidden(`${path}.uniqueItems`, "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
  return errors;
}

function mapAndListErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const wrongType = (wanted: string, keyword: string): FieldError => {
    const message = `must be ${wanted} if ${keyword} is specified`;
    const type = schema.type ?? "";
    return type === "" ? required(`${path}.type`, message) : invalidValue(`${path}.type`, type, message);
  };
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType !== undefined && schema.type !== "object") errors.push(wrongType("object", "x-kubernetes-map-type"));
  if (mapType !== undefined && mapType !== "atomic" && mapType !== "granular")
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  const listType = schema["x-kubernetes-list-type"];
  if (listType !== undefined && schema.type !== "array") errors.push(wrongType("array", "x-kubernetes-list-type"));
  else if (listType === "set" && schema.items) errors.push(...setItemErrors(schema.items, path));
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType))
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ["atomic", "set", "map"]));
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (keys.length > 0 && listType !== "map") {
    const message = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(
      listType === undefined
        ? required(`${path}.x-kubernetes-list-type`, message)
        : invalidValue(`${path}.x-kubernetes-list-type`, listType, message),
    );
  }
  if (listType === "map") errors.push(...keyErrors(schema, keys, path));
  return [...errors, ...keyPropertyErrors(schema, listType, keys, path)];
}

function setItemErrors(items: JsonSchema, path: string): FieldError[] {
  const message = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const listType = items["x-kubernetes-list-type"];
  if (items.type === "array" && listType !== undefined && listType !== "atomic")
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, message)];
  if (items.type === "object" && items["x-kubernetes-map-type"] !== "atomic")
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, listType ?? null, message)];
  return [];
}

function keyErrors(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (keys.length === 0) errors.push(required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"));
  const items = schema.items;
  if (!items) return [...errors, required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map")];
  if (items.type !== "object")
    return [
      ...errors,
      invalidValue(`${path}.items.type`, items.type ?? "", "must be object if parent array's x-kubernetes-list-type is map"),
    ];
  const seen = new Set<string>();
  for (const key of keys) {
    const type = items.properties?.[key]?.type;
    if (!items.properties?.[key])
      errors.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, [...keys], "entries must all be names of item properties"));
    else if (type === "array" || type === "object") {
      errors.push(
        invalidValue(
          `${path}.items.properties[${key}].type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    }
    if (seen.has(key)) errors.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, [...keys], "must not contain duplicate entries"));
    seen.add(key);
  }
  return errors;
}

function keyPropertyErrors(schema: JsonSchema, listType: string | undefined, keys: readonly string[], path: string): FieldError[] {
  const items = schema.items;
  if (!items || (listType !== "set" && listType !== "map")) return [];
  const errors =
    items.nullable === true ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)] : [];
  if (listType === "set") return errors;
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const place = `${path}.items.properties[${key}]`;
    if (items.required?.includes(key) !== true && property.default === undefined) {
      errors.push(
        required(`${place}.default`, "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"),
      );
    }
    if (property.nullable === true)
      errors.push(forbidden(`${place}.nullable`, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
  }
  return errors;
}

/** True when a schema or anything in it uses a keyword that CRDs must not use. */
export function hasUnsupported(schema: JsonSchema): boolean {
  const fields = schema as Readonly<Record<string, unknown>>;
  if (unsupported.some((keyword) => fields[keyword] !== undefined) || Array.isArray(schema.items)) return true;
  const nested = [
    schema.items,
    schema.not,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...Object.values(schema.properties ?? {}),
  ];
  const additional = typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
  return [...nested, ...additional].some((inner) => inner !== undefined && hasUnsupported(inner));
}

/** Defaults that their own schema does not accept, or would prune. `root`: the schema is of a whole object. */
export function defaultErrors(schema: JsonSchema, path: string, root = false): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.default !== undefined && schema.default !== null)
    errors.push(...ownDefaultErrors(schema, schema.default, `${path}.default`, root));
  if (schema.items) errors.push(...defaultErrors(schema.items, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...defaultErrors(property, `${path}.properties[${name}]`));
  return errors;
}

function ownDefaultErrors(schema: JsonSchema, value: JsonValue, path: string, root: boolean): FieldError[] {
  const embedded = root || schema["x-kubernetes-embedded-resource"] === true;
  const pruned = cloneJson(value);
  const compiled = compileSchema(schema);
  compiled.prune(pruned, { root: embedded });
  const errors = equalJson(pruned, value) ? [] : [invalidValue(path, value, "must not have unknown fields")];
  if (embedded && isObject(value)) {
    for (const field of ["apiVersion", "kind"]) if (value[field] === undefined) errors.push(required(`${path}.${field}`));
    if (errors.length > 0) return errors;
  }
  return [...errors, ...compiled.validate(value, { path })];
}
