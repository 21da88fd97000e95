/** How kube-apiserver words what its authorizer refused; admission's refusals are worded otherwise and no rule would help. */
const REFUSED = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** Kinds that are cached are listed and then watched; an apply creates what is absent. */
const TOGETHER: Readonly<Record<string, string>> = { list: '"list", "watch"', watch: '"list", "watch"' };

/** What somebody wants to do, as the authorizer sees it. */
export interface Access {
  verb: string;
  resource: string;
  group: string;
  /** Where; `undefined` for everywhere. */
  namespace: string | undefined;
}

/** The RBAC rule that allows it, as text. */
export function accessRule({ verb, resource, group, namespace }: Access): string {
  const verbs = TOGETHER[verb] ?? `"${verb}"`;
  const where = namespace === undefined ? "a ClusterRole" : `a Role in ${namespace} or a ClusterRole`;
  return `{ apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verbs}] } in ${where}`;
}

/** The RBAC rule whose lack is the reason of a refusal, as text; `undefined` when the refusal is of another kind. */
export function missingRule(message: string): string | undefined {
  const [, verb, resource, group, namespace] = REFUSED.exec(message) ?? [];
  if (verb === undefined || resource === undefined || group === undefined) return undefined;
  return accessRule({ verb, resource, group, namespace });
}
