import { expect, test } from "@jest/globals";
import { Manager } from "../../../runtime/manager/index.ts";
import { done, type Result } from "../../../runtime/controller/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";
import { controllerBench, keyOfName } from "./bench.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });

test("what changes is reconciled before what was there when the operator started", async () => {
  await using server = await FakeServer.start();
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), log: recorder().log, clock: new DrivenClock() });
  const order: string[] = [];
  let next: () => void = () => undefined;
  manager.controller(ConfigMap).reconcileWith(
    {
      reconcile: ({ metadata }) =>
        new Promise<Result>((resolve) => {
          order.push(metadata.name ?? "");
          next = () => resolve(done());
        }),
    },
    { concurrency: 1 },
  );
  const starting = manager.start();
  const watch = await server.next("GET /api/v1/configmaps");
  watch.listed("10", ...["a", "b", "c", "d"].map((name) => configMap(name, "9")));
  await starting;
  await eventually(() => expect(order).toEqual(["a"]));
  watch.events(["MODIFIED", configMap("d", "11")], ["ADDED", configMap("e", "12")]);
  // Once the last event is in the cache, so are those before it.
  await eventually(async () => expect(await manager.client.get(ConfigMap, keyOfName("e"))).toBeDefined());
  for (let run = 1; run < 5; run++) {
    next();
    await eventually(() => expect(order).toHaveLength(run + 1));
  }
  expect(order).toEqual(["a", "d", "e", "b", "c"]);
  next();
  await manager.stop();
});

test("an event reconciles an object at once that waits for a retry, and that run is none", async () => {
  let fails = true;
  let runs = 0;
  await using bench = await controllerBench({
    reconcile: () => {
      runs++;
      return fails ? Promise.reject(new Error("not yet")) : Promise.resolve(done());
    },
  });
  bench.put("a");
  bench.controller.enqueue(keyOfName("a"));
  await settle();
  for (const delay of [5, 10, 20, 40]) await bench.clock.advance(delay);
  expect(runs).toBe(5);
  fails = false;
  bench.controller.enqueue(keyOfName("a"));
  await settle();
  expect(runs).toBe(6);
  await bench.clock.advance(1_000_000);
  expect(runs).toBe(6);
  expect(bench.outcomes.filter((outcome) => outcome === "retried")).toHaveLength(5);
});

test("an object is reconciled no more often than the controller's rate allows, and then once more for all that came meanwhile", async () => {
  let runs = 0;
  await using bench = await controllerBench({ reconcile: () => (runs++, Promise.resolve(done())) }, { rate: { max: 3, within: 1000 } });
  bench.put("a");
  for (let event = 0; event < 10; event++) {
    bench.controller.enqueue(keyOfName("a"));
    await settle();
  }
  expect(runs).toBe(3);
  await bench.clock.advance(999);
  expect(runs).toBe(3);
  await bench.clock.advance(1);
  expect(runs).toBe(4);
  await bench.clock.advance(10_000);
  expect(runs).toBe(4);
});
