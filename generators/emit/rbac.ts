import { comparePlaces, type AccessRule, type Place, type Resource } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, toYaml, toYamlDocuments, type Tree, type TreeMap } from "./yaml.ts";

/** `config/rbac/role.yaml` */
export const rolePath = "config/rbac/role.yaml";

const header = "Derived from the calls of the code, and its @rbac markers, by `scaffold generate`: change the code, not this file.";

/**
 * The manager's ClusterRole (and a Role for each namespace that rules name) as YAML: merged, sorted, each rule with a comment that
 * says where in the code it comes from. Derived.
 */
export function emitRole(rules: readonly AccessRule[], options: { readonly name?: string } = {}): string {
  const { name = "manager-role" } = options;
  const byNamespace = Map.groupBy(rules, ({ namespace }) => namespace ?? "");
  const namespaces = ["", ...[...byNamespace.keys()].filter((namespace) => namespace !== "").sort()];
  const documents = namespaces.flatMap((namespace) => {
    const merged = merge(byNamespace.get(namespace) ?? []);
    const role = {
      tree: sorted({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: namespace === "" ? "ClusterRole" : "Role",
        metadata: { name, namespace: namespace === "" ? undefined : namespace },
        rules: merged.map(({ rule }) => rule),
      }),
      comments: merged.map(({ places }) =>
        [...new Set([...places].sort(comparePlaces).map(({ file, line }) => `${file}:${line}`))].join(", "),
      ),
    };
    return namespace === "" ? [role] : [role, { tree: bindingOf(name, namespace), comments: [] }];
  });
  return toYamlDocuments(documents, header);
}

/** The service account that operators run as, in the scaffold's service_account.yaml. */
const serviceAccount = "controller-manager";

/** Binds the Role of a namespace to the operator, whose own namespace kustomize fills in. */
function bindingOf(role: string, namespace: string): TreeMap {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: role.replace(/(?:-role)?$/, "-rolebinding"), namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount }],
  };
}

interface Merged {
  readonly rule: { readonly [key: string]: Tree | undefined };
  readonly places: readonly Place[];
}

/**
 * One rule for everything that has the same verbs in the same group, as a person would write it: first the verbs of each single
 * resource are brought together, then the resources with equal verbs, then the groups with equal resources and verbs.
 */
function merge(rules: readonly AccessRule[]): Merged[] {
  const single = rules.flatMap((rule) => {
    const names = [...(rule.resourceNames ?? [])].sort();
    const places = [rule.place];
    if (rule.urls !== undefined) return rule.urls.map((url) => ({ group: "", resource: "", url, names, verbs: rule.verbs, places }));
    return rule.groups.flatMap((group) =>
      rule.resources.map((resource) => ({ group, resource, url: "", names, verbs: rule.verbs, places })),
    );
  });
  const verbsJoined = joinBy(
    single,
    ({ group, resource, url, names }) => [group, resource, url, names],
    (each) => ({
      groups: each.map(({ group }) => group),
      resources: each.map(({ resource }) => resource),
      urls: each.map(({ url }) => url),
      names: each[0]?.names ?? [],
      verbs: each.flatMap(({ verbs }) => verbs),
      places: each.flatMap(({ places }) => places),
    }),
  ).map((each) => ({ ...each, verbs: orderedVerbs(each.verbs) }));
  const union = (each: readonly (typeof verbsJoined)[number][]): (typeof verbsJoined)[number] => ({
    groups: distinct(each.flatMap(({ groups }) => groups)),
    resources: distinct(each.flatMap(({ resources }) => resources)),
    urls: distinct(each.flatMap(({ urls }) => urls)),
    names: each[0]?.names ?? [],
    verbs: each[0]?.verbs ?? [],
    places: each.flatMap(({ places }) => places),
  });
  const isUrl = (each: (typeof verbsJoined)[number]): boolean => each.urls.some((url) => url !== "");
  const resourcesJoined = joinBy(verbsJoined, (each) => [distinct(each.groups), each.names, each.verbs, isUrl(each)], union);
  const groupsJoined = joinBy(resourcesJoined, (each) => [each.resources, each.names, each.verbs, isUrl(each)], union);
  return groupsJoined
    .sort(
      (a, b) =>
        compareLists(a.urls, b.urls) ||
        compareLists(a.groups, b.groups) ||
        compareLists(a.resources, b.resources) ||
        compareLists(a.names, b.names),
    )
    .map(({ groups, resources, urls, names, verbs, places }) => ({
      rule: urls.some((url) => url !== "")
        ? { nonResourceURLs: urls, verbs }
        : { apiGroups: groups, resources, resourceNames: names.length === 0 ? undefined : names, verbs },
      places,
    }));
}

function joinBy<T, R>(list: readonly T[], key: (each: T) => unknown, join: (group: readonly T[]) => R): R[] {
  return [...Map.groupBy(list, (each) => JSON.stringify(key(each))).values()].map(join);
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

/** Sorted, as controller-gen has them; `*` says all that the others say. */
function orderedVerbs(verbs: readonly string[]): string[] {
  return verbs.includes("*") ? ["*"] : distinct(verbs);
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [a.join("\0"), b.join("\0")];
  return left < right ? -1 : left > right ? 1 : 0;
}

const people = {
  admin: { aggregate: "admin", verbs: ["*"], for: "everything with" },
  editor: { aggregate: "edit", verbs: ["create", "delete", "get", "list", "patch", "update", "watch"], for: "reading and changing" },
  viewer: { aggregate: "view", verbs: ["get", "list", "watch"], for: "reading" },
} as const;

/** `config/rbac/<kind lower>_{admin,editor,viewer}_role.yaml` */
export function aggregatedRolePaths(resource: Resource): string[] {
  return Object.keys(people).map((role) => `config/rbac/${resource.kind.toLowerCase()}_${role}_role.yaml`);
}

/** Three ClusterRoles for people: all verbs, editing, viewing; aggregated into Kubernetes' own admin, edit and view. Derived. */
export function emitAggregatedRoles(resource: Resource): Artefact[] {
  const kind = resource.kind.toLowerCase();
  const hasStatus = resource.versions.some(({ status }) => status);
  return Object.entries(people).map(([role, { aggregate, verbs, for: purpose }]) => ({
    path: `config/rbac/${kind}_${role}_role.yaml`,
    text: toYaml(
      sorted({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: `${kind}-${role}-role`, labels: { [`rbac.authorization.k8s.io/aggregate-to-${aggregate}`]: "true" } },
        rules: [
          { apiGroups: [resource.group], resources: [resource.plural], verbs },
          ...(hasStatus ? [{ apiGroups: [resource.group], resources: [`${resource.plural}/status`], verbs: ["get"] }] : []),
        ],
      }),
      `Derived from ${resource.versions.map(({ typesFile }) => typesFile).join(", ")} by \`scaffold generate\`: for people, ${purpose} ${resource.plural}.`,
    ),
  }));
}
