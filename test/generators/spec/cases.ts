import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareDiagnostics, formatDiagnostic, type Diagnostic, type Resource, type Schema } from "../../../generators/model/index.ts";
import {
  readAdmission,
  readProject,
  type AdmissionReading,
  type ForeignKinds,
  type ProjectReading,
} from "../../../generators/spec/index.ts";

/** What both readers find. */
export type FilesReading = ProjectReading & AdmissionReading;

/** Reads a project that exists only in memory: path → text. Its derived classes are not there. */
export async function readFiles(
  files: Readonly<Record<string, string>>,
  group = "test.example.com",
  foreign: ForeignKinds = () => undefined,
): Promise<FilesReading> {
  const root = mkdtempSync(join(tmpdir(), "kubescaffold-spec-"));
  const overlay = new Map<string, string | undefined>(Object.entries(files));
  try {
    const reading = await readProject({ root, group, overlay });
    const admission = await readAdmission({ root, overlay, resources: reading.resources, foreign });
    const diagnostics = [...reading.diagnostics, ...admission.diagnostics].sort(compareDiagnostics);
    return { ...reading, ...admission, diagnostics };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** What came out of one of many specs that were read together. */
export interface Outcome {
  readonly resource: Resource | undefined;
  /** Of the kind's `spec`. */
  readonly spec: Schema | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** As people see them, without the file's name: `3:5: what is wrong; what to write`. */
  readonly lines: readonly string[];
}

const imports = `import type { Base64, Condition, CustomResource, DateTime, Double, Duration, Float, Int32, Int64, IntOrString, ObjectMeta, Quantity } from "@kubescaffold/runtime/api";\n`;

/**
 * Reads many specs in one go, as one compiler run costs more than all of them. Each source declares `Spec` (an interface or a type); line 1
 * of a diagnostic is the source's first line.
 */
export async function readSpecs<Name extends string>(sources: Readonly<Record<Name, string>>): Promise<Record<Name, Outcome>> {
  const names = Object.keys(sources) as Name[];
  const files = names.map((name, index) => [
    `api/v1/case${index}.types.ts`,
    `${imports}${sources[name]}\nexport interface Case${index} extends CustomResource<Spec> {}\n`,
  ]);
  const { resources, diagnostics } = await readFiles(Object.fromEntries(files) as Record<string, string>);
  const outcomes = names.map((name, index): [Name, Outcome] => {
    const resource = resources.find(({ kind }) => kind === `Case${index}`);
    const own = diagnostics.filter(({ place }) => place.file === `api/v1/case${index}.types.ts`);
    return [
      name,
      {
        resource,
        spec: resource?.versions[0]?.schema.properties?.["spec"],
        diagnostics: own,
        lines: own.map((each) => formatDiagnostic({ ...each, place: { ...each.place, file: "", line: each.place.line - 1 } }).slice(1)),
      },
    ];
  });
  return Object.fromEntries(outcomes) as Record<Name, Outcome>;
}
