import type { Status } from "./errors.ts";

/** A rule that RBAC lacks for a call, as a Role or ClusterRole has it (`rbac.authorization.k8s.io/v1 PolicyRule`). */
export interface AccessRule {
  apiGroups?: readonly string[];
  /** `pods`, or `deployments/scale` for a subresource. */
  resources?: readonly string[];
  /** Only for verbs that are granted by name, such as `impersonate` and `bind`. */
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
  verbs: readonly string[];
  /** Where a Role would do; without it nothing less than a ClusterRole does. */
  namespace?: string;
}

/** How kube-apiserver words what its authorizer refused; admission's refusals are worded otherwise and no rule would help. */
const RESOURCE = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;
const PATH = /cannot (\S+) path "([^"]+)"/;

/** Verbs that are granted for a kind. Others, such as `impersonate`, `bind`, `use` and `sign`, are best granted for one object. */
const OF_A_KIND = new Set(["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]);

/** The RBAC rule whose lack is the reason of a refusal; `undefined` when the refusal is of another kind. */
export function missingRule({ message = "", details }: Status): AccessRule | undefined {
  const [, method, path] = PATH.exec(message) ?? [];
  if (method !== undefined && path !== undefined) return { nonResourceURLs: [path], verbs: [method] };
  const [, verb, resource, group, namespace] = RESOURCE.exec(message) ?? [];
  if (verb === undefined || resource === undefined || group === undefined) return undefined;
  const name = details?.name;
  return {
    apiGroups: [group],
    resources: [resource],
    ...(name !== undefined && !OF_A_KIND.has(verb) && { resourceNames: [name] }),
    verbs: verb === "list" || verb === "watch" ? ["list", "watch"] : [verb], // a kind that is cached is listed and then watched
    ...(namespace !== undefined && { namespace }),
  };
}

/** A rule in one line, as YAML would take it, and where it belongs. */
export function describeRule({ namespace, ...rule }: AccessRule): string {
  const fields = Object.entries(rule).map(([field, values]) => `${field}: [${values.map((value) => JSON.stringify(value)).join(", ")}]`);
  return `{ ${fields.join(", ")} } in ${namespace === undefined ? "a ClusterRole" : `a Role in ${namespace} or a ClusterRole`}`;
}
