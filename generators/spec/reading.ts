import ts from "../typescript.cjs";
import type { Hint } from "./hints.ts";
import type { Report, Spot } from "./report.ts";

/** What every part of the reader shares. */
export interface Reading {
  readonly checker: ts.TypeChecker;
  readonly report: Report;
  /** The project's own files that a schema was read from: their type errors are reported too. */
  readonly visited: Set<ts.SourceFile>;
}

/** A place where a type is used: a field, an item, a value of a map. */
export interface Use {
  /** What a diagnostic points at. */
  readonly spot: Spot;
  /** For messages: `spec.servers[].name`. */
  readonly name: string;
  readonly hint: Hint | undefined;
  /** The object types around this one, to notice a type that contains itself. */
  readonly within: readonly ts.Type[];
  /** A type that contains itself is cut rather than reported (`@preserveUnknownFields`). */
  readonly cut: boolean;
}

/** True for files that people of this project write, whose comments are read strictly. */
export function isOwn(file: ts.SourceFile): boolean {
  return !file.isDeclarationFile && !file.fileName.includes("/node_modules/");
}

/** True for a declaration of our own `@kubescaffold/runtime/api`, as a source or as published. */
export function isOfApi(declaration: ts.Node): boolean {
  return /\/runtime\/api\/[\w-]+\.(d\.)?ts$/.test(declaration.getSourceFile().fileName);
}

/** True for a declaration of kubernetes-models. */
export function isOfKubernetesModels(declaration: ts.Node): boolean {
  return /\/node_modules\/(@kubernetes-models|kubernetes-models)\//.test(declaration.getSourceFile().fileName);
}

/** True for interfaces, literals, arrays, mapped types: what has object flags. */
export function isObjectType(type: ts.Type): type is ts.ObjectType {
  return (type.flags & ts.TypeFlags.Object) !== 0;
}

/** True for a generic type with its arguments. */
export function isReference(type: ts.Type): type is ts.TypeReference {
  return isObjectType(type) && (type.objectFlags & ts.ObjectFlags.Reference) !== 0;
}

/** True for a tuple with its elements. */
export function isTuple(type: ts.Type): type is ts.TupleTypeReference {
  return isReference(type) && (type.target.objectFlags & ts.ObjectFlags.Tuple) !== 0;
}
