import { expect, test } from "@jest/globals";
import { done, UnresolvedReferenceError, type ReconcileContext, type ReferencesSettings } from "../../../runtime/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import { eventually, startTestCluster } from "../../../runtime/testing/index.ts";
import { unstructured, type UnstructuredObject } from "../../../runtime/object/index.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Secret = unstructured({ apiVersion: "v1", kind: "Secret" });
const namespace = "default";
const secret = (name: string, password: string) => ({ ...Secret, metadata: { namespace, name }, stringData: { password } });
const shop = (name: string, ...secrets: string[]) => ({
  ...ConfigMap,
  metadata: { namespace, name, labels: { app: "shop" } },
  data: { secrets: secrets.join(",") },
});
const dataOf = (object: UnstructuredObject) => object["data"] as Record<string, string>;

/** A controller of shops, which are ConfigMaps that name Secrets, and what it saw: the passwords of each shop. */
async function started(references: ReferencesSettings = {}) {
  const cluster = await startTestCluster();
  const manager = await Manager.create({
    kubeconfig: cluster.kubeconfig,
    log: recorder().log,
    namespaces: [namespace],
    metrics: { bindAddress: "127.0.0.1:0" },
    references,
  });
  const seen = new Map<string, string[]>();
  const reconcile = async (object: UnstructuredObject, { references }: ReconcileContext<UnstructuredObject>) => {
    if (object.metadata.labels?.["app"] !== "shop") return done();
    const names = dataOf(object)["secrets"]?.split(",") ?? [];
    await references.track(object, Secret, names);
    const passwordOf = async (name: string) => {
      try {
        const data = dataOf(await references.get(Secret, { namespace, name }));
        return Buffer.from(data["password"] ?? "", "base64").toString();
      } catch (error) {
        if (error instanceof UnresolvedReferenceError && error.reason === "not-found") return "none";
        throw error;
      }
    };
    seen.set(object.metadata.name ?? "", await Promise.all(names.map(passwordOf)));
    return done();
  };
  manager.controller(ConfigMap).reconcileWith({ reconcile });
  /** Secrets in memory, by the metric. */
  const inMemory = async () => {
    const text = await (await fetch(`http://127.0.0.1:${manager.ports.metrics}/metrics`)).text();
    return Number(/^kubescaffold_cache_objects\{[^}]*kind="Secret"[^}]*\} (\d+)/m.exec(text)?.[1] ?? "0");
  };
  await manager.start();
  const stop = async () => {
    await manager.stop();
    await cluster.stop();
  };
  return { client: cluster.client, seen, inMemory, [Symbol.asyncDispose]: stop };
}

/** The same on every API server. */
export function referencesTests(): void {
  test.each([["a watch of its own", {}], ["one watch for all", { foldAbove: 1 }]])(
    "a reconciler is given the Secrets that its object names, and comes back when one changes, goes or comes: %s", async (_, settings) => {
      await using bench = await started(settings);
      const { client, seen } = bench;
      for (const name of ["a", "b", "other", "another"]) await client.create(secret(name, `${name}-1`));
      await client.create(shop("shop", "a", "b", "c"));
      await eventually(() => expect(seen.get("shop")).toEqual(["a-1", "b-1", "none"]));
      expect(await bench.inMemory()).toBe(2);
      await client.create(secret("c", "c-1"));
      await eventually(() => expect(seen.get("shop")).toEqual(["a-1", "b-1", "c-1"]));
      await client.patch(Secret, { namespace, name: "a" }, "merge", { stringData: { password: "a-2" } });
      await eventually(() => expect(seen.get("shop")).toEqual(["a-2", "b-1", "c-1"]));
      await client.delete(Secret, { namespace, name: "b" });
      await eventually(() => expect(seen.get("shop")).toEqual(["a-2", "none", "c-1"]));
      await client.delete(ConfigMap, { namespace, name: "shop" });
      await eventually(async () => expect(await bench.inMemory()).toBe(0));
    },
  ); // prettier-ignore

  test("an immutable Secret is read from memory, without a watch of it", async () => {
    await using bench = await started();
    await bench.client.create({ ...secret("a", "a-1"), immutable: true });
    await bench.client.create(shop("shop", "a"));
    await eventually(() => expect(bench.seen.get("shop")).toEqual(["a-1"]));
    await bench.client.delete(Secret, { namespace, name: "a" });
    await bench.client.create(secret("b", "b-1"));
    await bench.client.patch(ConfigMap, { namespace, name: "shop" }, "merge", { data: { secrets: "a,b" } });
    await eventually(() => expect(bench.seen.get("shop")).toEqual(["a-1", "b-1"]));
  });
}
