import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { InformerEvent } from "../../../runtime/cache/index.ts";
import type { Client } from "../../../runtime/client/index.ts";
import { done, exceptOwnStatus } from "../../../runtime/controller/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/cluster.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { recorder } from "../recorder.ts";

const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const TIME = "2026-01-01T00:00:00Z";
const predicate = exceptOwnStatus("ours");

let cluster: TestCluster;
let manager: Manager;
let count = 0;
let key: { namespace: string; name: string };
/** What the predicate said of each event of an object. */
const verdicts = new Map<string, boolean[]>();

beforeAll(async () => {
  cluster = await startTestCluster({ crds: ["examples/memcached-operator/config/crd/bases"] });
  manager = await Manager.create({ kubeconfig: cluster.kubeconfig, log: recorder().log });
  const judged = (event: InformerEvent) => {
    verdicts.set(event.key.name, [...(verdicts.get(event.key.name) ?? []), predicate(event)]);
    return false;
  };
  manager.controller(Memcached, { name: "ours", predicates: [judged] }).reconcileWith({ reconcile: () => Promise.resolve(done()) });
  await manager.start();
});
afterAll(async () => {
  await manager.stop();
  await cluster.stop();
});
beforeEach(async () => {
  key = { namespace: "default", name: `m-${++count}` };
  await cluster.client.create({ ...Memcached, metadata: key, spec: { size: 1 } });
});

const as = (name: string): Client => cluster.client.withFieldManager(name);
const condition = (type: string, status: string) => ({ type, status, reason: "Because", message: "", lastTransitionTime: TIME });
const apply = (name: string, status: object) => as(name).status.apply({ ...Memcached, metadata: key, status });

/** What the predicate says of what these writes cause, one by one. */
async function verdictsOf(...writes: (() => Promise<unknown>)[]): Promise<boolean[]> {
  const seen = () => verdicts.get(key.name) ?? [];
  await eventually(() => expect(seen()).toEqual([true])); // the creation
  for (const [index, write] of writes.entries()) {
    await write();
    await eventually(() => expect(seen()).toHaveLength(index + 2));
  }
  return seen().slice(1);
}

describe("exceptOwnStatus keeps out", () => {
  test("the status that its controller applies: fields, conditions, and what it drops again", async () => {
    const changes = [
      { nodes: ["a"], conditions: [condition("Available", "False")] },
      { nodes: ["a", "b"], conditions: [condition("Available", "True"), condition("Progressing", "True")] },
      { conditions: [condition("Available", "True")] },
      { nodes: ["c"] },
    ];
    expect(await verdictsOf(...changes.map((status) => () => apply("ours", status)))).toEqual([false, false, false, false]);
  });

  test("its own part of a status that others write too", async () => {
    expect(
      await verdictsOf(
        () => apply("theirs", { nodes: ["x"], conditions: [condition("Checked", "True")] }),
        () => apply("ours", { nodes: ["a"], conditions: [condition("Available", "False")] }),
        () => apply("ours", { nodes: ["b"], conditions: [condition("Available", "True")] }),
      ),
    ).toEqual([true, false, false]);
  });
});

describe("exceptOwnStatus lets through", () => {
  test("what others write into the status, in their own fields and in ours", async () => {
    const status = { nodes: ["a"], conditions: [condition("Available", "False")] };
    const patch = (patch: object) => as("theirs").status.patch(Memcached, key, "merge", { status: patch });
    expect(
      await verdictsOf(
        () => apply("ours", status),
        () => apply("theirs", { conditions: [condition("Checked", "True")] }),
        () => apply("theirs", { nodes: ["x"], conditions: [condition("Checked", "True")] }),
        () => apply("theirs", { conditions: [condition("Available", "True")] }),
        () => patch({ nodes: ["y"] }),
        () => patch({ nodes: null }),
      ),
    ).toEqual([false, true, true, true, true, true]);
  });

  test("changes of spec, labels, annotations and finalizers", async () => {
    const patch = (patch: object) => () => as("theirs").patch(Memcached, key, "merge", patch);
    expect(
      await verdictsOf(
        patch({ spec: { size: 2 } }),
        patch({ metadata: { labels: { a: "1" } } }),
        patch({ metadata: { annotations: { a: "1" } } }),
        patch({ metadata: { finalizers: ["example.com/theirs"] } }),
        () => as("theirs").delete(Memcached, key),
        patch({ metadata: { finalizers: [] } }),
      ),
    ).toEqual([true, true, true, true, true, true]);
  });

  test("our own status where we write it by other means than apply", async () => {
    const patch = () => as("ours").status.patch(Memcached, key, "merge", { status: { nodes: ["a"] } });
    expect(await verdictsOf(patch)).toEqual([true]);
  });
});
