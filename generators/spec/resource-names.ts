import type { Resource } from "../model/index.ts";
import { builtinBySingular } from "./builtin/resources.ts";

/** The plural of a resource name that is the singular of a kind of the project, or of Kubernetes; undefined where it is none. */
export function pluralInstead(name: string, groups: readonly string[], resources: readonly Resource[]): string | undefined {
  for (const group of groups) {
    const own = resources.find((each) => each.group === group && each.singular === name);
    const plural = own?.plural ?? builtinBySingular(group, name)?.[2];
    if (plural !== undefined && plural !== name) return plural;
  }
  return undefined;
}
