// yours: tests the controller of Memcached against an API server.
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod } from "kubernetes-models/v1/Pod";
import { enqueueByLabel, findCondition, isInvalid, Manager, silentLogger, unstructured } from "@kubescaffold/runtime";
import { eventually, operatorKubeconfig, startTestCluster, type TestCluster } from "@kubescaffold/runtime/testing";
import { Memcached } from "../api/v1alpha1/memcached.ts";
import type { MemcachedSpec } from "../api/v1alpha1/memcached.types.ts";
import { INSTANCE_LABEL, MemcachedReconciler } from "./memcached.controller.ts";

const Event = unstructured({ apiVersion: "events.k8s.io/v1", kind: "Event" });

let cluster: TestCluster;
let operator: string;
let manager: Manager;
let count = 0;

beforeAll(async () => {
  // The embedded API server; with KUBESCAFFOLD_TEST_CLUSTER=controlplane a real kube-apiserver. On both, Deployments get pods that become ready.
  cluster = await startTestCluster({ crds: ["config/crd/bases"], workloads: true });
  // The operator may do what config/rbac says, and nothing else.
  operator = await operatorKubeconfig(cluster);
});

afterEach(() => manager.stop());

afterAll(() => cluster.stop());

test("a Memcached gets a Deployment of its own, with the defaults of the API", async () => {
  const key = await operate({});
  const deployment = await eventually(async () => found(await cluster.client.get(Deployment, key)));

  expect(deployment.spec?.replicas).toBe(3);
  const [container] = deployment.spec?.template.spec?.containers ?? [];
  expect(container).toMatchObject({ image: "memcached:1.6", ports: [{ containerPort: 11211, name: "memcached" }] });
  expect(container?.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
  const owner = found(await cluster.client.get(Memcached, key));
  expect(deployment.metadata?.ownerReferences).toEqual([
    {
      apiVersion: "cache.example.com/v1alpha1",
      kind: "Memcached",
      name: key.name,
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
});

test("it is Available once all pods are ready, and lists them as nodes", async () => {
  const key = await operate({ size: 2 });
  await eventually(async () => {
    const { status, metadata } = found(await cluster.client.get(Memcached, key));
    expect(findCondition(status?.conditions, "Available")).toMatchObject({ status: "True", observedGeneration: metadata.generation });
    expect(findCondition(status?.conditions, "Degraded")).toMatchObject({ status: "False" });
    const pods = await cluster.client.list(Pod, { namespace: key.namespace, labelSelector: `${INSTANCE_LABEL}=${key.name}` });
    expect(status?.nodes).toEqual(pods.map((pod) => pod.metadata?.name).sort());
    expect(status?.nodes).toHaveLength(2);
  });
});

test("it is not Available while a pod is not ready", async () => {
  const key = await operate({ size: 1 }, "does-not-exist:1.6");
  await eventually(async () => {
    const { status } = found(await cluster.client.get(Memcached, key));
    expect(findCondition(status?.conditions, "Available")).toMatchObject({ status: "False", message: "0 of 1 pods are ready." });
    expect(findCondition(status?.conditions, "Degraded")).toMatchObject({
      status: "True",
      reason: expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/),
    });
    expect(await eventsOf(key)).toContain("ErrImagePull");
  });
});

test("a new size and a new port reach the Deployment", async () => {
  const key = await operate({ size: 1 });
  await eventually(async () => found(await cluster.client.get(Deployment, key)));

  await cluster.client.patch(Memcached, key, "merge", { spec: { size: 4, containerPort: 11222 } });

  await eventually(async () => {
    const { spec } = found(await cluster.client.get(Deployment, key));
    expect(spec?.replicas).toBe(4);
    expect(spec?.template.spec?.containers[0]?.ports?.[0]?.containerPort).toBe(11222);
  });
});

test("what somebody changes in the Deployment by hand is put right", async () => {
  const key = await operate({ size: 2 });
  await eventually(async () => found(await cluster.client.get(Deployment, key)));

  await cluster.client.patch(Deployment, key, "strategic", {
    spec: { replicas: 9, template: { spec: { containers: [{ name: "memcached", image: "nginx:1" }] } } },
  });

  await eventually(async () => {
    const { spec, metadata } = found(await cluster.client.get(Deployment, key));
    expect(metadata?.generation).toBeGreaterThan(1);
    expect(spec?.replicas).toBe(2);
    expect(spec?.template.spec?.containers[0]?.image).toBe("memcached:1.6");
  });
});

test("a deleted Deployment comes back", async () => {
  const key = await operate({ size: 1 });
  const first = await eventually(async () => found(await cluster.client.get(Deployment, key)));

  await cluster.client.delete(Deployment, key);

  await eventually(async () => {
    const second = found(await cluster.client.get(Deployment, key));
    expect(second.metadata?.uid).not.toBe(first.metadata?.uid);
  });
});

test("a Deployment that the API server refuses makes it Degraded, with the reason", async () => {
  const key = await operate({}, "");
  await eventually(async () => {
    const { status } = found(await cluster.client.get(Memcached, key));
    expect(findCondition(status?.conditions, "Degraded")).toMatchObject({
      status: "True",
      reason: "ReconcileFailed",
      message: expect.stringContaining("image"),
    });
  });
});

test("it tells in events what it does", async () => {
  const key = await operate({ size: 1 });
  await eventually(async () => found(await cluster.client.get(Deployment, key)));
  await cluster.client.patch(Memcached, key, "merge", { spec: { size: 2 } });

  await eventually(async () => {
    expect(await eventsOf(key)).toEqual(expect.arrayContaining(["Created", "Scaled"]));
  });
});

test("a deleted Memcached takes its Deployment with it", async () => {
  const key = await operate({ size: 1 });
  await eventually(async () => found(await cluster.client.get(Deployment, key)));

  await cluster.client.delete(Memcached, key);

  await eventually(async () => {
    expect(await cluster.client.get(Memcached, key)).toBeUndefined();
    expect(await cluster.client.get(Deployment, key)).toBeUndefined();
  });
});

test("a size beyond the limit is refused by the API server", async () => {
  const memcached = new Memcached({ metadata: { namespace: "default", name: "too-large" }, spec: { size: 6 } });
  const refusal: unknown = await cluster.client.create(memcached).catch((error: unknown) => error);
  expect(isInvalid(refusal)).toBe(true);
  expect(() => {
    memcached.validate();
  }).toThrow("spec.size");
});

/** Starts the operator and creates a Memcached for it. */
async function operate(spec: MemcachedSpec, image?: string): Promise<{ namespace: string; name: string }> {
  manager = await Manager.create({ kubeconfig: operator, log: silentLogger });
  manager.controller(Memcached).owns(Deployment).watches(Pod, enqueueByLabel(INSTANCE_LABEL)).reconcileWith(new MemcachedReconciler(image));
  await manager.start();
  const key = { namespace: "default", name: `sample-${++count}` };
  await cluster.client.create(new Memcached({ metadata: key, spec }));
  return key;
}

function found<T>(object: T | undefined): T {
  if (object === undefined) throw new Error("not there yet");
  return object;
}

/** The reasons of an object's events. */
async function eventsOf({ namespace, name }: { namespace: string; name: string }): Promise<unknown[]> {
  const events = await cluster.client.list(Event, { namespace });
  return events.filter((event) => (event["regarding"] as { name?: string }).name === name).map((event) => event["reason"]);
}
