import { pluralOf, type Resource } from "../../model/index.ts";
import { builtinResource } from "../builtin/resources.ts";
import type { KindName } from "./kinds.ts";

/** How a kind is called in access rules. */
export interface RuleResource {
  readonly group: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A kind that others define: its plural and scope, or undefined when the project does not know it. */
export type ForeignKinds = (group: string, kind: string) => { readonly plural: string; readonly namespaced: boolean } | undefined;

/** Finds how kinds are called: the project's own, Kubernetes', and those of the CRDs that the project has imported. */
export class RuleResources {
  readonly #own: readonly Resource[];
  readonly #foreign: ForeignKinds;

  constructor(own: readonly Resource[], foreign: ForeignKinds) {
    this.#own = own;
    this.#foreign = foreign;
  }

  find({ apiVersion, kind }: KindName): RuleResource | undefined {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const own = this.#own.find((each) => each.group === group && each.kind === kind);
    if (own !== undefined) return { group, plural: own.plural, namespaced: own.scope === "Namespaced" };
    const builtin = builtinResource(group, kind);
    if (builtin !== undefined) return { group, plural: builtin[2], namespaced: builtin[3] === "Namespaced" };
    const foreign = this.#foreign(group, kind);
    return foreign && { group, ...foreign };
  }

  /** What to write for a kind that is not found. */
  advice({ apiVersion, kind }: KindName, verbs: readonly string[]): string {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return `import its CRD (scaffold import crd), or say it above: @rbac group=${group || '""'} resources=${pluralOf(kind)} verbs=${verbs.join(",")}`;
  }
}
