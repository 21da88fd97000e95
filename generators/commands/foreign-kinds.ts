import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { externalFolder, findCrds, readCrd } from "../import/index.ts";
import type { Project } from "../project/index.ts";
import type { ForeignKinds } from "../spec/index.ts";

/** The kinds of a project's imported CRDs. A file is read when a kind of its group is asked for. */
export function foreignKinds(project: Project): ForeignKinds {
  const folder = join(project.root, externalFolder);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return (group, kind) => {
    for (const name of names.filter((each) => each.startsWith(`${group}_`))) {
      const path = `${externalFolder}/${name}`;
      for (const crd of findCrds(project.set.read(path) ?? "", path).crds) {
        const resource = readCrd(crd, () => path);
        if (resource.group === group && resource.kind === kind)
          return { plural: resource.plural, namespaced: resource.scope === "Namespaced" };
      }
    }
    return undefined;
  };
}
