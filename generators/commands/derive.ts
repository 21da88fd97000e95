import { classArtefacts, derivedArtefacts, emitSample, refusals, samplePath } from "../emit/index.ts";
import { classOf } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { formatDiagnostic, type AccessRule, type Diagnostic, type Resource } from "../model/index.ts";
import { addListEntry, removeListEntry, type KustomizationList, type Project } from "../project/index.ts";
import { readAdmission, readCalls, readProject, type AdmissionReading, type ProjectReading, type ReadCallsOptions } from "../spec/index.ts";
import { foreignKinds } from "./foreign-kinds.ts";

const kustomizations = {
  crd: "config/crd/kustomization.yaml",
  rbac: "config/rbac/kustomization.yaml",
  webhook: "config/webhook/kustomization.yaml",
  policies: "config/policies/kustomization.yaml",
  samples: "config/samples/kustomization.yaml",
  default: "config/default/kustomization.yaml",
};

/** What config/default lists only while there is something in it. */
const optional: ReadonlyMap<string, string> = new Map([
  [kustomizations.crd, "../crd"],
  [kustomizations.webhook, "../webhook"],
  [kustomizations.policies, "../policies"],
]);

/**
 * Stages everything that follows from a project's sources, as they are in its change set: classes, CRDs, roles, webhook configurations,
 * policies, samples, and the entries of the kustomizations that list them. Derived files that nothing asks for any more are dropped.
 *
 * @returns the kinds, and files that would be different but have been edited by the user
 * @throws ScaffoldError `bad-spec`, one line for each thing that is wrong, as file:line:column
 */
export async function derive(project: Project): Promise<{ resources: readonly Resource[]; kept: string[] }> {
  const { resources, marked, called, webhooks, policies } = await readSources(project);
  const { projectName } = project.file.answers;
  const artefacts = derivedArtefacts(
    { resources, accessRules: [...marked, ...called], webhooks, policies },
    { projectName, ...project.file.outputs },
  );
  const wanted = new Set(artefacts.map(({ path }) => path));
  for (const [path, record] of [...project.file.files]) {
    if (record.class === "derived" && !wanted.has(path)) drop(project, path);
  }
  for (const { path, text } of artefacts) {
    project.put({ path, content: text, class: "derived" });
    list(project, path);
  }
  const kept: string[] = [];
  for (const resource of resources) {
    for (const version of resource.versions) {
      const path = samplePath(resource, version);
      const content = emitSample(resource, version);
      const record = project.file.files.get(path);
      if (project.put({ path, content, class: "yours" }) === "kept") {
        if (project.set.exists(path) && record?.hash !== undefined) kept.push(path);
      } else list(project, path);
    }
  }
  return { resources, kept };
}

/** What a project's sources say, as they are in its change set. */
export interface ProjectSources extends Pick<AdmissionReading, "webhooks" | "policies"> {
  readonly resources: readonly Resource[];
  /** The access rules of `@rbac` markers. */
  readonly marked: readonly AccessRule[];
  /** The access rules that the program's calls need. */
  readonly called: readonly AccessRule[];
}

/** @throws ScaffoldError `bad-spec`, one line for each thing that is wrong */
export async function readSources(project: Project): Promise<ProjectSources> {
  const { resources, accessRules } = await readSpecs(project);
  const program = programOf(project, resources);
  const [calls, admission] = [await readCalls(program), await readAdmission(program)];
  refuse([...calls.diagnostics, ...admission.diagnostics]);
  const { webhooks, policies } = admission;
  return { resources, marked: accessRules, called: calls.accessRules, webhooks, policies };
}

/** The same without the program, for whoever asks about kinds only. */
export async function readSpecs(project: Project): Promise<ProjectReading> {
  const { resources, answers } = project.file;
  const groups = new Map(resources.map(({ path, group }) => [path, `${group}.${answers.domain}`]));
  const first = resources[0]?.group ?? "";
  const reading = await readProject({
    root: project.root,
    group: (typesFile) => groups.get(typesFile.slice(0, typesFile.lastIndexOf("/"))) ?? `${first}.${answers.domain}`,
    overlay: project.set.staged(),
  });
  refuse(reading.diagnostics);
  refuse((await Promise.all(reading.resources.map(refusals))).flat());
  return reading;
}

/** The program in the light of the classes as they will be. */
function programOf(project: Project, resources: readonly Resource[]): ReadCallsOptions {
  const overlay = project.set.staged();
  for (const { path, text } of classArtefacts(resources)) overlay.set(path, text);
  return { root: project.root, overlay, resources, foreign: foreignKinds(project) };
}

function refuse(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new ScaffoldError("bad-spec", diagnostics.map(formatDiagnostic).join("\n"));
}

/** Enters a file in the kustomization that its folder has. */
function list(project: Project, path: string): void {
  const entry = entryOf(path);
  if (!entry) return;
  addListEntry(project.set, entry.kustomization, entry.name, `shared: ${entry.does} here; all the rest is yours.`, entry.list);
  project.file.setFile(entry.kustomization, { class: "shared" });
  const inDefault = optional.get(entry.kustomization);
  if (inDefault !== undefined) addListEntry(project.set, kustomizations.default, inDefault, "shared");
}

function drop(project: Project, path: string): void {
  const text = project.set.read(path);
  // A file that lost its first line is not ours to delete.
  if (text !== undefined && classOf(text) !== "derived") return;
  project.drop(path);
  const entry = entryOf(path);
  if (!entry) return;
  removeListEntry(project.set, entry.kustomization, entry.name, entry.list);
  if (project.set.exists(entry.kustomization)) return;
  project.file.removeFile(entry.kustomization);
  const inDefault = optional.get(entry.kustomization);
  if (inDefault !== undefined) removeListEntry(project.set, kustomizations.default, inDefault);
}

/** How the files of a folder are listed, and in which kustomization. */
interface Listed {
  readonly kustomization: string;
  /** Who lists them, and what. */
  readonly does: string;
  /** Before the file's name. */
  readonly prefix?: string;
  readonly list?: KustomizationList;
}

const listed: ReadonlyMap<string, Listed> = new Map([
  ["config/crd/bases", { kustomization: kustomizations.crd, prefix: "bases/", does: "`scaffold generate` lists the CRDs" }],
  ["config/samples", { kustomization: kustomizations.samples, does: "`scaffold create api` lists the samples" }],
  ["config/rbac", { kustomization: kustomizations.rbac, does: "`scaffold create api` lists the roles" }],
  ["config/webhook", { kustomization: kustomizations.webhook, does: "`scaffold generate` lists what the webhooks need" }],
  ["config/default", { kustomization: kustomizations.default, list: "transformers", does: "`scaffold generate` lists what it derives" }],
  ["config/policies", { kustomization: kustomizations.policies, does: "`scaffold generate` lists the admission policies" }],
]);

interface Entry extends Listed {
  readonly name: string;
}

function entryOf(path: string): Entry | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const found = listed.get(path.slice(0, -name.length - 1));
  return found && { ...found, name: `${found.prefix ?? ""}${name}` };
}
