import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { compareVersions } from "../model/index.ts";
import { type Project, type Resource, type SpokeTarget, type WebhookTarget } from "../project/index.ts";
import { builtinResources } from "../spec/index.ts";
import { closest } from "../suggest.ts";
import { foreignResources } from "./foreign-kinds.ts";
import { builtinSample } from "./builtin-samples.ts";

/** A kind as it is asked for. */
export interface KindName {
  /** "" or `core` for the core; one's own without or with the project's domain. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A kind that exists, in all of its versions. */
interface Candidate {
  readonly group: string;
  readonly kind: string;
  /** Undefined where it is not known which there are. */
  versions(): readonly string[] | undefined;
  target(version: string): WebhookTarget;
}

/** A kind that webhooks can be written for, and those of its other versions that this project makes. */
export interface FoundTarget {
  readonly target: WebhookTarget;
  /** Undefined for a kind that others define. */
  readonly siblings: readonly SpokeTarget[] | undefined;
}

/** Finds a kind: of the project, of Kubernetes, or of an imported CRD. @throws ScaffoldError `no-kind` */
export function findTarget(project: Project, wanted: KindName): FoundTarget {
  const { answers, resources } = project.file;
  const group = wanted.group === "core" ? "" : wanted.group;
  const own = ownCandidates(resources, answers.domain);
  const others = [...foreignCandidates(project), ...builtinCandidates(project)];
  const inGroup = (each: Candidate): boolean => each.group === group || each.group === `${group}.${answers.domain}`;
  const found = [...own, ...others].find((each) => inGroup(each) && each.kind === wanted.kind);
  if (found === undefined) throw unknown(wanted, [...own, ...others], inGroup);
  const versions = found.versions();
  if (versions?.includes(wanted.version) === false) {
    throw new ScaffoldError(
      "no-kind",
      `${wanted.kind} has no version ${wanted.version} in ${found.group || "the core group"}: pass --version ${versions.join(" or ")}.`,
    );
  }
  const target = found.target(wanted.version);
  if (!own.includes(found)) return { target, siblings: undefined };
  const siblings = (versions ?? []).filter((version) => version !== wanted.version);
  return { target, siblings: siblings.map((version) => ({ version, typeModule: found.target(version).typeModule })) };
}

function ownCandidates(resources: readonly Resource[], domain: string): Candidate[] {
  const byKind = Map.groupBy(resources, ({ group, kind }) => `${group} ${kind}`);
  return [...byKind.values()].flatMap((versions) => {
    const [first] = versions;
    if (first === undefined) return [];
    const group = `${first.group}.${domain}`;
    return [
      {
        ...{ group, kind: first.kind, versions: () => versions.map(({ version }) => version) },
        target: (version: string) => {
          const { kind, namespaced, path } = versions.find((each) => each.version === version) ?? first;
          const placed = (name: string): string => `{ ${namespaced ? 'namespace: "default", ' : ""}name: ${name} }`;
          return ofModule(path, { group, version, kind }, (name) => `Object.assign(${kind}.example, { metadata: ${placed(name)} })`);
        },
      },
    ];
  });
}

function foreignCandidates(project: Project): Candidate[] {
  return foreignResources(project).map(({ group, kind, versions }) => ({
    ...{ group, kind, versions: () => versions.map(({ name }) => name) },
    target: (version) => ofModule(`api/${group}/${version}`, { group, version, kind }, undefined),
  }));
}

function ofModule(folder: string, name: KindName, sample: WebhookTarget["sample"]): WebhookTarget {
  const lower = name.kind.toLowerCase();
  const modules = { classModule: `${folder}/${lower}.ts`, typeModule: `${folder}/${lower}.types.ts` };
  return { ...name, own: true, typeName: name.kind, ...modules, sample };
}

function builtinCandidates(project: Project): Candidate[] {
  const models = modelsFolder(project.root);
  return builtinResources().map(([group, kind]) => ({
    ...{ group, kind, versions: () => (models === undefined ? undefined : versionsIn(models, group, kind)) },
    target: (version) => {
      const module = `kubernetes-models/${group === "" ? "" : `${group}/`}${version}/${kind}`;
      const sample = builtinSample(group === "" ? version : `${group}/${version}`, kind);
      return { group, version, kind, own: false, typeName: `I${kind}`, classModule: module, typeModule: module, sample };
    },
  }));
}

/** Where the kinds of kubernetes-models are, from a folder upwards: undefined before it is installed. */
function modelsFolder(folder: string): string | undefined {
  const found = join(folder, "node_modules", "kubernetes-models");
  if (existsSync(found)) return found;
  return dirname(folder) === folder ? undefined : modelsFolder(dirname(folder));
}

/** The versions that there is a class for. */
function versionsIn(models: string, group: string, kind: string): string[] {
  const folder = join(models, group);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^v\d/.test(name) && existsSync(join(folder, name, `${kind}.d.ts`)))
    .sort(compareVersions);
}

function unknown(wanted: KindName, all: readonly Candidate[], inGroup: (each: Candidate) => boolean): ScaffoldError {
  const there = all.filter(inGroup);
  const elsewhere = all.filter(({ kind }) => kind === wanted.kind);
  const where = wanted.group === "" || wanted.group === "core" ? "the core group" : wanted.group;
  const guess = closest(
    wanted.kind,
    there.map(({ kind }) => kind),
  );
  const advice =
    guess !== undefined
      ? `did you mean ${guess}?`
      : elsewhere.length > 0
        ? `it is in ${elsewhere.map(({ group }) => group || "core").join(" and in ")}, pass --group ${elsewhere[0]?.group || "core"}.`
        : `write it with "scaffold create api", or bring the CRD of somebody else's with "scaffold import crd".`;
  return new ScaffoldError("no-kind", `There is no kind ${wanted.kind} in ${where}: ${advice}`);
}
