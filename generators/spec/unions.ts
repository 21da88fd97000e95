import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { branchesSchema } from "./branches.ts";
import { lookUp, type Hint } from "./hints.ts";
import type { Reading, Use } from "./reading.ts";
import { schemaOf } from "./types.ts";
import { refuse } from "./unsupported.ts";

type Scalar = string | number | boolean;

/** A union of literals of one sort as an enum; `true | false` as a boolean; objects that a field tells apart. Any other is not structural. */
export function unionSchema(reading: Reading, type: ts.Type, parts: readonly ts.Type[], use: Use): Schema {
  const values = literalsOf(reading.checker, parts, use.hint);
  if (values !== undefined) {
    const sort = sortOf(values);
    if (sort === undefined) return refuse(reading, type, use);
    if (sort === "boolean" && values.length === 2) return { type: "boolean" };
    return { type: sort, enum: values };
  }
  // `"a" | (string & {})`, by which editors offer names for an open text, is a text.
  const open = parts.find((part) => isOpenText(part));
  if (open !== undefined && parts.every((part) => part === open || part.isStringLiteral())) return { type: "string" };
  // Two spellings of the same type (an interface with itself under another name) have the same structure.
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) return schemaOf(reading, first, use);
  return branchesSchema(reading, parts, use) ?? refuse(reading, type, use);
}

/** The values of a union of literals; undefined for any other. */
export function literalsOf(checker: ts.TypeChecker, parts: readonly ts.Type[], hint: Hint | undefined): readonly Scalar[] | undefined {
  const values = parts.map((part) => literalValue(checker, part));
  return values.every((value) => value !== undefined) ? inWrittenOrder(checker, values, hint) : undefined;
}

function literalValue(checker: ts.TypeChecker, type: ts.Type): Scalar | undefined {
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if ((type.flags & ts.TypeFlags.BooleanLiteral) !== 0) return checker.typeToString(type) === "true";
  return undefined;
}

function sortOf(values: readonly Scalar[]): "string" | "integer" | "number" | "boolean" | undefined {
  if (values.every((value) => typeof value === "string")) return "string";
  if (values.every((value) => typeof value === "boolean")) return "boolean";
  if (!values.every((value) => typeof value === "number")) return undefined;
  return values.every((value) => Number.isInteger(value)) ? "integer" : "number";
}

function isOpenText(type: ts.Type): boolean {
  return type.isIntersection() && type.types.some(({ flags }) => (flags & ts.TypeFlags.String) !== 0);
}

/**
 * The checker keeps a union in the order in which it met the literals anywhere in the program, so an unrelated file could change it.
 * The order is taken from the source where it can be seen, else it is by value.
 */
function inWrittenOrder(checker: ts.TypeChecker, values: readonly Scalar[], hint: Hint | undefined): readonly Scalar[] {
  const written = hint === undefined ? [] : [...new Set(writtenLiterals(checker, hint))].filter((value) => values.includes(value));
  if (written.length === values.length) return written;
  return [...values].sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1));
}

function* writtenLiterals(checker: ts.TypeChecker, hint: Hint): Generator<Scalar> {
  const { hint: bare, names } = lookUp(checker, hint);
  const declaration = names.at(-1);
  if (declaration !== undefined && ts.isEnumDeclaration(declaration)) {
    for (const member of declaration.members) {
      const value = checker.getConstantValue(member);
      if (value !== undefined) yield value;
    }
    return;
  }
  const { node } = bare;
  if (ts.isUnionTypeNode(node)) {
    for (const part of node.types) yield* writtenLiterals(checker, { node: part, arguments: bare.arguments });
    return;
  }
  const value = literalValue(checker, checker.getTypeFromTypeNode(node));
  if (value !== undefined) yield value;
}
