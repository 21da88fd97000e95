/**
 * Access rules from code: which kinds the program that begins in `main.ts` reads and writes through the runtime, found by the types of its
 * calls. It may use the rest of `spec/`. needs.ts says what each call of the runtime needs, kinds.ts finds of which kind it is, read.ts
 * walks the code.
 */
import { join } from "node:path";
import { realpathSync } from "node:fs";
import ts from "../../typescript.cjs";
import type { AccessRule, Diagnostic, Resource } from "../../model/index.ts";
import { createProgram } from "../program.ts";
import { isOwn } from "../reading.ts";
import { Report } from "../report.ts";
import { listSources } from "../sources.ts";
import { interfaceKey, KindFinder, type KindName } from "./kinds.ts";
import { readCallRules } from "./read.ts";
import { RuleResources, type ForeignKinds } from "./resources.ts";

export type { ForeignKinds } from "./resources.ts";

/** What to read. */
export interface ReadCallsOptions {
  /** The project's folder, absolute. */
  readonly root: string;
  /** Files that are not on disk yet, the derived classes among them: path relative to root → text; undefined hides a file. */
  readonly overlay: ReadonlyMap<string, string | undefined>;
  /** The project's own kinds. */
  readonly resources: readonly Resource[];
  /** The kinds of imported CRDs. */
  readonly foreign: ForeignKinds;
}

/** What was found. */
export interface CallsReading {
  readonly accessRules: readonly AccessRule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the calls of a program, beginning in `main.ts`; a project without one has none. Tests are no part of it. */
export function readCalls(options: ReadCallsOptions): CallsReading {
  const sources = listSources(realpathSync(options.root), options.overlay);
  const report = new Report(sources.root);
  if (sources.text("main.ts") === undefined) return { accessRules: [], diagnostics: [] };
  const program = createProgram(sources);
  const checker = program.getTypeChecker();
  const finder = kindFinder(program, sources.root, options.resources);
  const resources = new RuleResources(options.resources, options.foreign);
  const accessRules = readCallRules({ checker, report, finder, resources }, ownFiles(program, sources.root));
  return { accessRules, diagnostics: report.sorted() };
}

/** Finds kinds in a program, the project's own by their interfaces too. */
export function kindFinder(program: ts.Program, root: string, resources: readonly Resource[]): KindFinder {
  return new KindFinder(program.getTypeChecker(), interfacesOf(ownFiles(program, root), root, resources));
}

/** The project's own files. The types files are among them, but call nothing. */
export function ownFiles(program: ts.Program, root: string): ts.SourceFile[] {
  return program.getSourceFiles().filter((file) => isOwn(file) && file.fileName.startsWith(`${root}/`));
}

/** The interfaces of the project's kinds, which do not say their apiVersion themselves. */
function interfacesOf(files: readonly ts.SourceFile[], root: string, resources: readonly Resource[]): ReadonlyMap<string, KindName> {
  const byFile = new Map(files.map((file) => [file.fileName, file]));
  const found = new Map<string, KindName>();
  for (const { group, kind, versions } of resources) {
    for (const { name, typesFile } of versions) {
      for (const statement of byFile.get(join(root, typesFile))?.statements ?? []) {
        if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== kind) continue;
        found.set(interfaceKey(statement), { apiVersion: `${group}/${name}`, kind });
      }
    }
  }
  return found;
}
