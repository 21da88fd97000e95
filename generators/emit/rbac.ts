import { comparePlaces, type AccessRule, type Place, type Resource } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, toYaml, toYamlDocuments, type Tree, type TreeMap } from "./yaml.ts";

/** `config/rbac/role.yaml` */
export const rolePath = "config/rbac/role.yaml";

const header = "Derived from the calls of the code, and its @rbac markers, by `scaffold generate`: change the code, not this file.";

/**
 * The manager's ClusterRole, and a Role for each namespace and a role for each name that rules ask for, as YAML: merged and sorted, each
 * rule with a comment that says where in the code it comes from. Derived.
 */
export function emitRole(rules: readonly AccessRule[], options: { readonly name?: string } = {}): string {
  const { name = "manager-role" } = options;
  const byRole = Map.groupBy(rules, ({ namespace = "", roleName = name }) => JSON.stringify([namespace, roleName]));
  const manager = JSON.stringify(["", name]);
  const roles = [...new Set([manager, ...byRole.keys()])].map((key) => ({
    key,
    identity: JSON.parse(key) as [namespace: string, name: string],
  }));
  roles.sort((a, b) => compare(a.identity[0], b.identity[0]) || compare(a.identity[1], b.identity[1]));
  const documents = roles.flatMap(({ key, identity: [namespace, roleName] }) => {
    const merged = merge(byRole.get(key) ?? []);
    const role = {
      tree: sorted({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: namespace === "" ? "ClusterRole" : "Role",
        metadata: { name: roleName, namespace: namespace === "" ? undefined : namespace },
        // An empty list is none for the API server, and kubectl would find a difference each time.
        rules: merged.length === 0 ? undefined : merged.map(policyRule),
      }),
      comments: merged.map(({ places }) =>
        [...new Set([...places].sort(comparePlaces).map(({ file, line }) => `${file}:${line}`))].join(", "),
      ),
    };
    // The scaffold's role_binding.yaml binds the manager's own.
    return key === manager ? [role] : [role, { tree: bindingOf(roleName, namespace), comments: [] }];
  });
  return toYamlDocuments(documents, header);
}

/** The service account that operators run as, in the scaffold's service_account.yaml. */
const serviceAccount = "controller-manager";

/** Binds a role to the operator, whose own namespace kustomize fills in. @param namespace of the role; "" for a ClusterRole, undefined for the operator's own */
export function bindingOf(role: string, namespace: string | undefined): TreeMap {
  const isCluster = namespace === "";
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: isCluster ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name: role.replace(/(?:-role)?$/, "-rolebinding"), ...(isCluster ? {} : { namespace }) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: isCluster ? "ClusterRole" : "Role", name: role },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount }],
  };
}

/** A rule on its way to be merged: all lists sorted, each entry once. */
interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly names: readonly string[];
  readonly urls: readonly string[];
  readonly verbs: readonly string[];
  readonly places: readonly Place[];
}

type List = Exclude<keyof Rule, "places">;

/**
 * As controller-gen merges: the verbs of a single resource (in the same groups, for the same names) are brought together, then the
 * resources with equal groups and verbs, the groups with equal resources and verbs, and the URLs with equal verbs. Where it would lose
 * a rule, as two have the same resources in the end, their verbs are brought together here.
 */
function merge(rules: readonly AccessRule[]): Rule[] {
  const single = rules.flatMap(({ groups, resources, resourceNames = [], urls = [], verbs, place }) =>
    (resources.length === 0 ? [[]] : resources.map((resource) => [resource])).map((each): Rule => ({
      groups: distinct(groups),
      resources: each,
      names: distinct(resourceNames),
      urls: distinct(urls),
      verbs: distinct(verbs),
      places: [place],
    })),
  );
  const steps: readonly List[] = ["verbs", "resources", "groups", "urls", "verbs"];
  return steps
    .reduce<readonly Rule[]>((all, list) => joined(all, list), single)
    .map((rule) => (rule.verbs.includes("*") ? { ...rule, verbs: ["*"] } : rule))
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

const lists: readonly List[] = ["groups", "resources", "names", "urls", "verbs"];

/** One rule for those that differ in one list only. */
function joined(rules: readonly Rule[], list: List): Rule[] {
  const others = lists.filter((each) => each !== list);
  const alike = Map.groupBy(rules, (rule) => JSON.stringify(others.map((each) => rule[each])));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ ...first, [list]: distinct(group.flatMap((rule) => rule[list])), places: group.flatMap(({ places }) => places) }];
  });
}

/** controller-gen's order of rules: by their groups, resources, names and URLs as one text. */
function sortKey(rule: Rule): string {
  return [rule.groups, rule.resources, rule.names, rule.urls].map((list) => list.join("&")).join(" + ");
}

function policyRule({ groups, resources, names, urls, verbs }: Rule): { readonly [key: string]: Tree | undefined } {
  if (urls.length > 0) return { nonResourceURLs: urls, verbs };
  return { apiGroups: groups, resources, resourceNames: names.length === 0 ? undefined : names, verbs };
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
