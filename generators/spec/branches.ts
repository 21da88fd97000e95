import ts from "../typescript.cjs";
import type { Schema, ValidationRule } from "../model/index.ts";
import { celName } from "./cel-names.ts";
import { docOf } from "./docs.ts";
import { isOfTheLanguage, lookUp } from "./hints.ts";
import { isDocumentation } from "./markers/names.ts";
import { fieldsSchema } from "./objects.ts";
import { isObjectType, type Reading, type Use } from "./reading.ts";

/** One member of a discriminated union: the values of the discriminator that mean it, and its schema. */
interface Branch {
  readonly values: readonly string[];
  readonly schema: Schema;
}

/**
 * A discriminated union of objects, such as `{ type: "file"; path: string } | { type: "url"; url: string }`. A structural schema has
 * one set of fields, so it is all fields of all branches, with CEL rules for which of them a branch needs and which belong to others.
 *
 * @returns undefined when the types are no such union; problems of one that is are reported
 */
export function branchesSchema(reading: Reading, parts: readonly ts.Type[], use: Use): Schema | undefined {
  const { checker } = reading;
  if (parts.length < 2 || !parts.every((part) => isPlainObject(checker, part))) return undefined;
  const discriminator = (parts[0]?.getProperties() ?? []).map(({ name }) => name).find((name) => isDiscriminator(checker, parts, name));
  if (discriminator === undefined) return undefined;
  reportMarkers(reading, parts, use);
  const branches = inWrittenOrder(checker, parts, use).map((part) => ({
    values: valuesOf(checker, part, discriminator) ?? [],
    schema: fieldsSchema(reading, part.getProperties(), { ...use, within: [...use.within, part], cut: false }),
  }));
  return merged(reading, branches, discriminator, use);
}

function isPlainObject(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (!isObjectType(type) || checker.isArrayType(type) || checker.isTupleType(type)) return false;
  if (type.getCallSignatures().length > 0 || checker.getIndexInfosOfType(type).length > 0) return false;
  return type.getSymbol()?.declarations?.some((declaration) => isOfTheLanguage(declaration) || ts.isClassLike(declaration)) !== true;
}

/** A field that every branch requires, with texts that no other branch has. */
function isDiscriminator(checker: ts.TypeChecker, parts: readonly ts.Type[], name: string): boolean {
  const seen = new Set<string>();
  for (const part of parts) {
    const values = valuesOf(checker, part, name);
    if (values === undefined || values.some((value) => seen.has(value))) return false;
    for (const value of values) seen.add(value);
  }
  return true;
}

function valuesOf(checker: ts.TypeChecker, part: ts.Type, name: string): readonly string[] | undefined {
  const field = part.getProperty(name);
  if (field === undefined || (field.flags & ts.SymbolFlags.Optional) !== 0) return undefined;
  const type = checker.getTypeOfSymbol(field);
  const values = (type.isUnion() ? type.types : [type]).map((each) => (each.isStringLiteral() ? each.value : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** The checker's order can be changed by an unrelated file. */
function inWrittenOrder(checker: ts.TypeChecker, parts: readonly ts.Type[], use: Use): readonly ts.Type[] {
  const node = use.hint === undefined ? undefined : lookUp(checker, use.hint).hint.node;
  const written = node !== undefined && ts.isUnionTypeNode(node) ? node.types.map((each) => checker.getTypeFromTypeNode(each)) : [];
  if (parts.every((part) => written.includes(part))) return written.filter((type) => parts.includes(type));
  const place = (type: ts.Type): number => type.getSymbol()?.declarations?.[0]?.pos ?? 0;
  return parts.toSorted((a, b) => place(a) - place(b));
}

/** A marker above one branch would have to hold for all. */
function reportMarkers({ report }: Reading, parts: readonly ts.Type[], use: Use): void {
  for (const part of parts) {
    const declaration = part.getSymbol()?.declarations?.[0];
    if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) continue;
    for (const { name, spot } of docOf(declaration).tags) {
      if (isDocumentation(name)) continue;
      report.add(
        "misplaced-marker",
        spot,
        `@${name} stands on one branch of ${use.name}, and a schema has no branches`,
        "move it to the union or to a field",
      );
    }
  }
}

function merged(reading: Reading, branches: readonly Branch[], discriminator: string, use: Use): Schema {
  const properties = new Map<string, Schema>();
  for (const { schema } of branches) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const other = properties.get(name);
      if (other === undefined || name === discriminator) properties.set(name, property);
      else if (JSON.stringify(other) !== JSON.stringify(property)) {
        reading.report.add(
          "unsupported-type",
          use.spot,
          `${use.name}.${name} differs between the branches of ${use.name}, and a CRD has one schema for it`,
          "give it the same type and the same comment in all of them, or other names",
        );
      }
    }
  }
  const words = branches.flatMap(({ values }) => values);
  properties.set(discriminator, { ...properties.get(discriminator), type: "string", enum: words });
  const required = [...properties.keys()].filter((name) => branches.every(({ schema }) => schema.required?.includes(name) === true));
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required,
    "x-kubernetes-validations": [...ownRules(branches), ...rulesOf(branches, discriminator, [...properties.keys()], required)],
  };
}

/** Rules that follow from the fields of the branches; a field of several brings its rule several times. */
function ownRules(branches: readonly Branch[]): readonly ValidationRule[] {
  const rules = branches.flatMap(({ schema }) => schema["x-kubernetes-validations"] ?? []);
  return [...new Map(rules.map((each) => [each.rule, each])).values()];
}

function rulesOf(
  branches: readonly Branch[],
  discriminator: string,
  names: readonly string[],
  always: readonly string[],
): ValidationRule[] {
  const self = `self.${celName(discriminator)}`;
  const needs = branches.flatMap(({ values, schema }) => {
    const missing = (schema.required ?? []).filter((name) => !always.includes(name));
    if (missing.length === 0) return [];
    const rule = `${isNone(self, values)} || ${missing.map((name) => `has(self.${celName(name)})`).join(" && ")}`;
    return [{ rule, message: `${missing.join(", ")} must be set when ${discriminator} is ${values.join(" or ")}` }];
  });
  const belongs = names.flatMap((name) => {
    const having = branches.filter(({ schema }) => schema.properties?.[name] !== undefined);
    if (having.length === branches.length) return [];
    const values = having.flatMap((branch) => branch.values);
    const rule = `${isOne(self, values)} || !has(self.${celName(name)})`;
    return [{ rule, message: `${name} may be set only when ${discriminator} is ${values.join(" or ")}` }];
  });
  return [...needs, ...belongs];
}

function isOne(self: string, values: readonly string[]): string {
  const [only, ...others] = values;
  return others.length === 0 ? `${self} == ${JSON.stringify(only)}` : `${self} in ${JSON.stringify(values)}`;
}

function isNone(self: string, values: readonly string[]): string {
  const [only, ...others] = values;
  return others.length === 0 ? `${self} != ${JSON.stringify(only)}` : `!(${self} in ${JSON.stringify(values)})`;
}
