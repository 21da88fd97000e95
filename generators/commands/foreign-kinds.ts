import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { externalFolder, findCrds, readCrd } from "../import/index.ts";
import type { Resource } from "../model/index.ts";
import type { Project } from "../project/index.ts";
import type { ForeignKinds } from "../spec/index.ts";

/** The kinds of a project's imported CRDs. A file is read when a kind of its group is asked for. */
export function foreignKinds(project: Project): ForeignKinds {
  const names = files(project);
  return (group, kind) => {
    for (const name of names.filter((each) => each.startsWith(`${group}_`))) {
      const found = read(project, name).find((resource) => resource.group === group && resource.kind === kind);
      if (found !== undefined) return { plural: found.plural, namespaced: found.scope === "Namespaced" };
    }
    return undefined;
  };
}

/** All of them, whole. */
export function foreignResources(project: Project): Resource[] {
  return files(project).flatMap((name) => read(project, name));
}

function files(project: Project): string[] {
  const folder = join(project.root, externalFolder);
  return existsSync(folder) ? readdirSync(folder) : [];
}

function read(project: Project, name: string): Resource[] {
  const path = `${externalFolder}/${name}`;
  return findCrds(project.set.read(path) ?? "", path).crds.map((crd) => readCrd(crd, () => path));
}
