import { describe, expect, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";
import { aggregatedRolePaths, emitAggregatedRoles, emitRole } from "../../../generators/emit/index.ts";
import type { AccessRule } from "../../../generators/model/index.ts";
import { readFleet } from "./fleet.ts";

const rule = (groups: string[], resources: string[], verbs: string[], line: number, more: Partial<AccessRule> = {}): AccessRule => ({
  groups,
  resources,
  verbs,
  place: { file: "controllers/a.ts", line, column: 1 },
  ...more,
});

function rulesOf(rules: readonly AccessRule[]): unknown {
  return (parse(emitRole(rules)) as { rules: unknown }).rules;
}

describe("the manager's role", () => {
  test("brings together the verbs of a resource, the resources with equal verbs, and the groups with equal resources", () => {
    expect(
      rulesOf([
        rule(["apps"], ["deployments"], ["watch"], 1),
        rule(["apps"], ["deployments", "replicasets"], ["list"], 2),
        rule(["apps"], ["replicasets"], ["watch", "list"], 3),
        rule(["extensions"], ["replicasets", "deployments"], ["list", "watch"], 4),
      ]),
    ).toEqual([{ apiGroups: ["apps", "extensions"], resources: ["deployments", "replicasets"], verbs: ["list", "watch"] }]);
  });

  test("keeps apart what is allowed for some names only", () => {
    expect(rulesOf([rule([""], ["secrets"], ["get"], 1, { resourceNames: ["b", "a"] }), rule([""], ["secrets"], ["list"], 2)])).toEqual([
      { apiGroups: [""], resources: ["secrets"], verbs: ["list"] },
      { apiGroups: [""], resourceNames: ["a", "b"], resources: ["secrets"], verbs: ["get"] },
    ]);
  });

  test("never grants more than its rules do", () => {
    expect(rulesOf([rule(["a"], ["x"], ["get"], 1), rule(["b"], ["y"], ["get"], 2)])).toEqual([
      { apiGroups: ["a"], resources: ["x"], verbs: ["get"] },
      { apiGroups: ["b"], resources: ["y"], verbs: ["get"] },
    ]);
  });

  test("says * alone where * is among the verbs", () => {
    expect(rulesOf([rule(["a"], ["x"], ["get"], 1), rule(["a"], ["x"], ["*"], 2)])).toEqual([
      { apiGroups: ["a"], resources: ["x"], verbs: ["*"] },
    ]);
  });

  test("has a Role of its own for each namespace, in order, bound to the operator", () => {
    const text = emitRole([rule(["a"], ["x"], ["get"], 1, { namespace: "z" }), rule(["a"], ["x"], ["get"], 2, { namespace: "b" })], {
      name: "boss",
    });
    const roles = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; metadata: object });
    expect(roles.map(({ kind, metadata }) => [kind, metadata])).toEqual([
      ["ClusterRole", { name: "boss" }],
      ["Role", { name: "boss", namespace: "b" }],
      ["RoleBinding", { name: "boss-rolebinding", namespace: "b" }],
      ["Role", { name: "boss", namespace: "z" }],
      ["RoleBinding", { name: "boss-rolebinding", namespace: "z" }],
    ]);
    expect(roles[2]).toMatchObject({
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "boss" },
      subjects: [{ kind: "ServiceAccount", name: "controller-manager" }],
    });
  });

  test("names every place in the code above a rule, and is the same whatever the order of the rules", () => {
    const rules = [rule(["a"], ["x"], ["get"], 9), rule(["a"], ["x"], ["list"], 3), rule(["a"], ["y"], ["get", "list"], 4)];
    expect(emitRole(rules)).toContain("# controllers/a.ts:3, controllers/a.ts:4, controllers/a.ts:9\n- apiGroups:");
    expect(emitRole(rules.toReversed())).toBe(emitRole(rules));
  });

  test("without any rule is empty, and valid", () => {
    expect(rulesOf([])).toBeUndefined();
  });
});

test("roles for people are aggregated into Kubernetes' own", async () => {
  const [resource] = (await readFleet()).resources;
  if (resource === undefined) throw new Error("no resource");
  const roles = emitAggregatedRoles(resource);
  expect(roles.map(({ path }) => path)).toEqual(aggregatedRolePaths(resource));
  expect(roles.map(({ text }) => (parse(text) as { metadata: unknown }).metadata)).toEqual([
    { name: "frigate-admin-role", labels: { "rbac.authorization.k8s.io/aggregate-to-admin": "true" } },
    { name: "frigate-editor-role", labels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } },
    { name: "frigate-viewer-role", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
  ]);
});
