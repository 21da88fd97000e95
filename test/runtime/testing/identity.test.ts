import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Secret } from "kubernetes-models/v1/Secret";
import { connect, isForbidden } from "../../../runtime/index.ts";
import { EmbeddedCluster, operatorKubeconfig } from "../../../runtime/testing/index.ts";

const rules = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: operator
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: operator
rules:
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: operator
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator }
subjects:
- { kind: ServiceAccount, name: operator }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: operator
  namespace: team
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: operator
  namespace: team
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: operator }
subjects:
- { kind: ServiceAccount, name: operator }
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubescaffold-identity-"));
});

afterEach(() => {
  delete process.env["KUBESCAFFOLD_ACCESS_LOG"];
  rmSync(folder, { recursive: true, force: true });
});

test("an operator in a test may do what its access rules say, in each namespace, and what it asked for can be looked up", async () => {
  writeFileSync(join(folder, "rules.yaml"), rules);
  process.env["KUBESCAFFOLD_ACCESS_LOG"] = join(folder, "log");
  const cluster = await EmbeddedCluster.start();
  const admin = await connect({ kubeconfig: cluster.kubeconfig });
  const kubeconfig = await operatorKubeconfig({ client: admin.client, kubeconfig: cluster.kubeconfig }, folder);
  const operator = await connect({ kubeconfig });
  expect(operator.namespace).toBe("system");
  expect(await operator.client.get(ConfigMap, { namespace: "default", name: "x" })).toBeUndefined();
  expect(await operator.client.get(Secret, { namespace: "team", name: "x" })).toBeUndefined();
  const refusal: unknown = await operator.client.get(Secret, { namespace: "default", name: "x" }).catch((error: unknown) => error);
  expect(isForbidden(refusal)).toBe(true);
  operator.close();
  admin.close();
  await cluster.stop();

  const [file = ""] = readdirSync(join(folder, "log"));
  const asked = readFileSync(join(folder, "log", file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ resource }) => resource !== undefined);
  const user = "system:serviceaccount:system:operator";
  expect(asked).toEqual([
    { user, verb: "get", group: "", resource: "configmaps", namespace: "default", name: "x", allowed: true },
    { user, verb: "get", group: "", resource: "secrets", namespace: "team", name: "x", allowed: true },
    { user, verb: "get", group: "", resource: "secrets", namespace: "default", name: "x", allowed: false },
  ]);
});

test("an operator whose account has a namespace has its roles there too", async () => {
  const role =
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: own }\nrules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]\n";
  const binding = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: own }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: own }
subjects: [{ kind: ServiceAccount, name: operator }]
`;
  writeFileSync(join(folder, "rules.yaml"), rules.replace("  name: operator\n", "  name: operator\n  namespace: fleet\n") + role + binding);
  await using cluster = await EmbeddedCluster.start();
  using admin = await connect({ kubeconfig: cluster.kubeconfig });
  using operator = await connect({
    kubeconfig: await operatorKubeconfig({ client: admin.client, kubeconfig: cluster.kubeconfig }, folder),
  });
  expect(operator.namespace).toBe("fleet");
  for (const namespace of ["fleet", "team"]) expect(await operator.client.get(Secret, { namespace, name: "x" })).toBeUndefined();
});

test("a folder without the operator's service account is refused", async () => {
  writeFileSync(join(folder, "rules.yaml"), rules.slice(rules.indexOf("---")));
  await using cluster = await EmbeddedCluster.start();
  const admin = await connect({ kubeconfig: cluster.kubeconfig });
  await expect(operatorKubeconfig({ client: admin.client, kubeconfig: cluster.kubeconfig }, folder)).rejects.toThrow(
    "has 0 ServiceAccounts: the operator's, and no other, must be there",
  );
  admin.close();
});
