import type { Api } from "../api.ts";
import { matchLabels } from "../../../object/selector.ts";
import { arrayAt, cloneJson, equalJson, isObject, objectAt, type JsonValue } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import type { Work } from "./work.ts";

/** Keeps the rules of aggregated cluster roles (`admin`, `edit`, `view` and one's own) equal to those of the roles they select. */
export function runRoleAggregation(api: Api, work: Work): void {
  const roles = api.store.collection("clusterroles.rbac.authorization.k8s.io");
  roles.observe(() =>
    work.add("aggregate cluster roles", () => {
      for (const entry of roles.list()) {
        if (objectAt(entry.object, "aggregationRule") === undefined) continue;
        const rules = aggregated(entry, roles.list());
        if (equalJson(rules, arrayAt(entry.object, "rules"))) continue;
        const object = cloneJson(entry.object);
        object["rules"] = rules;
        api.store.update(roles, entry, object);
      }
    }),
  );
}

function aggregated(role: Entry, roles: readonly Entry[]): JsonValue[] {
  const rules: JsonValue[] = [];
  for (const selector of arrayAt(role.object, "aggregationRule", "clusterRoleSelectors").filter(isObject)) {
    const matches = matchLabels(selector);
    for (const other of roles) {
      if (
        other.name === role.name ||
        !matches(objectAt(other.object, "metadata", "labels") as Readonly<Record<string, string>> | undefined)
      )
        continue;
      for (const rule of arrayAt(other.object, "rules")) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
