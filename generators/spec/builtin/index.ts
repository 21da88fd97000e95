/**
 * Kubernetes' own types with their whole schemas: kubernetes-models has the types, and the API server's OpenAPI documents have what types
 * cannot say. The data is made by take.ts; the reader uses what data.ts makes of it. It may use `model/`. Read this file first.
 */
import ts from "../../typescript.cjs";
import type { Schema } from "../../model/index.ts";
import { isOfKubernetesModels } from "../reading.ts";
import { builtinSchema } from "./data.ts";

const aliases = new WeakMap<ts.SourceFile, ReadonlyMap<string, string>>();

/** The schema of an interface of kubernetes-models, such as IPodTemplateSpec. */
export function interfaceSchema(names: readonly ts.Declaration[]): Schema | undefined {
  const declaration = names.find((name) => ts.isInterfaceDeclaration(name) && isOfKubernetesModels(name));
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) return undefined;
  const alias = aliasesOf(declaration.getSourceFile()).get(declaration.name.text);
  return alias === undefined ? undefined : builtinSchema(alias);
}

/** The schema of a field of such an interface, for types that are made of some of its fields (`Omit<IPodSpec, "containers">`). */
export function fieldOfInterface(field: ts.Declaration | undefined): Schema | undefined {
  if (field === undefined || !ts.isPropertySignature(field) || !ts.isInterfaceDeclaration(field.parent)) return undefined;
  const properties = interfaceSchema([field.parent])?.properties ?? {};
  const name = ts.isStringLiteral(field.name) || ts.isIdentifier(field.name) ? field.name.text : undefined;
  return name !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** `export type { IPodSpec as IIoK8sApiCoreV1PodSpec }`: the OpenAPI name, without the I of interfaces. */
function aliasesOf(file: ts.SourceFile): ReadonlyMap<string, string> {
  const known = aliases.get(file);
  if (known !== undefined) return known;
  const found = new Map<string, string>();
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue;
    for (const { propertyName, name } of statement.exportClause.elements) {
      if (propertyName !== undefined && /^IIo[A-Z]/.test(name.text)) found.set(propertyName.text, name.text.slice(1));
    }
  }
  aliases.set(file, found);
  return found;
}
