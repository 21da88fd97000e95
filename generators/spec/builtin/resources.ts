import { readFileSync } from "node:fs";

/** Made by take-resources.ts. */
export const builtinResourcesFile: URL = new URL("./resources.json", import.meta.url);

/** How a kind of Kubernetes' own is called in access rules. */
export type BuiltinResource = readonly [group: string, kind: string, plural: string, scope: "Namespaced" | "Cluster"];

let resources: readonly BuiltinResource[] | undefined;

/** Undefined for a kind that is none of Kubernetes' own. */
export function builtinResource(group: string, kind: string): BuiltinResource | undefined {
  return builtinResources().find((each) => each[0] === group && each[1] === kind);
}

/** The kind whose name in the singular, in lower case, this is. */
export function builtinBySingular(group: string, singular: string): BuiltinResource | undefined {
  return builtinResources().find((each) => each[0] === group && each[1].toLowerCase() === singular);
}

/** All of Kubernetes' own kinds. */
export function builtinResources(): readonly BuiltinResource[] {
  resources ??= JSON.parse(readFileSync(builtinResourcesFile, "utf8")) as readonly BuiltinResource[];
  return resources;
}
