import type { JsonSchema } from "../schema/index.ts";
import * as types from "./check/types.ts";
import type { Type } from "./check/types.ts";

/** What rules see of a schema: its type, and how large values can be. */
export interface SchemaType {
  readonly type: Type;
  /** Fields of an object by their escaped names. */
  readonly fields: ReadonlyMap<string, SchemaType>;
  readonly key?: SchemaType;
  readonly item?: SchemaType;
  /** Letters of a string, items of a list or entries of a map at most; 0 for what has no size. */
  readonly maxElements: number;
  /** Bytes that a value takes in JSON at least. */
  readonly minSize: number;
}

/** An API server takes no larger request, in bytes. */
export const MAX_REQUEST = 3 * 1024 * 1024;

const NO_FIELDS: ReadonlyMap<string, SchemaType> = new Map();
const scalar = (type: Type, minSize: number, maxElements = 0): SchemaType => ({ type, fields: NO_FIELDS, minSize, maxElements });
const KEY = scalar(types.STRING, 2);
const TEXT: JsonSchema = { type: "string" };
const IDENTITY: Readonly<Record<string, JsonSchema>> = {
  apiVersion: TEXT,
  kind: TEXT,
  metadata: { type: "object", properties: { name: TEXT, generateName: TEXT } },
};

/**
 * The type that rules see of a schema; none when they do not see it at all (unknown fields are preserved and there is no type).
 *
 * @param name of the type, which types of fields are named after in errors
 * @param isResource it is the root of an object or an embedded resource: the names in its metadata are seen, whatever the schema says
 */
export function schemaType(schema: JsonSchema, name: string, isResource: boolean): SchemaType | undefined {
  if (schema["x-kubernetes-int-or-string"] === true)
    return scalar(types.DYN, 1, schema.maxLength === undefined ? MAX_REQUEST - 2 : longest(schema));
  switch (schema.type) {
    case "array":
      return listType(schema, name);
    case "object":
      return typeof schema.additionalProperties === "object" ? mapType(schema, name) : objectType(schema, name, isResource);
    case "string":
      return stringType(schema);
    case "boolean":
      return scalar(types.BOOL, 4);
    case "number":
      return scalar(types.DOUBLE, 1);
    case "integer":
      return scalar(types.INT, 1);
    default:
      return undefined;
  }
}

function listType({ items, maxItems }: JsonSchema, name: string): SchemaType | undefined {
  const item = items && schemaType(items, `${name}.@idx`, isEmbedded(items));
  if (item === undefined) return undefined;
  const most = maxItems === undefined ? Math.floor((MAX_REQUEST - 2) / (item.minSize + 1)) : Math.max(maxItems, 0);
  return { type: types.listOf(item.type), fields: NO_FIELDS, item, maxElements: most, minSize: 2 };
}

function mapType({ additionalProperties, maxProperties }: JsonSchema, name: string): SchemaType | undefined {
  if (typeof additionalProperties !== "object") return undefined;
  const item = schemaType(additionalProperties, `${name}.@elem`, isEmbedded(additionalProperties));
  if (item === undefined) return undefined;
  // An entry has quotes, a colon, a comma and a key of two letters at least.
  const most = maxProperties === undefined ? Math.floor((MAX_REQUEST - 2) / (item.minSize + 6)) : Math.max(maxProperties, 0);
  return { type: types.mapOf(types.STRING, item.type), fields: NO_FIELDS, key: KEY, item, maxElements: most, minSize: 2 };
}

function objectType(schema: JsonSchema, name: string, isResource: boolean): SchemaType {
  const properties = { ...schema.properties, ...(isResource && !hasIdentity(schema) ? IDENTITY : {}) };
  const fields = new Map<string, SchemaType>();
  let minSize = 2;
  for (const [property, child] of Object.entries(properties)) {
    const escaped = escapeField(property);
    const field = schemaType(child, `${name}.${escaped ?? property}`, isEmbedded(child));
    if (field === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, field);
    const defaulted = child.default !== undefined && child.default !== null;
    if (schema.required?.includes(property) === true && !defaulted) minSize += Buffer.byteLength(property) + field.minSize + 4;
  }
  return { type: types.struct(name), fields, maxElements: 0, minSize };
}

function hasIdentity({ properties = {} }: JsonSchema): boolean {
  const metadata = properties["metadata"];
  const texts = [properties["kind"], properties["apiVersion"], metadata?.properties?.["name"], metadata?.properties?.["generateName"]];
  return metadata?.type === "object" && texts.every((each) => each?.type === "string");
}

function isEmbedded(schema: JsonSchema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

function stringType(schema: JsonSchema): SchemaType {
  switch (schema.format) {
    case "byte":
      return scalar(types.BYTES, 2, schema.maxLength === undefined ? MAX_REQUEST - 2 : Math.max(schema.maxLength, 0));
    case "duration":
      return scalar(types.DURATION, 3, 32);
    case "date":
      return scalar(types.TIMESTAMP, 12, 12);
    case "date-time":
      return scalar(types.TIMESTAMP, 21, 32);
  }
  if (schema.maxLength !== undefined) return scalar(types.STRING, 2, longest(schema));
  const choices = (schema.enum ?? []).map((choice) => (typeof choice === "string" ? Buffer.byteLength(choice) : 0));
  return scalar(types.STRING, 2, choices.length > 0 ? Math.max(...choices) : MAX_REQUEST - 2);
}

/** `maxLength` counts code points, of which one takes up to four bytes. */
function longest({ maxLength = 0 }: JsonSchema): number {
  return Math.max(maxLength, 0) * 4;
}

const RESERVED: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const ESCAPES: Readonly<Record<string, string>> = { __: "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__" };

/** A field's name as rules write it (KEP-2876, "escaping"); none when they cannot write it. */
export function escapeField(name: string): string | undefined {
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replaceAll(/__|[./-]/g, (each) => ESCAPES[each] ?? each);
}

/** All objects in a type by the names of their types. */
export function structsOf(type: SchemaType, found = new Map<string, SchemaType>()): ReadonlyMap<string, SchemaType> {
  if (type.type.kind === "struct") found.set(type.type.name, type);
  for (const inner of [...type.fields.values(), type.item]) if (inner !== undefined) structsOf(inner, found);
  return found;
}
