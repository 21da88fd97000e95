import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { emitCrd } from "../../../generators/emit/index.ts";
import { formatDiagnostic } from "../../../generators/model/index.ts";
import { readProject } from "../../../generators/spec/index.ts";
import { temporaryFolder } from "../temporary.ts";

/**
 * The types that controller-gen is tested with, said in TypeScript, each folder with the CRD that controller-gen makes of its Go types
 * (`expected.yaml`). Left out are descriptions and what Go forces upon them: versions called after packages, the annotation with
 * controller-gen's own version, and the schema of a Job's template, which comes from the API server's documents here (they know more enums, and the fields of metadata).
 */
export const goldenCases: Readonly<Record<string, string>> = {
  cronjob: "testdata.kubebuilder.io",
  defaults: "bar.example.com",
  enum: "testdata.kubebuilder.io",
  "external-docs": "testdata.kubebuilder.io",
  immutable: "testdata.kubebuilder.io",
  job: "testdata.kubebuilder.io",
  "multiple-versions": "testdata.kubebuilder.io",
  oneof: "testdata.kubebuilder.io",
  plural: "plural.example.com",
};

const root = fileURLToPath(new URL("data", import.meta.url));

/** What our generator makes of all cases: CRDs by case and name, and what it holds against them. */
export async function generatedCrds(): Promise<{ crds: Record<string, unknown[]>; lines: string[] }> {
  const overlay = new Map(
    Object.keys(goldenCases)
      .flatMap((name) => readdirSync(join(root, name), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [`api/${relative(root, path)}`, readFileSync(path, "utf8")]),
  );
  using folder = temporaryFolder();
  const caseOf = (path: string): string => path.split("/")[1] ?? "";
  const { resources, diagnostics } = await readProject({
    root: folder.path,
    group: (path) => goldenCases[caseOf(path)] ?? "",
    overlay,
  });
  const crds = Map.groupBy(resources, ({ versions }) => caseOf(versions[0]?.typesFile ?? ""));
  return {
    crds: Object.fromEntries([...crds].map(([name, found]) => [name, found.map((each) => comparable(parsed(emitCrd(each))[0]))])),
    lines: diagnostics.map(formatDiagnostic),
  };
}

/** The CRDs of a case as they are to be. */
export function expectedCrds(name: string): unknown[] {
  return parsed(readFileSync(join(root, name, "expected.yaml"), "utf8"));
}

function parsed(text: string): unknown[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS() as unknown);
}

const ofFields = new Set(["properties", "additionalProperties", "items", "allOf", "anyOf", "oneOf", "not"]);
const inSchemas = new Set([...ofFields, "openAPIV3Schema"]);

/** A CRD without descriptions, and without the template of a Job below its type. */
function comparable(value: unknown, schema = false, names = false): unknown {
  if (Array.isArray(value)) return value.map((each) => comparable(each, schema));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => names || !schema || key !== "description");
  return Object.fromEntries(
    entries.map(([key, each]: [string, unknown]) => [
      key,
      names && key === "jobTemplate"
        ? { type: "object" }
        : names
          ? comparable(each, true)
          : schema && !ofFields.has(key)
            ? each
            : comparable(each, schema || inSchemas.has(key), key === "properties"),
    ]),
  );
}
