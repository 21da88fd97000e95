import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type Connection } from "../../runtime/client/index.ts";
import { done, enqueueByLabel, type Reconciler } from "../../runtime/controller/index.ts";
import { Manager } from "../../runtime/manager/index.ts";
import { controllerReference, unstructured, type KubernetesObject, type UnstructuredObject } from "../../runtime/object/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { eventually } from "../../runtime/testing/eventually.ts";
import { recorder } from "../runtime/recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const LimitRange = unstructured({ apiVersion: "v1", kind: "LimitRange" });
const WRITES = ["create", "update", "patch", "delete", "deletecollection"];

let cluster: ControlPlane;
let admin: Connection;
let namespace: string;
let count = 0;
const managers: Manager[] = [];

beforeAll(async () => {
  cluster = await ControlPlane.start({ audit: "Metadata" });
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "the-test" });
}, 600_000);
afterAll(async () => {
  admin.close();
  await cluster.stop();
});
beforeEach(async () => {
  namespace = `test-${++count}`;
  await admin.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop();
});

/** A Deployment as users write them: with lists by key, defaulted keys, atomic values, empty maps and quantities. */
function deploymentFor(owner: KubernetesObject, data: Record<string, string>, cpu: string) {
  const labels = { app: owner.metadata?.name ?? "" };
  const container = {
    name: "main",
    image: data["image"] ?? "example.com/image:1",
    args: ["-v", "1"],
    env: [{ name: "SIZE", value: "1" }, { name: "NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
    ports: [{ containerPort: 80 }, { containerPort: 53, protocol: "UDP", name: "dns" }],
    resources: { limits: { cpu } },
    securityContext: { capabilities: { drop: ["ALL"] } },
    volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
  }; // prettier-ignore
  const pod = { securityContext: {}, volumes: [{ name: "scratch", emptyDir: {} }], containers: [container] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: labels.app, namespace: owner.metadata?.namespace ?? "", labels, ownerReferences: [controllerReference(owner)] },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}

interface Seen {
  runs: number;
}

/** The server adds `defaultRequest` to the item of a list that is owned as a whole. */
const rewritten = () => ({
  apiVersion: "v1",
  kind: "LimitRange",
  metadata: { name: "rewritten", namespace },
  spec: { limits: [{ type: "Container", default: { cpu: "1" } }] },
});

async function startManager(cpu: string, seen: Seen = { runs: 0 }, more: readonly KubernetesObject[] = []): Promise<Manager> {
  const manager = await Manager.create({ kubeconfig: cluster.kubeconfig, namespaces: [namespace], log: recorder().log });
  const reconciler: Reconciler<UnstructuredObject> = {
    async reconcile(owner, { client }) {
      seen.runs++;
      if (owner.metadata.labels?.["role"] !== "owner") return done();
      await client.apply(deploymentFor(owner, (owner["data"] ?? {}) as Record<string, string>, cpu));
      await client.apply({ ...ConfigMap, metadata: { name: `${owner.metadata.name ?? ""}-child`, namespace }, data: { a: "1" } });
      for (const object of more) await client.apply(object);
      return done();
    },
  };
  manager
    .controller(ConfigMap, { name: `test-${namespace}` })
    .owns(Deployment)
    .watches(Deployment, enqueueByLabel("app"))
    .reconcileWith(reconciler);
  if (more.length > 0) manager.cache(LimitRange);
  managers.push(manager);
  await manager.start();
  return manager;
}

/** The operator's writes in this namespace so far. */
async function writes(): Promise<string[]> {
  const events = await cluster.auditEvents();
  return events
    .filter(({ verb, objectRef, userAgent }) => WRITES.includes(verb) && objectRef?.namespace === namespace && userAgent !== "the-test")
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ""} ${objectRef?.name ?? ""}`);
}

/** Changes something that no reconcile cares about, and waits until all owners were reconciled for it. */
async function nudge(name: string, seen: Seen): Promise<void> {
  const before = seen.runs;
  await admin.client.patch(ConfigMap, { namespace, name }, "merge", { metadata: { annotations: { nudged: String(before) } } });
  await eventually(() => expect(seen.runs).toBeGreaterThan(before));
}

const createOwner = (name: string, data: Record<string, string> = {}) =>
  admin.client.create({ ...ConfigMap, metadata: { name, namespace, labels: { role: "owner" } }, data });
const deployment = (name: string) => admin.client.get(Deployment, { namespace, name });
const container = async (name: string) => {
  const { spec } = (await deployment(name)) as unknown as { spec: { template: { spec: { containers: Record<string, unknown>[] } } } };
  return spec.template.spec.containers[0];
};

describe("an operator on a real API server", () => {
  test("writes each object once, then nothing, and nothing after a restart", async () => {
    const owners = ["a", "b", "c"];
    for (const name of owners) await createOwner(name);
    const seen = { runs: 0 };
    const first = await startManager("1000m", seen); // the server makes it 1
    await eventually(async () => expect(new Set(await writes()).size).toBe(6));
    for (const name of owners) await nudge(name, seen);
    const converged = await writes();
    expect(converged.toSorted()).toEqual([
      ...owners.map((name) => `create configmaps ${name}-child`),
      ...owners.map((name) => `patch deployments ${name}`),
    ]);
    await first.stop();

    const again = { runs: 0 };
    await startManager("1000m", again);
    await eventually(() => expect(again.runs).toBeGreaterThanOrEqual(6));
    for (const name of owners) await nudge(name, again);
    expect(await writes()).toEqual(converged);
  });

  test("applies an object whose values the server rewrites once more after a restart, and not again", async () => {
    await createOwner("a");
    const seen = { runs: 0 };
    const first = await startManager("1", seen, [rewritten()]);
    await eventually(async () => expect(await writes()).toHaveLength(3));
    for (let again = 0; again < 3; again++) await nudge("a", seen);
    expect(await writes()).toHaveLength(3);
    await first.stop();

    const after = { runs: 0 };
    await startManager("1", after, [rewritten()]);
    await eventually(() => expect(after.runs).toBeGreaterThanOrEqual(2));
    for (let again = 0; again < 3; again++) await nudge("a", after);
    expect((await writes()).slice(3)).toEqual(["patch limitranges rewritten"]);
  });

  test("puts back what others change of its fields, leaves alone what they add, and takes away what it wants no more", async () => {
    await createOwner("a", { image: "example.com/image:1" });
    const seen = { runs: 0 };
    await startManager("1", seen);
    await eventually(async () => expect(await writes()).toHaveLength(2));

    await admin.client.patch(Deployment, { namespace, name: "a" }, "merge", { spec: { replicas: 5, paused: true } });
    await eventually(async () => expect(await deployment("a")).toMatchObject({ spec: { replicas: 2, paused: true } }));
    await nudge("a", seen);
    expect(await writes()).toHaveLength(3);

    await admin.client.delete(Deployment, { namespace, name: "a" });
    await eventually(async () => expect(await deployment("a")).toBeDefined());
    expect(await writes()).toHaveLength(4);

    await admin.client.patch(ConfigMap, { namespace, name: "a" }, "merge", { data: { image: "example.com/image:2" } });
    await eventually(async () => expect(await container("a")).toMatchObject({ image: "example.com/image:2" }));
    await nudge("a", seen);
    expect(await writes()).toHaveLength(5);
  });

  test("really removes a field that a later apply leaves out", async () => {
    const client = admin.client.withFieldManager("test");
    const wanted = (data: object) => ({ ...ConfigMap, metadata: { name: "dropped", namespace }, data });
    await client.apply(wanted({ a: "1", b: "2" }));
    expect(await client.apply(wanted({ a: "1" }))).toMatchObject({ data: { a: "1" } });
    expect(await client.get(ConfigMap, { namespace, name: "dropped" })).toHaveProperty("data", { a: "1" });
  });
});

describe("the client on a real API server", () => {
  test("creates, reads, updates, patches, lists page by page, watches and deletes", async () => {
    const { client } = admin;
    const key = { namespace, name: "plain" };
    const created = await client.create({ ...ConfigMap, metadata: key, data: { a: "1" } });
    await expect(client.create({ ...ConfigMap, metadata: key })).rejects.toMatchObject({ reason: "AlreadyExists" });
    await expect(client.create({ ...ConfigMap, metadata: { ...key, name: "typo" }, dta: {} } as KubernetesObject)).rejects.toMatchObject({
      reason: "BadRequest",
    });
    const updated = await client.update({ ...created, data: { a: "2" } });
    await expect(client.update({ ...created, data: { a: "3" } })).rejects.toMatchObject({ reason: "Conflict" });
    expect(updated).toMatchObject({ metadata: { managedFields: [{ operation: "Update" }] } });
    await client.patch(ConfigMap, key, "json", [{ op: "add", path: "/data/b", value: "x" }]);
    await client.dryRun().patch(ConfigMap, key, "merge", { data: { c: "never" } });
    expect(await client.get(ConfigMap, key)).toMatchObject({ data: { a: "2", b: "x" } });

    for (const name of ["p1", "p2", "p3"]) await client.create({ ...ConfigMap, metadata: { name, namespace, labels: { page: "yes" } } });
    const pages: number[] = [];
    for await (const page of client.listPages(ConfigMap, { namespace, labelSelector: "page=yes", pageSize: 2 })) pages.push(page.length);
    expect(pages).toEqual([2, 1]);

    const life = new AbortController();
    for await (const { type, object } of client.watch(ConfigMap, {
      namespace,
      fieldSelector: "metadata.name=plain",
      signal: life.signal,
    })) {
      expect([type, object.metadata.name]).toEqual(["ADDED", "plain"]);
      life.abort();
    }
    expect(await client.delete(ConfigMap, key)).toBe(true);
    expect(await client.delete(ConfigMap, key)).toBe(false);
    expect(await client.get(ConfigMap, key)).toBeUndefined();
    await client.deleteAll(ConfigMap, { namespace, labelSelector: "page=yes" });
    expect(await client.list(ConfigMap, { namespace, labelSelector: "page=yes" })).toEqual([]);
  });

  test("elects one leader of two managers, and the second when the first ends", async () => {
    const options = { kubeconfig: cluster.kubeconfig, log: recorder().log };
    const candidate = (identity: string) => Manager.create({ ...options, leaderElection: { id: "test", namespace, identity } });
    const [first, second] = await Promise.all([candidate("first"), candidate("second")]);
    managers.push(first, second);
    await first.start();
    const following = second.start();
    const lease = () =>
      admin.client.get(unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" }), { namespace, name: "test" });
    expect(await lease()).toMatchObject({ spec: { holderIdentity: "first" } });
    await first.stop();
    await following;
    expect(await lease()).toMatchObject({ spec: { holderIdentity: "second", leaseTransitions: 1 } });
  });
});
