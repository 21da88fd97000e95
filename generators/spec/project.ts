import { realpathSync } from "node:fs";
import { join } from "node:path";
import type ts from "../typescript.cjs";
import type { Resource } from "../model/index.ts";
import { readAccess } from "./access.ts";
import { readKinds, type KindVersion } from "./kinds.ts";
import type { ProjectReading, ReadProjectOptions } from "./options.ts";
import { createProgram } from "./program.ts";
import type { Reading } from "./reading.ts";
import { Report } from "./report.ts";
import { toResources } from "./resources.ts";
import { listSources } from "./sources.ts";
import { reportTypeErrors } from "./type-errors.ts";

/** See index.ts. The order: list the files, check them as TypeScript, read kinds file by file, bring versions together. */
export function readProject(options: ReadProjectOptions): ProjectReading {
  const sources = listSources(realpathSync(options.root), options.overlay);
  const report = new Report(sources.root);
  const accessRules = readAccess(report, sources);
  const resources = sources.types.length === 0 ? [] : readTypes(options, sources, report);
  return { resources, accessRules, diagnostics: report.sorted() };
}

function readTypes(options: ReadProjectOptions, sources: ReturnType<typeof listSources>, report: Report): Resource[] {
  const program = createProgram(sources);
  const reading: Reading = { checker: program.getTypeChecker(), report, visited: new Set() };
  const byGroup = new Map<string, KindVersion[]>();
  const checked = new Set<ts.SourceFile>();
  for (const path of sources.types) {
    const file = program.getSourceFile(join(sources.root, path));
    const version = versionOf(report, path);
    if (file === undefined || version === undefined) continue;
    checked.add(file);
    // What does not compile has no types to read: the compiler's own words say best what is wrong.
    if (reportTypeErrors(program, report, file)) continue;
    const group = typeof options.group === "string" ? options.group : options.group(path);
    for (const kind of readKinds(reading, file, path, version)) {
      const own = kind.group ?? group;
      byGroup.set(own, [...(byGroup.get(own) ?? []), kind]);
    }
  }
  for (const file of reading.visited) if (!checked.has(file)) reportTypeErrors(program, report, file);
  return [...byGroup]
    .flatMap(([group, kinds]) => toResources(report, group, kinds))
    .sort((a, b) => (`${a.group}/${a.kind}` < `${b.group}/${b.kind}` ? -1 : 1));
}

/** The version is the folder: `api/v1alpha1/…`, or `api/<group>/v1alpha1/…` in projects with several groups. */
function versionOf(report: Report, path: string): string | undefined {
  const version = path.split("/").at(-2) ?? "";
  if (/^v[1-9][0-9]*(?:(?:alpha|beta)[1-9][0-9]*)?$/.test(version)) return version;
  report.addAt(
    "bad-layout",
    { file: path, line: 1, column: 1 },
    `the folder ${version} is no API version`,
    "move the file to a folder such as api/v1alpha1",
  );
  return undefined;
}
