import { posix } from "node:path";
import ts from "../typescript.cjs";
import type { Resource } from "../model/index.ts";
import type { KindFinder, KindName } from "./calls/kinds.ts";
import type { RuleResources } from "./calls/resources.ts";
import type { Report } from "./report.ts";
import type { Sources } from "./sources.ts";

/** What finding kinds in a program needs, and those who look for some. */
export interface ProgramKinds {
  readonly report: Report;
  readonly sources: Sources;
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly resources: readonly Resource[];
  readonly finder: KindFinder;
  readonly names: RuleResources;
}

/**
 * The kinds that an expression may stand for: a class that is generated here (by where it is imported from, as it need not be written yet),
 * or what its type or its source says. Undefined where they are not known.
 */
export function kindsOf(kinds: ProgramKinds, node: ts.Expression): readonly KindName[] | undefined {
  // The tokens of metadataOnly() are not typed by their kind.
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "metadataOnly") {
    const [token] = node.arguments;
    return token === undefined ? undefined : kindsOf(kinds, token);
  }
  const own = ts.isIdentifier(node) ? ofImport(kinds, node) : undefined;
  const found = own === undefined ? kinds.finder.of(node) : [own];
  return found?.length === 0 ? undefined : found;
}

/** Group and version of an apiVersion. */
export function groupVersionOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/");
  return { group: slash === -1 ? "" : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function ofImport({ checker, sources, resources }: ProgramKinds, name: ts.Identifier): KindName | undefined {
  const specifier = checker.getSymbolAtLocation(name)?.declarations?.find(ts.isImportSpecifier);
  if (specifier === undefined) return undefined;
  const { moduleSpecifier } = specifier.parent.parent.parent;
  if (!ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith(".")) return undefined;
  const folder = posix.dirname(name.getSourceFile().fileName);
  const path = posix.relative(sources.root.replaceAll("\\", "/"), posix.join(folder, moduleSpecifier.text));
  const imported = (specifier.propertyName ?? specifier.name).text;
  for (const { group, kind, versions } of resources) {
    const version = versions.find(({ typesFile }) => path === `${posix.dirname(typesFile)}/${kind.toLowerCase()}.ts`);
    if (version !== undefined && imported === kind) return { apiVersion: `${group}/${version.name}`, kind };
  }
  return undefined;
}
