import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { fieldOfInterface } from "./builtin/index.ts";
import { docOf, type Doc } from "./docs.ts";
import { elementHint, isOfTheLanguage, lookUp, memberArguments, noArguments, type Hint } from "./hints.ts";
import { immutableRules, type Removable } from "./immutable.ts";
import { isObjectType, isOwn, type Reading, type Use } from "./reading.ts";
import { spotOf } from "./report.ts";
import { schemaOf } from "./types.ts";
import { refuse, refuseDepth, refuseRecursion } from "./unsupported.ts";

/** A generic type that grows at every level (`Grow<T[]>` within `Grow<T>`) is another type each time, and would not end. */
const maxSameName = 8;
/** Levels of objects and lists within each other. */
const maxDepth = 100;

/** An interface, a type literal, an intersection, a mapped type: its fields, or the type of its values for a map. */
export function objectSchema(reading: Reading, type: ts.Type, use: Use): Schema {
  if (isNoData(reading.checker, type)) return refuse(reading, type, use);
  const isDeep = use.within.length > maxDepth;
  if (isDeep || isWithinItself(type, use.within)) {
    if (use.cut) return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    return isDeep ? refuseDepth(reading, use, maxDepth) : refuseRecursion(reading, type, use);
  }
  const inside: Use = { ...use, within: [...use.within, type], cut: false };
  const index = reading.checker.getIndexInfosOfType(type);
  const fields = orderedFields(type);
  const values = index[0];
  if (values === undefined) return fieldsSchema(reading, fields, inside);
  return mapSchema(reading, type, index, inside);
}

function isWithinItself(type: ts.Type, within: readonly ts.Type[]): boolean {
  if (within.includes(type)) return true;
  const symbol = type.getSymbol();
  return symbol !== undefined && within.filter((each) => each.symbol === symbol).length > maxSameName;
}

/** The checker lists the fields of mapped types (Pick, Record) in an order that an unrelated file can change. */
function orderedFields(type: ts.Type): readonly ts.Symbol[] {
  const fields = type.getProperties();
  const parts = type.isIntersection() ? type.types : [type];
  const isMapped = parts.some((part) => isObjectType(part) && (part.objectFlags & ts.ObjectFlags.Mapped) !== 0);
  if (!isMapped) return fields;
  const place = ({ declarations }: ts.Symbol): number => declarations?.[0]?.pos ?? -1;
  return [...fields].sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** Methods of the generated class, beside which a kind cannot have fields of that name. */
const ofModels = new Set(["toJSON", "validate", "setDefinedProps"]);

/** The fields of an object as `properties` and `required`. */
export function fieldsSchema(reading: Reading, fields: readonly ts.Symbol[], use: Use): Schema {
  const known = use.hint === undefined ? noArguments : memberArguments(reading.checker, use.hint);
  const properties: [string, Schema][] = [];
  const required: string[] = [];
  const removable: Removable[] = [];
  for (const field of fields) {
    const read = fieldSchema(reading, field, use, known);
    if (read === undefined) continue;
    properties.push([field.name, read.schema]);
    if (!read.optional) required.push(field.name);
    removable.push({ name: field.name, ...read });
  }
  const rules = immutableRules(removable);
  return {
    type: "object",
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
    ...(rules.length === 0 ? {} : { "x-kubernetes-validations": rules }),
  };
}

/** One field, or undefined where it was reported and left out. */
export function fieldSchema(
  reading: Reading,
  field: ts.Symbol,
  use: Use,
  known: ReadonlyMap<ts.Symbol, Hint>,
): { readonly schema: Schema; readonly optional: boolean; readonly immutable: boolean } | undefined {
  const declarations = field.declarations ?? [];
  const declaration = declarations[0];
  const spot = declaration === undefined ? use.spot : spotOf(declaration);
  if (
    field.name.startsWith("__@") ||
    field.name in Object.prototype ||
    !field.name.isWellFormed() ||
    (use.name === "" && ofModels.has(field.name))
  ) {
    const owner = use.name === "" ? "the kind" : use.name;
    const name = field.name.startsWith("__@")
      ? "a symbol as its name"
      : !field.name.isWellFormed()
        ? `half of a character in its name, ${field.name.toWellFormed()}`
        : `the name ${field.name}, which objects have for something else`;
    reading.report.add("bad-name", spot, `a field of ${owner} has ${name}`, "give it another name");
    return undefined;
  }
  for (const each of declarations) if (isOwn(each.getSourceFile())) reading.visited.add(each.getSourceFile());
  const type = reading.checker.getTypeOfSymbol(field);
  const node = declaration !== undefined && ts.isPropertySignature(declaration) ? declaration.type : undefined;
  const optional = (field.flags & ts.SymbolFlags.Optional) !== 0 || mayBeUndefined(type);
  const doc = withoutAgreement(fieldDoc(declarations), optional);
  const name = use.name === "" ? field.name : `${use.name}.${field.name}`;
  const hint = node === undefined ? undefined : { node, arguments: known };
  const schema = schemaOf(reading, type, { ...use, spot, name, hint }, doc, fieldOfInterface(declaration));
  return { schema, optional, immutable: isImmutable(reading, doc, hint) };
}

/** `@immutable` on the field, or on one of the names of its type. */
function isImmutable({ checker }: Reading, doc: Doc | undefined, hint: Hint | undefined): boolean {
  const names = hint === undefined ? [] : lookUp(checker, hint).names;
  return [...(doc === undefined ? [] : [doc]), ...names.map((name) => docOf(name))].some(({ tags }) =>
    tags.some(({ name }) => name === "immutable"),
  );
}

/** `+optional` and `+required`, as Go needs them, say here what the `?` says; where they contradict it, they are reported as unknown. */
function withoutAgreement(doc: Doc | undefined, optional: boolean): Doc | undefined {
  const agreeing = optional ? "optional" : "required";
  return doc?.tags.some(({ name }) => name === agreeing) === true
    ? { ...doc, tags: doc.tags.filter(({ name }) => name !== agreeing) }
    : doc;
}

/** A field that an intersection names twice has the first comment that says anything. */
function fieldDoc(declarations: readonly ts.Declaration[]): Doc | undefined {
  const docs = declarations.filter((each) => !isOfTheLanguage(each)).map((each) => docOf(each));
  return docs.find(({ description, tags }) => description !== "" || tags.length > 0);
}

function mapSchema(reading: Reading, type: ts.Type, index: readonly ts.IndexInfo[], use: Use): Schema {
  const [only, ...others] = index;
  if (only === undefined || others.length > 0 || (only.keyType.flags & ts.TypeFlags.String) === 0) {
    reading.report.add("unsupported-type", use.spot, `${use.name} is a map whose keys are not plain strings`, "write Record<string, …>");
    return {};
  }
  if (type.getProperties().length > 0) {
    reading.report.add(
      "unsupported-type",
      use.spot,
      `${use.name} has named fields and further keys at once, which is not structural`,
      "put the map into a field of its own, or use @preserveUnknownFields instead of the index signature",
    );
    return {};
  }
  const hint = use.hint && elementHint(reading.checker, use.hint);
  const values = schemaOf(reading, only.type, { ...use, name: `${use.name}.*`, hint });
  return { type: "object", additionalProperties: values };
}

/** Functions, classes and the language's own objects (Date, Map, …). */
function isNoData(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return true;
  const parts = type.isIntersection() ? type.types : [type];
  return parts.some((part) => {
    if ((part.flags & ts.TypeFlags.Object) === 0) return true;
    const declaration = part.getSymbol()?.declarations?.[0];
    if (declaration === undefined) return false;
    const isObject = checker.isArrayType(part) || ts.isClassLike(declaration);
    return isObject || (ts.isInterfaceDeclaration(declaration) && isOfTheLanguage(declaration));
  });
}

function mayBeUndefined(type: ts.Type): boolean {
  return (
    (type.flags & ts.TypeFlags.Undefined) !== 0 ||
    (type.isUnion() && type.types.some(({ flags }) => (flags & ts.TypeFlags.Undefined) !== 0))
  );
}
