import type { Schema } from "../model/index.ts";
import { literalsOf } from "./markers.ts";

/** The quantity grammar of k8s.io/apimachinery/pkg/api/resource, as CRDs carry it: the type Quantity. */
const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";
const intOrString: Schema = { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };

/** Names of `@kubescaffold/runtime/api`. */
export type ApiName = "Base64" | "DateTime" | "Double" | "Float" | "Int32" | "Int64" | "IntOrString" | "Quantity";

/** Which TypeScript type stands for a schema. */
export type Shape =
  | { readonly sort: "api"; readonly name: ApiName }
  | { readonly sort: "plain"; readonly name: "string" | "number" | "boolean" | "unknown" | "object" | "{}" }
  | { readonly sort: "literals" | "fields" | "list" | "map" };

/** The shape of a schema, and the schema that the spec reader makes of that shape: the rest is for markers to say. */
export function shapeOf(schema: Schema): { readonly shape: Shape; readonly base: Schema } {
  const { shape, base } = notNullable(schema);
  // A choice of literals and null would be read as a pattern, and `unknown | null` is unknown.
  const byUnion = schema.nullable === true && schema.enum === undefined && !(shape.sort === "plain" && shape.name === "unknown");
  return { shape, base: byUnion ? { ...base, nullable: true } : base };
}

function notNullable(schema: Schema): { shape: Shape; base: Schema } {
  const { type, format, items, additionalProperties, enum: values } = schema;
  if (schema["x-kubernetes-int-or-string"] === true) {
    const quantity = schema.pattern === quantityPattern;
    return {
      shape: { sort: "api", name: quantity ? "Quantity" : "IntOrString" },
      base: quantity ? { ...intOrString, pattern: quantityPattern } : intOrString,
    };
  }
  const literals = literalsOf(schema);
  if (literals !== undefined) {
    const whole = literals.every((value) => Number.isInteger(value));
    return {
      shape: { sort: "literals" },
      base: { type: type === "number" && whole ? "integer" : type === "integer" && !whole ? "number" : (type ?? "string"), enum: literals },
    };
  }
  const api = values === undefined ? formats.find((each) => each.type === type && each.format === format) : undefined;
  if (api !== undefined) return { shape: { sort: "api", name: api.name }, base: { type: api.type, format: api.format } };
  switch (type) {
    case "string":
    case "boolean":
      return { shape: { sort: "plain", name: type }, base: { type } };
    case "integer":
    case "number":
      return { shape: { sort: "plain", name: "number" }, base: { type: "number" } };
    case "array":
      return { shape: { sort: "list" }, base: { type, items: items ?? { "x-kubernetes-preserve-unknown-fields": true } } };
    case "object":
      if (schema.properties !== undefined) return { shape: { sort: "fields" }, base: fieldsBase(schema) };
      if (typeof additionalProperties === "object") return { shape: { sort: "map" }, base: { type, additionalProperties } };
      if (schema["x-kubernetes-preserve-unknown-fields"] === true || additionalProperties === true)
        return { shape: { sort: "plain", name: "object" }, base: { type, "x-kubernetes-preserve-unknown-fields": true } };
      return { shape: { sort: "plain", name: "{}" }, base: { type } };
    default:
      return { shape: { sort: "plain", name: "unknown" }, base: { "x-kubernetes-preserve-unknown-fields": true } };
  }
}

/** The part of a schema that an interface says by itself. */
export function fieldsBase({ properties = {}, required = [] }: Schema): Schema {
  const asked = required.filter((name) => Object.hasOwn(properties, name) && isAsked(name, { properties, required }));
  return { type: "object", properties, ...(asked.length === 0 ? {} : { required: asked }) };
}

/** Whether a field must be written: one that is required and has a default may be left out, as the API server fills it in before it looks. */
export function isAsked(name: string, { properties = {}, required = [] }: Schema): boolean {
  return required.includes(name) && (!Object.hasOwn(properties, name) || properties[name]?.default === undefined);
}

const formats = [
  { type: "integer", format: "int32", name: "Int32" },
  { type: "integer", format: "int64", name: "Int64" },
  { type: "number", format: "float", name: "Float" },
  { type: "number", format: "double", name: "Double" },
  { type: "string", format: "byte", name: "Base64" },
  { type: "string", format: "date-time", name: "DateTime" },
] as const;
