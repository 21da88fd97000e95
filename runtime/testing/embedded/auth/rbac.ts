import type { User } from "../http/index.ts";
import { strings } from "../resources/index.ts";
import { arrayAt, isObject, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import type { Store } from "../store/index.ts";
import type { Attributes } from "./authorize.ts";

/** A `rbac.authorization.k8s.io/v1 PolicyRule`. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

export interface Decision {
  readonly allowed: boolean;
  /** Why: which binding allows it, or what was wrong with the bindings while looking. */
  readonly reason: string;
}

/** A binding of the user's, with its role's rules or what is wrong with it. */
interface Grant {
  readonly rules: readonly Rule[];
  readonly binding: string;
  readonly error: string | undefined;
}

const GROUP = "rbac.authorization.k8s.io";
const COLLECTIONS = ["clusterroles", "roles", "clusterrolebindings", "rolebindings"].map((plural) => `${plural}.${GROUP}`);

/** Role-based access control over the stored roles and bindings. Rules are read once and again after each change of a role. */
export class Rbac {
  readonly #store: Store;
  readonly #rules = new Map<string, readonly Rule[]>();

  constructor(store: Store) {
    this.#store = store;
    for (const collection of COLLECTIONS) store.collection(collection).observe(() => this.#rules.clear());
  }

  decide(attributes: Attributes): Decision {
    // The group that RBAC itself never asks about, so that nobody can lock themselves out.
    if (attributes.user.groups.includes("system:masters")) return { allowed: true, reason: "" };
    const errors: string[] = [];
    for (const grant of this.#grants(attributes.user, attributes.namespace)) {
      if (grant.error !== undefined) errors.push(grant.error);
      if (grant.rules.some((rule) => allows(rule, attributes))) return { allowed: true, reason: `RBAC: allowed by ${grant.binding}` };
    }
    if (errors.length === 0) return { allowed: false, reason: "" };
    const unique = [...new Set(errors)];
    return { allowed: false, reason: `RBAC: ${unique.length === 1 ? (unique[0] ?? "") : `[${unique.join(", ")}]`}` };
  }

  /** All rules that hold for a user in a namespace (cluster-wide ones only, if it is empty), and what was wrong while looking. */
  rulesFor(user: User, namespace: string): { rules: Rule[]; errors: string[] } {
    const grants = [...this.#grants(user, namespace)];
    return {
      rules: grants.flatMap((grant) => grant.rules),
      errors: grants.flatMap((grant) => (grant.error === undefined ? [] : [grant.error])),
    };
  }

  *#grants(user: User, namespace: string): Generator<Grant> {
    for (const { name, object } of this.#store.collection(`clusterrolebindings.${GROUP}`).list()) {
      const subject = matchingSubject(object, user, "");
      if (subject !== undefined) yield this.#grant(object, "", `ClusterRoleBinding ${JSON.stringify(name)}`, subject);
    }
    if (namespace === "") return;
    for (const { name, object } of this.#store.collection(`rolebindings.${GROUP}`).list(namespace)) {
      const subject = matchingSubject(object, user, namespace);
      if (subject !== undefined) yield this.#grant(object, namespace, `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`, subject);
    }
  }

  #grant(binding: JsonObject, namespace: string, name: string, subject: string): Grant {
    const kind = stringAt(binding, "roleRef", "kind") ?? "";
    const role = stringAt(binding, "roleRef", "name") ?? "";
    const collection = kind === "Role" ? "roles" : "clusterroles";
    const key = kind === "Role" ? `${namespace}/${role}` : role;
    const rules = this.#rulesOf(`${collection}.${GROUP}`, key);
    return {
      rules: rules ?? [],
      binding: `${name} of ${kind} ${JSON.stringify(role)} to ${subject}`,
      error: rules === undefined ? `${kind.toLowerCase()}.${GROUP} ${JSON.stringify(role)} not found` : undefined,
    };
  }

  #rulesOf(collection: string, key: string): readonly Rule[] | undefined {
    const id = `${collection} ${key}`;
    const known = this.#rules.get(id);
    if (known !== undefined) return known;
    const entry = this.#store.collection(collection).get(key);
    if (entry === undefined) return undefined;
    const rules = arrayAt(entry.object, "rules").map(readRule);
    this.#rules.set(id, rules);
    return rules;
  }
}

function readRule(rule: JsonValue): Rule {
  return {
    verbs: strings(rule, "verbs"),
    apiGroups: strings(rule, "apiGroups"),
    resources: strings(rule, "resources"),
    resourceNames: strings(rule, "resourceNames"),
    nonResourceURLs: strings(rule, "nonResourceURLs"),
  };
}

/** How the messages name the subject through which a binding is the user's, if it is. */
function matchingSubject(binding: JsonObject, user: User, namespace: string): string | undefined {
  for (const subject of arrayAt(binding, "subjects")) {
    if (!isObject(subject)) continue;
    const name = stringAt(subject, "name") ?? "";
    switch (subject["kind"]) {
      case "User":
        if (name === user.name) return `User ${JSON.stringify(name)}`;
        break;
      case "Group":
        if (user.groups.includes(name)) return `Group ${JSON.stringify(name)}`;
        break;
      case "ServiceAccount": {
        const own = stringAt(subject, "namespace") ?? namespace;
        if (user.name === `system:serviceaccount:${own}:${name}`) return `ServiceAccount ${JSON.stringify(`${name}/${own}`)}`;
      }
    }
  }
  return undefined;
}

function allows(rule: Rule, { verb, isResource, path, group, plural, subresource, name }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  if (!isResource) return rule.nonResourceURLs.some((url) => url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))));
  if (!has(rule.apiGroups, group)) return false;
  const wanted = subresource === "" ? plural : `${plural}/${subresource}`;
  const matches = rule.resources.some((each) => each === "*" || each === wanted || (subresource !== "" && each === `*/${subresource}`));
  return matches && (rule.resourceNames.length === 0 || rule.resourceNames.includes(name));
}

function has(values: readonly string[], wanted: string): boolean {
  return values.includes("*") || values.includes(wanted);
}
