import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Channel, done, type Reconciler } from "../../../runtime/controller/index.ts";
import { Manager, type ManagerOptions } from "../../../runtime/manager/index.ts";
import { keyOf, keyString, unstructured, type UnstructuredObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
const MINUTE = 60_000;

let server: FakeServer;
let clock: DrivenClock;
let log: ReturnType<typeof recorder>;
let watch: Exchange | undefined;
let runs: string[];
const managers: Manager[] = [];

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  log = recorder();
  runs = [];
  server.on("GET /api/v1/configmaps", (exchange) => {
    watch = exchange;
    exchange.listed("10", configMap("a", "3"), configMap("b", "4"));
  });
  server.on("GET /api/v1/namespaces", (exchange) => exchange.listed("10"));
});
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop();
  await server.stop();
});

async function newManager(options: ManagerOptions = {}): Promise<Manager> {
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: log.log, random: () => 0.5, ...options });
  managers.push(manager);
  return manager;
}

const noting: Reconciler<UnstructuredObject> = {
  reconcile: (object) => {
    runs.push(keyString(keyOf(object)));
    return Promise.resolve(done());
  },
};
const key = (name: string) => ({ namespace: "default", name });

/** Waits until the objects of the initial list are reconciled, and forgets that. */
async function started(manager: Manager): Promise<void> {
  await manager.start();
  await eventually(() => expect(runs.toSorted()).toEqual(["default/a", "default/b"]));
  runs.length = 0;
}

describe("a channel", () => {
  test("reconciles objects and keys that are pushed, and what a function makes of other things", async () => {
    const manager = await newManager();
    const objects = new Channel();
    const orders = new Channel<{ shops: string[] }>();
    manager.controller(ConfigMap).on(objects).on(orders, ({ shops }) => shops.map(key)).reconcileWith(noting); // prettier-ignore
    await started(manager);
    objects.push(configMap("a", "1"));
    await eventually(() => expect(runs).toEqual(["default/a"]));
    objects.push(key("b"));
    await eventually(() => expect(runs).toEqual(["default/a", "default/b"]));
    orders.push({ shops: ["b", "a"] });
    await eventually(() => expect(runs).toEqual(["default/a", "default/b", "default/b", "default/a"]));
  });

  test("keeps what is pushed before the start for everybody who listens, up to what it holds", async () => {
    const manager = await newManager();
    const channel = new Channel({ capacity: 2 });
    channel.push(key("a"));
    const heard: string[] = [];
    const other: Reconciler<UnstructuredObject> = {
      reconcile: ({ metadata }) => (heard.push(metadata.name ?? ""), Promise.resolve(done())),
    };
    // No list: what runs has been pushed.
    server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10"));
    manager.controller(ConfigMap).on(channel).reconcileWith(noting);
    channel.push(key("b"));
    manager.controller(ConfigMap, { name: "other" }).on(channel).reconcileWith(other);
    expect(() => channel.push(key("c"))).toThrow(expect.objectContaining({ code: "channel-full" }));
    server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10", configMap("a", "3"), configMap("b", "4")));
    await manager.start();
    await eventually(() => expect([runs.toSorted(), heard.toSorted()]).toEqual([["default/a", "default/b"], ["a", "b"]])); // prettier-ignore
    expect(() => channel.push(key("c"))).not.toThrow();
  });

  test("refuses what is pushed after the stop", async () => {
    const manager = await newManager();
    const channel = new Channel();
    manager.controller(ConfigMap).on(channel).reconcileWith(noting);
    await started(manager);
    await manager.stop();
    expect(() => channel.push(key("a"))).toThrow(expect.objectContaining({ code: "channel-closed", name: "ChannelError" }));
    expect(() => channel.push(key("a"))).toThrow("the channel is closed, since its manager has stopped");
  });

  test("is for one manager", async () => {
    const channel = new Channel();
    const manager = await newManager();
    manager.controller(ConfigMap).on(channel).reconcileWith(noting);
    await manager.start();
    const second = await newManager();
    expect(() => second.controller(ConfigMap).on(channel).reconcileWith(noting)).toThrow("belongs to a manager that has started already");
  });

  test("gathers where another replica leads, each object once", async () => {
    const leaseOf = (holderIdentity: string) => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { namespace: "system", name: "test", resourceVersion: "1" },
      spec: { holderIdentity, leaseDurationSeconds: 15 },
    });
    let lease = leaseOf("another");
    const path = "/apis/coordination.k8s.io/v1/namespaces/system/leases";
    server.on(`GET ${path}/test`, (exchange) => exchange.answer(lease));
    server.on(`PUT ${path}/test`, (exchange) => exchange.answer(exchange.body));
    const manager = await newManager({ leaderElection: { id: "test", namespace: "system", identity: "me" } });
    const channel = new Channel({ capacity: 1 });
    manager.controller(ConfigMap).on(channel).reconcileWith(noting);
    const starting = manager.start();
    await eventually(() => expect(server.seen(`GET ${path}/test`)).not.toEqual([]));
    for (let push = 0; push < 10; push++) channel.push(key("a"));
    expect(runs).toEqual([]);
    lease = leaseOf("");
    await eventually(async () => {
      await clock.advance(2000);
      expect(runs.toSorted()).toEqual(["default/a", "default/b"]);
    });
    await starting;
  });

  test("goes on though a function of one listener throws, which is told", async () => {
    const manager = await newManager();
    const channel = new Channel<string>();
    manager.controller(ConfigMap).on(channel, (name) => { if (name === "bad") throw new Error("no"); return [key(name)]; }).reconcileWith(noting); // prettier-ignore
    await started(manager);
    channel.push("bad");
    channel.push("a");
    await eventually(() => expect(runs).toEqual(["default/a"]));
    expect(log.at("error")).toMatchObject([
      { message: expect.stringContaining("an event handler failed"), controller: "configmap", source: "channel" },
    ]);
  });
});

describe("a key", () => {
  test("is one for an object without a namespace, whatever namespace is given with it", async () => {
    server.on("GET /api/v1/namespaces", (exchange) =>
      exchange.listed("10", { ...Namespace, metadata: { name: "n", uid: "n", resourceVersion: "1" } }),
    );
    const manager = await newManager();
    const channel = new Channel();
    let running = 0;
    let most = 0;
    const letGo: (() => void)[] = [];
    manager.controller(Namespace).on(channel).reconcileWith({
      async reconcile() {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => letGo.push(resolve));
        running--;
        return done();
      },
    }); // prettier-ignore
    await manager.start();
    await eventually(() => expect(letGo).toHaveLength(1));
    channel.push({ namespace: "a", name: "n" });
    channel.push({ namespace: "b", name: "n" });
    await settle();
    letGo[0]?.();
    await eventually(() => expect(letGo).toHaveLength(2));
    expect(most).toBe(1);
    letGo[1]?.();
  });

  test("without a namespace is refused where the kind has them", async () => {
    const manager = await newManager();
    const channel = new Channel();
    manager.controller(ConfigMap).on(channel).reconcileWith(noting);
    await started(manager);
    channel.push({ name: "a" });
    expect(String(log.at("error")[0]?.error)).toContain('a ConfigMap is in a namespace, and the key "a" has none');
  });
});

describe("a timer", () => {
  test("reconciles every known object, again and again, and none that is gone", async () => {
    const manager = await newManager();
    manager.controller(ConfigMap).every("1m").reconcileWith(noting);
    await started(manager);
    await clock.advance(MINUTE - 1);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs.toSorted()).toEqual(["default/a", "default/b"]);
    watch?.events(["DELETED", configMap("a", "11")], ["ADDED", configMap("c", "12")]);
    await eventually(() => expect(runs).toContain("default/c"));
    runs.length = 0;
    await clock.advance(MINUTE);
    expect(runs.toSorted()).toEqual(["default/b", "default/c"]);
  });

  test("reconciles what a function says, which may read but not write; when it fails, the next tick comes all the same", async () => {
    const manager = await newManager();
    const keys = [
      () => Promise.reject(new Error("not now")),
      () => [key("b")],
    ]; // prettier-ignore
    const refused: unknown[] = [];
    manager
      .controller(ConfigMap)
      .every("1m", {
        keys: async ({ client }) => {
          await client.create(configMap("x", "")).catch((error: unknown) => refused.push(error));
          return (keys.shift() ?? (() => []))();
        },
      })
      .reconcileWith(noting);
    await started(manager);
    await clock.advance(MINUTE);
    expect(log.at("error")).toMatchObject([{ error: new Error("not now"), source: "timer" }]);
    await clock.advance(MINUTE);
    expect(runs).toEqual(["default/b"]);
    expect(refused).toMatchObject([{ code: "read-only" }, { code: "read-only" }]);
  });

  test("waits for a slow function, so that no two ticks are under way", async () => {
    const manager = await newManager();
    let asked = 0;
    let answer: (keys: []) => void = () => undefined;
    manager.controller(ConfigMap).every("1m", { keys: () => (asked++, new Promise((resolve) => (answer = resolve))) }).reconcileWith(noting); // prettier-ignore
    await started(manager);
    await clock.advance(5 * MINUTE);
    expect(asked).toBe(1);
    answer([]);
    await clock.advance(MINUTE);
    expect(asked).toBe(2);
  });

  test.each([[0, 0.9], [1, 1.1]])("comes a tenth of its time earlier or later, by chance (%d)", async (chance, share) => {
    const manager = await newManager({ random: () => chance });
    manager.controller(ConfigMap).every("10m").reconcileWith(noting);
    await started(manager);
    await clock.advance(10 * MINUTE * share - 1);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
  }); // prettier-ignore

  test("leaves nothing behind when the manager stops", async () => {
    const manager = await newManager();
    let signal: AbortSignal | undefined;
    const keys = ({ signal: given }: { signal: AbortSignal }) => ((signal = given), new Promise<[]>(() => undefined));
    manager.controller(ConfigMap).every("1m", { keys }).every("1h").reconcileWith(noting);
    await started(manager);
    await clock.advance(MINUTE);
    await manager.stop();
    expect(signal?.aborted).toBe(true);
    await eventually(() => expect(clock.pending).toEqual([]));
  });

  test.each([["0s", {}], ["often", {}], ["1m", { jitter: 2 }]])("is refused when it makes no sense: every %s %j", async (period, settings) => {
    const manager = await newManager();
    expect(() => manager.controller(ConfigMap).every(period, settings).reconcileWith(noting)).toThrow(TypeError);
  }); // prettier-ignore
});
