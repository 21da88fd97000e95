import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { isOfTheLanguage } from "./hints.ts";
import type { Reading, Use } from "./reading.ts";

/** What to write instead of classes of the language. */
const classes: ReadonlyMap<string, string> = new Map([
  ["Date", "write DateTime of @kubescaffold/runtime/api, a time as a string"],
  ["Map", "write Record<string, …>"],
  ["WeakMap", "write Record<string, …>"],
  ["ReadonlyMap", "write Record<string, …>"],
  ["Set", "write an array with @listType set"],
  ["WeakSet", "write an array with @listType set"],
  ["ReadonlySet", "write an array with @listType set"],
  ["RegExp", "write string, with @pattern for what it may hold"],
  ["Uint8Array", "write Base64 of @kubescaffold/runtime/api"],
  ["ArrayBuffer", "write Base64 of @kubescaffold/runtime/api"],
  ["Buffer", "write Base64 of @kubescaffold/runtime/api"],
  ["Promise", "write the type of its value"],
  ["String", "write string"],
  ["Number", "write number, or Int32 of @kubescaffold/runtime/api"],
  ["Boolean", "write boolean"],
  ["Function", "leave it out: an object of Kubernetes holds data only"],
  ["URL", "write string with @format uri"],
]);

/** Reports a type that no structural schema can describe, and returns the empty schema. */
export function refuse(reading: Reading, type: ts.Type, use: Use): Schema {
  const { what, instead } = explain(reading.checker, type);
  reading.report.add("unsupported-type", use.spot, `${use.name} is ${what}, which no CRD can describe`, instead);
  return {};
}

/** Reports a type that contains itself. */
export function refuseRecursion(reading: Reading, type: ts.Type, use: Use): Schema {
  const symbol = type.aliasSymbol ?? type.getSymbol();
  // The compiler's own names for types without one, and for lists.
  const isNameless = symbol === undefined || symbol.name.startsWith("__") || reading.checker.isArrayType(type);
  const name = type.aliasSymbol?.name ?? (isNameless ? shortened(reading.checker.typeToString(type)) : shortened(symbol.name));
  reading.report.add(
    "recursive-type",
    use.spot,
    `${shortened(use.name)} is ${name} within ${name}, and a CRD's schema cannot refer to itself`,
    "write the levels that you need as types of their own, or cut it here with @preserveUnknownFields",
  );
  return {};
}

/** Reports levels within levels of which no people could keep track. */
export function refuseDepth(reading: Reading, use: Use, most: number): Schema {
  reading.report.add(
    "recursive-type",
    use.spot,
    `${shortened(use.name)} has more than ${most} levels above it`,
    "write fewer levels, or cut it here with @preserveUnknownFields",
  );
  return {};
}

function explain(checker: ts.TypeChecker, type: ts.Type): { what: string; instead: string } {
  const { flags } = type;
  const written = shortened(checker.typeToString(type));
  if ((flags & ts.TypeFlags.Any) !== 0) return { what: "any", instead: "write the type, or unknown to keep whatever is there" };
  if ((flags & (ts.TypeFlags.BigInt | ts.TypeFlags.BigIntLiteral)) !== 0)
    return { what: "a bigint", instead: "write Int64 of @kubescaffold/runtime/api" };
  if ((flags & (ts.TypeFlags.ESSymbol | ts.TypeFlags.UniqueESSymbol)) !== 0)
    return { what: "a symbol", instead: "write a union of string literals" };
  if ((flags & ts.TypeFlags.Never) !== 0) return { what: "never", instead: "leave the field out" };
  if ((flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Null)) !== 0)
    return { what: `${written} alone`, instead: "write the type of the value beside it, or leave the field out" };
  if ((flags & (ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping)) !== 0)
    return { what: `the template ${written}`, instead: "write string with @pattern" };
  if ((flags & ts.TypeFlags.TypeParameter) !== 0)
    return { what: `the type parameter ${written}`, instead: "write the type that it stands for" };
  if (checker.isTupleType(type))
    return { what: `the tuple ${written}`, instead: "write an interface with a named field for each place, or a tuple of one type" };
  if (type.isUnion()) return explainUnion(type, written);
  const name = type.getSymbol();
  const instead = name?.declarations?.some((declaration) => isOfTheLanguage(declaration)) === true ? classes.get(name.name) : undefined;
  if (instead !== undefined) return { what: `a ${name?.name ?? ""}`, instead };
  if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0)
    return { what: "a function", instead: "leave it out: an object of Kubernetes holds data only" };
  if (type.isClass()) return { what: `the class ${written}`, instead: "write an interface with its data" };
  return { what: written, instead: "write an interface, an array, a Record<string, …>, a union of literals or a plain type" };
}

function explainUnion(type: ts.UnionType, written: string): { what: string; instead: string } {
  const parts = type.types.filter(({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0);
  if (parts.every(({ flags }) => (flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike)) !== 0)) {
    return {
      what: `text or number (${written})`,
      instead: "write IntOrString or Quantity of @kubescaffold/runtime/api, or literals of one sort",
    };
  }
  if (parts.every(({ flags }) => (flags & ts.TypeFlags.Object) !== 0)) {
    return {
      what: `a union of objects (${written})`,
      instead: 'give every branch a required field with a text of its own (type: "file"), or write one interface with optional fields',
    };
  }
  return { what: `a union of different types (${written})`, instead: "write one type, or unknown to keep whatever is there" };
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
