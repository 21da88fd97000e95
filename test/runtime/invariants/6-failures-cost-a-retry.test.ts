import { describe, expect, test } from "@jest/globals";
import type { Client } from "../../../runtime/client/index.ts";
import { done, requeueAfter, TemporaryError, TerminalError, type Reconciler } from "../../../runtime/controller/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { controllerBench, KIND, keyOfName } from "../controller/bench.ts";
import { settle } from "../driven-clock.ts";
import { configMap } from "../fake-server.ts";

/** A bench whose reconciler does what the list says, run by run, and then nothing. */
async function runs(...acts: (() => unknown)[]) {
  const times: number[] = [];
  let now = () => 0;
  const bench = await controllerBench({
    reconcile: (): Promise<never> => {
      times.push(now());
      return (acts.shift() ?? done)() as Promise<never>;
    },
  });
  now = () => bench.clock.now();
  bench.put("a");
  bench.controller.enqueue(keyOfName("a"));
  await settle();
  return { ...bench, gaps: () => times.slice(1).map((time, index) => time - (times[index] ?? 0)) };
}

describe("a reconcile that fails costs its key a retry,", () => {
  test.each([
    ["it throws an error", () => { throw new Error("no"); }],
    ["it rejects", () => Promise.reject(new Error("no"))],
    ["it throws nothing at all", () => { throw undefined; }], // eslint-disable-line @typescript-eslint/only-throw-error -- users' code may
    ["it throws a text", () => { throw "no"; }], // eslint-disable-line @typescript-eslint/only-throw-error -- users' code may
    ["it throws an object without a prototype", () => { throw Object.create(null); }],
  ])("when %s", async (_name, act) => {
    await using bench = await runs(act);
    await bench.clock.advance(5);
    expect(bench.gaps()).toEqual([5]);
    expect(bench.outcomes).toEqual(["retried", "error", "success"]);
    expect(bench.at("error")).toHaveLength(1);
  }); // prettier-ignore

  test("which comes after 5 ms, and twice as late with each failure, until one succeeds", async () => {
    const fail = () => Promise.reject(new Error("no"));
    await using bench = await runs(fail, fail, fail, done, fail);
    await bench.clock.advance(100);
    bench.controller.enqueue(keyOfName("a"));
    await bench.clock.advance(100);
    expect(bench.gaps().filter((gap) => gap < 50)).toEqual([5, 10, 20, 5]);
  });

  test("which comes when a TemporaryError says, and only with the next event after a TerminalError", async () => {
    await using bench = await runs(
      () => Promise.reject(new TemporaryError("later", { after: "2s" })),
      () => Promise.reject(new TerminalError("never")),
    );
    await bench.clock.advance(3_600_000);
    expect(bench.gaps()).toEqual([2000]);
    bench.controller.enqueue(keyOfName("a"));
    await settle();
    expect(bench.outcomes).toEqual(["retried", "error", "error", "success"]);
  });

  test("and asking to come back is none", async () => {
    await using bench = await runs(() => requeueAfter("30s"), () => requeueAfter(0)); // prettier-ignore
    await bench.clock.advance(31_000);
    expect(bench.gaps()).toEqual([30_000, 1]);
    expect(bench.outcomes).toEqual(["requeue_after", "requeue_after", "success"]);
    expect(bench.at("error")).toEqual([]);
  });
});

describe("a reconcile that hangs past its timeout", () => {
  test("is fenced before its key runs again, and cannot write any more", async () => {
    const clients: Client[] = [];
    const signals: AbortSignal[] = [];
    const reconciler: Reconciler<KubernetesObject> = {
      reconcile(_object, { client, signal, events }) {
        clients.push(client);
        signals.push(signal);
        if (clients.length > 1) {
          expect(signals[0]?.aborted).toBe(true);
          return Promise.resolve(done());
        }
        signal.addEventListener("abort", () => events.normal(configMap("a", "1"), "Late", "not written"));
        return new Promise(() => undefined);
      },
    };
    await using bench = await controllerBench(reconciler, { timeout: 1000 });
    bench.put("a");
    bench.controller.enqueue(keyOfName("a"));
    await settle();
    const inFlight = clients[0]?.create(configMap("b", ""));
    const post = await bench.server.next("POST /api/v1/namespaces/default/configmaps");
    const broken = expect(inFlight).rejects.toMatchObject({ code: "fenced" });
    await bench.clock.advance(1000);
    await broken;
    await bench.clock.advance(5);
    expect(clients).toHaveLength(2);
    await expect(clients[0]?.apply(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" });
    await expect(clients[0]?.get(KIND, keyOfName("a"))).rejects.toMatchObject({ code: "fenced" });
    await eventually(() => expect(post.closed).toBe(true));
    expect(bench.server.writes).toHaveLength(1);
    expect(String(bench.at("error")[0]?.error)).toContain("did not end within 1 s");
    expect(bench.clock.pending).toEqual([]);
  });

  test("may reject later without any harm", async () => {
    let rejectLater: (error: Error) => void = () => undefined;
    const acts = [() => new Promise<never>((_resolve, reject) => (rejectLater = reject)), () => Promise.resolve(done())];
    await using bench = await controllerBench({ reconcile: () => (acts.shift() ?? (() => Promise.resolve(done())))() }, { timeout: 1000 });
    bench.put("a");
    bench.controller.enqueue(keyOfName("a"));
    await bench.clock.advance(1005);
    rejectLater(new Error("too late"));
    await settle();
    expect(bench.outcomes).toEqual(["retried", "error", "success"]);
  });
});

test("when all runs are fenced, no timer keeps the process alive, and no retry is planned", async () => {
  await using bench = await controllerBench({ reconcile: () => new Promise(() => undefined) });
  bench.put("a");
  bench.controller.enqueue(keyOfName("a"));
  await settle();
  const stopped = bench.controller.stop();
  bench.controller.fence(new Error("lost"));
  await stopped;
  expect(bench.clock.pending).toEqual([]);
  expect(bench.at("error")).toEqual([]);
});

test("a failure while the process is stopping is told all the same", async () => {
  let reject: (error: Error) => void = () => undefined;
  await using bench = await controllerBench({ reconcile: () => new Promise((_resolve, fail) => (reject = fail)) });
  bench.put("a");
  bench.controller.enqueue(keyOfName("a"));
  await settle();
  const stopped = bench.controller.stop();
  reject(new Error("really"));
  await stopped;
  expect(bench.at("error")).toHaveLength(1);
});
