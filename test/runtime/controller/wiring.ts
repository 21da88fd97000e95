import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect, type Connection } from "../../../runtime/client/index.ts";
import { done, enqueueByLabel, generationChanged, WITHOUT_GENERATION, WiringError } from "../../../runtime/controller/index.ts";
import { Manager, type ManagerOptions } from "../../../runtime/manager/index.ts";
import { metadataOnly, unstructured, type KubernetesObject } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/cluster.ts";
import { kubeconfigFor } from "../../../runtime/testing/identity.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
const Secret = unstructured({ apiVersion: "v1", kind: "Secret" });
const ClusterRole = unstructured({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" });
const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const READ = ["get", "list", "watch"];
const nothing = { reconcile: () => Promise.resolve(done()) };

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** What the wiring check says, on whatever API server these tests run. */
export function wiringTests(): void {
  let cluster: TestCluster;
  let admin: Connection;
  let count = 0;

  beforeAll(async () => {
    cluster = await startTestCluster();
    admin = await connect({ kubeconfig: cluster.kubeconfig });
    for (const name of ["first", "second"]) await admin.client.create({ ...Namespace, metadata: { name } });
  }, 600_000);
  afterAll(async () => {
    admin.close();
    await cluster.stop();
  });

  /** A kubeconfig of a service account that may do just this: everywhere, or in a namespace. */
  async function allowed(rules: readonly { namespace?: string; rules: readonly Rule[] }[]): Promise<string> {
    const name = `operator-${++count}`;
    const group = "rbac.authorization.k8s.io";
    const apiVersion = `${group}/v1`;
    await admin.client.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: "default", name } });
    for (const [index, { namespace, rules: granted }] of rules.entries()) {
      const kind = namespace === undefined ? "ClusterRole" : "Role";
      const metadata = { name: `${name}-${index}`, ...(namespace !== undefined && { namespace }) };
      const roleRef = { apiGroup: group, kind, name: metadata.name };
      const subjects = [{ kind: "ServiceAccount", namespace: "default", name }];
      await admin.client.create({ apiVersion, kind, metadata, rules: granted } as KubernetesObject);
      await admin.client.create({ apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects } as KubernetesObject);
    }
    return kubeconfigFor({ kubeconfig: cluster.kubeconfig, serviceAccount: name, namespace: "default" });
  }

  /** The mistakes for which a manager that is wired so does not start. */
  async function mistakes(wire: (manager: Manager) => unknown, options: ManagerOptions = {}): Promise<readonly string[]> {
    const manager = await Manager.create({ kubeconfig: cluster.kubeconfig, log: recorder().log, ...options });
    wire(manager);
    try {
      await manager.start();
      return [];
    } catch (error) {
      if (!(error instanceof WiringError)) throw error;
      expect(error.message).toBe(error.mistakes.join("; "));
      return error.mistakes;
    } finally {
      await manager.stop();
    }
  }

  const configMapsAndDeployments = (manager: Manager) => {
    manager.controller(ConfigMap).owns(Deployment).reconcileWith(nothing);
  };

  describe("a start fails, and names every access rule that is missing,", () => {
    test("when nothing may be read, of what is cached beside too", async () => {
      const kubeconfig = await allowed([]);
      expect(await mistakes((manager) => configMapsAndDeployments(manager.cache(metadataOnly(Secret))), { kubeconfig })).toEqual([
        "the operator may not read what it watches; add the access rules " +
          '{ apiGroups: [""], resources: ["secrets"], verbs: ["list", "watch"] } in a ClusterRole, ' +
          '{ apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"] } in a ClusterRole, ' +
          '{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"] } in a ClusterRole',
      ]);
    });

    test("when only list is allowed", async () => {
      const rules = [
        { apiGroups: [""], resources: ["configmaps"], verbs: ["list"] },
        { apiGroups: ["apps"], resources: ["deployments"], verbs: READ },
      ];
      expect(await mistakes(configMapsAndDeployments, { kubeconfig: await allowed([{ rules }]) })).toEqual([
        'the operator may not read what it watches; add the access rule { apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"] } in a ClusterRole',
      ]);
    });

    test("when one of its namespaces is left out", async () => {
      const rules = [{ apiGroups: ["", "apps"], resources: ["configmaps", "deployments"], verbs: READ }];
      const kubeconfig = await allowed([{ namespace: "first", rules }]);
      const configMaps = { apiGroups: [""], resources: ["configmaps"], verbs: READ };
      expect(await mistakes(configMapsAndDeployments, { kubeconfig, namespaces: ["first"] })).toEqual([]);
      const both = await allowed([
        { namespace: "first", rules },
        { namespace: "second", rules: [configMaps] },
      ]);
      expect(await mistakes(configMapsAndDeployments, { kubeconfig: both, namespaces: ["first", "second"] })).toEqual([
        'the operator may not read what it watches; add the access rule { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "watch"] } in a Role in second or a ClusterRole',
      ]);
    });
  });

  describe("a start succeeds", () => {
    test("when just what is watched may be read, everywhere or in each of the namespaces", async () => {
      const rules = [{ apiGroups: ["", "apps"], resources: ["configmaps", "deployments"], verbs: ["list", "watch"] }];
      expect(await mistakes(configMapsAndDeployments, { kubeconfig: await allowed([{ rules }]) })).toEqual([]);
      const both = await allowed([
        { namespace: "first", rules },
        { namespace: "second", rules },
      ]);
      expect(await mistakes(configMapsAndDeployments, { kubeconfig: both, namespaces: ["first", "second"] })).toEqual([]);
    });

    test("when just the one object that is watched may be read", async () => {
      const configMaps = { apiGroups: [""], resources: ["configmaps"], verbs: READ };
      const kubeconfig = await allowed([
        { rules: [configMaps, { apiGroups: [""], resources: ["secrets"], resourceNames: ["the-one"], verbs: READ }] },
      ]);
      const watching = (name: string) => (manager: Manager) =>
        manager.controller(ConfigMap).watches(Secret, enqueueByLabel("x"), { fieldSelector: `metadata.name=${name}` }).reconcileWith(nothing); // prettier-ignore
      expect(await mistakes(watching("the-one"), { kubeconfig })).toEqual([]);
      expect(await mistakes(watching("another"), { kubeconfig })).toHaveLength(1);
    });
  });

  describe("a start fails for a watch that cannot reconcile anything:", () => {
    test("a cluster-scoped child of a namespaced owner", async () => {
      expect(await mistakes((manager) => manager.controller(ConfigMap).owns(ClusterRole).reconcileWith(nothing))).toEqual([
        "controller configmap owns ClusterRole, which is cluster-scoped, and so cannot be owned by a ConfigMap, which is namespaced: " +
          'the garbage collector would delete it; mark it and watch it instead: .watches(ClusterRole, enqueueByAnnotation("…"))',
      ]);
      expect(await mistakes((manager) => manager.controller(Namespace).owns(ClusterRole).owns(ConfigMap).reconcileWith(nothing))).toEqual(
        [],
      );
    });

    test("changes of a generation that the kind does not have", async () => {
      const predicates = [generationChanged];
      expect(
        await mistakes((manager) => manager.controller(Deployment, { predicates }).owns(ConfigMap, { predicates }).reconcileWith(nothing)),
      ).toEqual([
        expect.stringContaining("controller deployment watches ConfigMap with generationChanged, but a ConfigMap has no generation"),
      ]);
    });

    test("a namespace that is not among the manager's", async () => {
      const wire = (manager: Manager) =>
        manager.controller(ConfigMap).owns(Deployment, { fieldSelector: "metadata.namespace=third" }).reconcileWith(nothing);
      expect(await mistakes(wire, { namespaces: ["first", "second"] })).toEqual([
        expect.stringContaining("Deployment is watched in the namespace third, which is none of those that are watched (first, second)"),
      ]);
    });

    test("and tells all mistakes at once", async () => {
      const kubeconfig = await allowed([]);
      const wire = (manager: Manager) => manager.controller(ConfigMap).owns(ClusterRole).reconcileWith(nothing);
      expect(await mistakes(wire, { kubeconfig })).toHaveLength(2);
    });
  });

  test("a controller without a reconciler is a mistake, though it is the only one", async () => {
    expect(await mistakes((manager) => manager.controller(ConfigMap))).toEqual([
      "controller configmap has no reconciler; end its wiring with .reconcileWith(…), or take it out",
    ]);
  });

  test.each([...WITHOUT_GENERATION])("a %s has no generation indeed, which it would get on creation", async (described) => {
    const [apiVersion = "", kind = ""] = described.split(" ");
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
    const namespaced = !["Namespace", "ClusterRole", "ClusterRoleBinding"].includes(kind);
    const metadata = { name: "without-generation", ...(namespaced && { namespace: "default" }) };
    const object = { apiVersion, kind, metadata, ...(kind.endsWith("Binding") && { roleRef }) };
    const created: KubernetesObject = await admin.client.create(object);
    expect(created.metadata?.uid).toBeDefined();
    expect(created.metadata?.generation).toBeUndefined();
  });
}
