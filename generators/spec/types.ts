import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { interfaceSchema } from "./builtin/index.ts";
import { docOf, type Doc } from "./docs.ts";
import { elementHint, lookUp, type Hint } from "./hints.ts";
import { applyMarkers } from "./markers/apply.ts";
import { objectSchema } from "./objects.ts";
import { isOfApi, isOfKubernetesModels, isReference, isTuple, type Reading, type Use } from "./reading.ts";
import { literalsOf, unionSchema } from "./unions.ts";
import { refuse, refuseRecursion } from "./unsupported.ts";
import { brandSchema, intOrStringSchema, nameSchema, nullableSchema } from "./well-known.ts";

/**
 * The schema of a type where it is used: its structure from the checker, then the comments and markers of its names, innermost
 * first, then those of the field itself. A field of a built-in type comes with its schema (`builtin`). What cannot be said in a schema is reported, and an empty schema stands in for it.
 */
export function schemaOf(reading: Reading, type: ts.Type, use: Use, field?: Doc, builtin?: Schema): Schema {
  const named = use.hint === undefined ? undefined : lookUp(reading.checker, use.hint);
  const names = named?.names ?? [];
  const docs = [...(field === undefined ? [] : [field]), ...names.filter((name) => !isFormatName(name)).map((name) => docOf(name))];
  const has = (marker: string): boolean => docs.some(({ tags }) => tags.some((tag) => tag.name === marker));

  const { parts, nullable } = withoutNullish(type);
  const inner: Use = { ...use, hint: named?.hint ?? use.hint, cut: use.cut || has("preserveUnknownFields") };
  const structure =
    nameSchema(names) ??
    interfaceSchema(names) ??
    builtin ??
    (has("intOrString") ? textOrNumber(reading, parts, inner) : undefined) ??
    structureOf(reading, type, parts, inner, names);
  const described = docs.find(({ description }) => description !== "")?.description;
  const schema: Schema = {
    ...(nullable ? withNull(reading, structure, use) : structure),
    ...(described === undefined ? {} : { description: described }),
  };
  return applyMarkers(reading, schema, names, field, use);
}

function structureOf(reading: Reading, type: ts.Type, parts: readonly ts.Type[], use: Use, names: readonly ts.Declaration[]): Schema {
  const [only, ...others] = parts;
  if (only === undefined) return refuse(reading, type, use);
  const brand = brandSchema(parts);
  if (brand !== undefined) return brand;
  if (others.length > 0) return unionSchema(reading, type, parts, use);
  return singleSchema(reading, only, use, names);
}

function singleSchema(reading: Reading, type: ts.Type, use: Use, names: readonly ts.Declaration[]): Schema {
  const { flags } = type;
  if ((flags & ts.TypeFlags.Any) !== 0) return refuse(reading, type, use);
  if ((flags & ts.TypeFlags.Unknown) !== 0) return { "x-kubernetes-preserve-unknown-fields": true };
  if ((flags & ts.TypeFlags.NonPrimitive) !== 0) return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  if ((flags & ts.TypeFlags.String) !== 0) return { type: "string" };
  if ((flags & ts.TypeFlags.Number) !== 0) return { type: isWholeNumber(use.hint, names) ? "integer" : "number" };
  if ((flags & ts.TypeFlags.Boolean) !== 0) return { type: "boolean" };
  if ((flags & ts.TypeFlags.BigIntLike) !== 0) return refuse(reading, type, use);
  if (type.isLiteral() || (flags & ts.TypeFlags.BooleanLiteral) !== 0) return unionSchema(reading, type, [type], use);
  if (reading.checker.isArrayType(type)) return arraySchema(reading, type, use);
  if (isTuple(type)) return tupleSchema(reading, type, use);
  if ((flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0) return objectSchema(reading, type, use);
  return refuse(reading, type, use);
}

function withNull(reading: Reading, schema: Schema, use: Use): Schema {
  const result = nullableSchema(schema);
  if (result !== undefined) return result;
  reading.report.add(
    "unsupported-type",
    use.spot,
    `${use.name} is null or one of some values, and API servers refuse null for an enum`,
    "write ? after the field's name instead of null",
  );
  return schema;
}

/** Names such as Int32, Quantity or IIntOrString, whose comment says what the format is, not what a field is for. */
function isFormatName(name: ts.Declaration): boolean {
  return ts.isTypeAliasDeclaration(name) && (isOfApi(name) || isOfKubernetesModels(name));
}

/** kubernetes-models writes `number` for what is `integer` in nearly every schema of Kubernetes. */
function isWholeNumber(hint: Hint | undefined, names: readonly ts.Declaration[]): boolean {
  return [...names, ...(hint === undefined ? [] : [hint.node])].some((node) => isOfKubernetesModels(node));
}

function arraySchema(reading: Reading, type: ts.Type, use: Use): Schema {
  // A list of itself (type T = T[]) has the same type at every level.
  if (use.within.includes(type)) return refuseRecursion(reading, type, use);
  const item = isReference(type) ? reading.checker.getTypeArguments(type)[0] : undefined;
  if (item === undefined) return refuse(reading, type, use);
  return { type: "array", items: itemSchema(reading, item, { ...use, within: [...use.within, type] }) };
}

/** A tuple of one type is an array of a fixed or bounded length; a mixed one is not structural. */
function tupleSchema(reading: Reading, type: ts.TupleTypeReference, use: Use): Schema {
  const items = reading.checker.getTypeArguments(type);
  const first = items[0];
  if (first === undefined || items.some((item) => !isSame(item, first))) return refuse(reading, type, use);
  const { elementFlags, minLength } = type.target;
  const open = elementFlags.some((flag) => (flag & ts.ElementFlags.Variable) !== 0);
  return { type: "array", items: itemSchema(reading, first, use), minItems: minLength, ...(open ? {} : { maxItems: items.length }) };
}

/** An optional place in a tuple has undefined in its type. */
function isSame(a: ts.Type, b: ts.Type): boolean {
  const [left, right] = [withoutNullish(a), withoutNullish(b)];
  return (
    left.nullable === right.nullable && left.parts.length === right.parts.length && left.parts.every((part) => right.parts.includes(part))
  );
}

function itemSchema(reading: Reading, item: ts.Type, use: Use): Schema {
  return schemaOf(reading, item, { ...use, name: `${use.name}[]`, hint: use.hint && elementHint(reading.checker, use.hint) });
}

/** The parts of a union but undefined (an optional field) and null (a nullable one). */
function withoutNullish(type: ts.Type): { parts: readonly ts.Type[]; nullable: boolean } {
  if ((type.flags & ts.TypeFlags.Boolean) !== 0 || !type.isUnion()) {
    const nullish = (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void)) !== 0;
    return { parts: nullish ? [] : [type], nullable: false };
  }
  const parts = type.types.filter(({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0);
  return { parts, nullable: type.types.some(({ flags }) => (flags & ts.TypeFlags.Null) !== 0) };
}

/** `string | number`, or some values of both sorts. */
function textOrNumber(reading: Reading, parts: readonly ts.Type[], use: Use): Schema | undefined {
  const primitive = ts.TypeFlags.String | ts.TypeFlags.Number;
  if (parts.length === 2 && parts.every(({ flags }) => (flags & primitive) !== 0)) return intOrStringSchema;
  const values = literalsOf(reading.checker, parts, use.hint);
  if (values?.every((value) => typeof value === "string" || Number.isInteger(value)) !== true) return undefined;
  return { ...intOrStringSchema, enum: values };
}
