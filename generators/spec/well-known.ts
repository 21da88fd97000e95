import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { isOfKubernetesModels } from "./reading.ts";

/** The quantity grammar of k8s.io/apimachinery/pkg/api/resource, as CRDs carry it. */
const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

const intOrString: Schema = { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };
const quantity: Schema = { ...intOrString, pattern: quantityPattern };
const dateTime: Schema = { type: "string", format: "date-time" };

/** By the property that brands each type of `@kubescaffold/runtime/api`. */
const branded: ReadonlyMap<string, Schema> = new Map([
  ["__int32", { type: "integer", format: "int32" }],
  ["__int64", { type: "integer", format: "int64" }],
  ["__float", { type: "number", format: "float" }],
  ["__double", { type: "number", format: "double" }],
  ["__quantity", quantity],
  ["__duration", { type: "string" }],
  ["__intOrString", intOrString],
  ["__base64", { type: "string", format: "byte" }],
  ["__dateTime", dateTime],
]);

/** By the name of the alias or interface in kubernetes-models, whose structure does not say what it is. */
const ofKubernetesModels: ReadonlyMap<string, Schema> = new Map([
  ["IQuantity", quantity],
  ["IIntOrString", intOrString],
  ["ITime", dateTime],
  ["IMicroTime", dateTime],
  ["IRawExtension", { type: "object", "x-kubernetes-preserve-unknown-fields": true }],
  ["IFieldsV1", { type: "object", "x-kubernetes-preserve-unknown-fields": true }],
  ["IJSON", { "x-kubernetes-preserve-unknown-fields": true }],
]);

/** The schema of `string | number` under `@intOrString`. */
export const intOrStringSchema = intOrString;

/** The schema of a branded type, all of whose parts carry the same brand. */
export function brandSchema(parts: readonly ts.Type[]): Schema | undefined {
  const brands = new Set(parts.map(brandOf));
  const [only] = brands;
  return brands.size === 1 && only !== undefined ? branded.get(only) : undefined;
}

function brandOf(type: ts.Type): string | undefined {
  return type.isIntersection()
    ? type.types.flatMap((part) => part.getProperties().map(({ name }) => name)).find((name) => branded.has(name))
    : undefined;
}

/** The schema that one of the names of a type stands for. */
export function nameSchema(names: readonly ts.Declaration[]): Schema | undefined {
  for (const declaration of names) {
    const name = ts.isTypeAliasDeclaration(declaration) || ts.isInterfaceDeclaration(declaration) ? declaration.name.text : undefined;
    const schema = name === undefined || !isOfKubernetesModels(declaration) ? undefined : ofKubernetesModels.get(name);
    if (schema !== undefined) return schema;
  }
  return undefined;
}

/**
 * The schema for null or what a schema describes. API servers hold null against an enum, even one with null in it, so a choice of
 * texts becomes a pattern; undefined where there is no such way.
 */
export function nullableSchema(schema: Schema): Schema | undefined {
  const { enum: values, ...rest } = schema;
  if (values === undefined) return { ...schema, nullable: true };
  if (!values.every((value) => typeof value === "string")) return undefined;
  const words = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return { ...rest, nullable: true, pattern: `^(?:${words.join("|")})$` };
}
