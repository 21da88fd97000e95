import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { customResourceDefinition } from "../../../generators/emit/index.ts";
import { findCrds, importedArtefacts, type CrdDocument } from "../../../generators/import/index.ts";
import { formatDiagnostic, type Resource } from "../../../generators/model/index.ts";
import { readProject } from "../../../generators/spec/index.ts";

/** Every CRD of the YAML and JSON files of a folder. */
export function crdsBelow(folder: string): CrdDocument[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((path) => [...findCrds(readFileSync(path, "utf8"), relative(folder, path)).crds]);
}

/** Parts of a list no two members of which are called the same: what can stand in one project. */
export function partsOf<T>(list: readonly T[], name: (each: T) => string, most = 60): T[][] {
  const parts: T[][] = [];
  for (const each of list) {
    const part = parts.find((some) => some.length < most && !some.some((other) => name(other).toLowerCase() === name(each).toLowerCase()));
    if (part === undefined) parts.push([each]);
    else part.push(each);
  }
  return parts;
}

/** What the spec reader makes of the types that were written for some kinds: the CRDs, and what it has to say. */
export async function readBack(
  resources: readonly Resource[],
  files: ReadonlyMap<string, string>,
): Promise<{ crds: unknown[]; lines: string[] }> {
  const root = mkdtempSync(join(tmpdir(), "kubescaffold-import-"));
  try {
    // As if they were the project's own: without the line that says they are not.
    const overlay = new Map([...files].map(([path, text]) => [path, text.replace(/^\/\/ Derived from the CRD .*\n/, "")]));
    const reading = await readProject({ root, group: (path) => path.split("/")[1] ?? "", overlay });
    const found = resources.map(({ group, kind }) => reading.resources.find((each) => each.group === group && each.kind === kind));
    return { crds: found.map((each) => (each === undefined ? undefined : asSent(each))), lines: reading.diagnostics.map(formatDiagnostic) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** A CRD as an API server gets it; the order of keys means nothing. */
export function asSent(resource: Resource): unknown {
  return JSON.parse(JSON.stringify(customResourceDefinition(resource))) as unknown;
}

/** Imports a CRD; the files by path. */
export function imported(crd: CrdDocument): { resource: Resource; files: Map<string, string> } {
  const { resource, artefacts } = importedArtefacts(crd);
  return { resource, files: new Map(artefacts.map(({ path, text }) => [path, text])) };
}

/** What the compiler says of all TypeScript files under the settings of a generated project. */
export function compileErrors(files: ReadonlyMap<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "kubescaffold-compile-"));
  try {
    writeFileSync(join(root, "package.json"), `{ "type": "module" }`);
    symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(root, "node_modules"));
    const names = [...files.keys()].filter((path) => path.endsWith(".ts"));
    for (const path of names) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), files.get(path) ?? "");
    }
    const program = ts.createProgram(
      names.map((path) => join(root, path)),
      {
        target: ts.ScriptTarget.ES2024,
        lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts"],
        module: ts.ModuleKind.NodeNext,
        types: ["node"],
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        erasableSyntaxOnly: true,
        verbatimModuleSyntax: true,
        isolatedModules: true,
        isolatedDeclarations: true,
        declaration: true,
        noPropertyAccessFromIndexSignature: true,
        noFallthroughCasesInSwitch: true,
        noUncheckedSideEffectImports: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
        noEmit: true,
      },
    );
    return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const at = file === undefined ? "" : `${relative(root, file.fileName)}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}: `;
      return `${at}${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}
