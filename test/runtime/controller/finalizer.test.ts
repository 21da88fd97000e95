import { expect, test } from "@jest/globals";
import { done } from "../../../runtime/controller/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { configMap, type Exchange } from "../fake-server.ts";
import { controllerBench, keyOfName } from "./bench.ts";

const OURS = "kubescaffold.dev/test";
const DELETED = { deletionTimestamp: "2026-01-01T00:00:00Z" };
const PATCH = "PATCH /api/v1/namespaces/default/configmaps/a";
const A = keyOfName("a");

/** What a patch of the metadata makes of the object. */
function answerPatch(exchange: Exchange, before: KubernetesObject | undefined, resourceVersion: string): void {
  const { metadata } = exchange.body as { metadata: object };
  exchange.answer(configMap("a", resourceVersion, {}, { ...before?.metadata, ...metadata, resourceVersion }));
}

function withFinalize() {
  const called: string[] = [];
  const reconciler = {
    reconcile: ({ metadata }: KubernetesObject) => {
      called.push(`reconcile ${metadata?.finalizers?.join() ?? ""}`);
      return Promise.resolve(done());
    },
    finalize: () => {
      called.push("finalize");
      return Promise.resolve();
    },
  };
  return { called, reconciler };
}

test("an object gets the finalizer beside those of others, at the version that was read, before it is reconciled", async () => {
  const { called, reconciler } = withFinalize();
  await using bench = await controllerBench(reconciler);
  bench.put("a", { finalizers: ["theirs"] });
  bench.controller.enqueue(A);
  const patch = await bench.server.next(PATCH);
  expect(patch.body).toEqual({ metadata: { finalizers: ["theirs", OURS], resourceVersion: "1" } });
  expect(called).toEqual([]);
  answerPatch(patch, bench.objects.get("a"), "2");
  await eventually(() => expect(called).toEqual([`reconcile theirs,${OURS}`]));
});

test("a finalizer that was added in between is not lost: the server refuses, and the next run knows it", async () => {
  const { called, reconciler } = withFinalize();
  await using bench = await controllerBench(reconciler);
  bench.put("a");
  bench.controller.enqueue(A);
  (await bench.server.next(PATCH)).fail(409, "Conflict");
  await eventually(() => expect(bench.outcomes).toContain("retried"));
  bench.objects.set("a", configMap("a", "2", {}, { finalizers: ["theirs"] }));
  await bench.clock.advance(5);
  const again = await bench.server.next(PATCH);
  expect(again.body).toEqual({ metadata: { finalizers: ["theirs", OURS], resourceVersion: "2" } });
  expect(called).toEqual([]);
});

test("a deleted object is finalized, and let go at the version that finalize has left", async () => {
  let written: () => void = () => undefined;
  await using bench = await controllerBench({
    reconcile: () => Promise.reject(new Error("must not be called")),
    finalize: () => {
      written();
      return Promise.resolve();
    },
  });
  // finalize writes the object, and the cache knows
  written = () => bench.put("a", { ...DELETED, finalizers: ["theirs", OURS], resourceVersion: "8" });
  bench.put("a", { ...DELETED, finalizers: ["theirs", OURS] });
  bench.controller.enqueue(A);
  const patch = await bench.server.next(PATCH);
  expect(patch.body).toEqual({ metadata: { finalizers: ["theirs"], resourceVersion: "8" } });
});

test("a finalize that fails is tried again, and the finalizer stays", async () => {
  let tries = 0;
  await using bench = await controllerBench({
    reconcile: () => Promise.resolve(done()),
    finalize: () => (++tries < 3 ? Promise.reject(new Error("not yet")) : Promise.resolve()),
  });
  bench.put("a", { ...DELETED, finalizers: [OURS] });
  bench.controller.enqueue(A);
  for (const [failures, delay] of [[1, 5], [2, 10]] as const) {
    await eventually(() => expect(tries).toBeGreaterThanOrEqual(failures));
    await bench.clock.advance(delay);
  } // prettier-ignore
  await bench.server.next(PATCH);
  expect(tries).toBe(3);
  expect(bench.server.writes).toHaveLength(1);
});

test("an object that was deleted while no operator ran is finalized when it is seen first", async () => {
  const { called, reconciler } = withFinalize();
  await using bench = await controllerBench(reconciler);
  bench.put("a", { ...DELETED, finalizers: [OURS] });
  bench.controller.enqueue(A);
  await bench.server.next(PATCH);
  expect(called).toEqual(["finalize"]);
});

test("an object that is gone when its finalizer shall be taken off is no failure", async () => {
  const { reconciler } = withFinalize();
  await using bench = await controllerBench(reconciler);
  bench.put("a", { ...DELETED, finalizers: [OURS] });
  bench.controller.enqueue(A);
  (await bench.server.next(PATCH)).fail(404, "NotFound");
  await eventually(() => expect(bench.outcomes).toEqual(["success"]));
});

test("a deleted object that others hold is left alone", async () => {
  const { called, reconciler } = withFinalize();
  await using bench = await controllerBench(reconciler);
  bench.put("a", { ...DELETED, finalizers: ["theirs"] });
  bench.controller.enqueue(A);
  await eventually(() => expect(bench.outcomes).toEqual(["success"]));
  expect(called).toEqual([]);
  expect(bench.server.writes).toEqual([]);
});

test("when a project drops finalize, its finalizer is taken off, from what lives and from what is being deleted", async () => {
  for (const deleted of [{}, DELETED]) {
    await using bench = await controllerBench({ reconcile: () => Promise.resolve(done()) });
    bench.put("a", { ...deleted, finalizers: ["theirs", OURS] });
    bench.controller.enqueue(A);
    const patch = await bench.server.next(PATCH);
    expect(patch.body).toEqual({ metadata: { finalizers: ["theirs"], resourceVersion: "1" } });
    answerPatch(patch, bench.objects.get("a"), "2");
    await eventually(() => expect(bench.outcomes).toEqual(["success"]));
  }
});
