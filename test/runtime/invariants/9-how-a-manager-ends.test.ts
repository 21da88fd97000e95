import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { Client } from "../../../runtime/client/index.ts";
import { done, type Reconciler } from "../../../runtime/controller/index.ts";
import { Manager, type ManagerOptions } from "../../../runtime/manager/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { ConfigMap } from "../cache/bench.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/system/leases";
const leaderElection = { id: "test", namespace: "system", identity: "me" };

let server: FakeServer;
let clock: DrivenClock;
let log: ReturnType<typeof recorder>;
let lease: object | undefined;
let watch: Exchange | undefined;
const managers: Manager[] = [];

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  log = recorder();
  lease = undefined;
  server.on("GET /api/v1/configmaps", (exchange) => {
    watch = exchange;
    exchange.listed("10", configMap("a", "3"));
  });
  const keep = (exchange: Exchange) => exchange.answer((lease = exchange.body as object));
  server.on(`POST ${LEASES}`, keep);
  server.on(`PUT ${LEASES}/test`, keep);
  server.on(`GET ${LEASES}/test`, (exchange) => (lease ? exchange.answer(lease) : exchange.fail(404, "NotFound")));
});
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop();
  await server.stop();
});

async function newManager(options: ManagerOptions = {}): Promise<Manager> {
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: log.log, random: () => 0, ...options });
  managers.push(manager);
  return manager;
}

/** A reconciler that waits until it is let go, and hands out its client. */
function slowReconciler() {
  let client: Client | undefined;
  let letGo: () => void = () => undefined;
  let runs = 0;
  const reconciler: Reconciler<KubernetesObject> = {
    reconcile(_object, context) {
      runs++;
      client = context.client;
      return new Promise((resolve) => (letGo = () => resolve(done())));
    },
  };
  return { reconciler, client: () => client, letGo: () => letGo(), runs: () => runs };
}

describe("stopping", () => {
  test("takes no more work, lets running reconciles end, then gives up the lease, then closes", async () => {
    const slow = slowReconciler();
    const manager = await newManager({ leaderElection });
    manager.controller(ConfigMap).reconcileWith(slow.reconciler);
    await manager.start();
    await eventually(() => expect(slow.runs()).toBe(1));
    let stopped = false;
    const stopping = manager.stop().then(() => (stopped = true));
    watch?.events(["MODIFIED", configMap("a", "11")], ["ADDED", configMap("b", "12")]);
    await settle(20);
    await clock.advance(20_000);
    expect(stopped).toBe(false);
    expect(lease).toMatchObject({ spec: { holderIdentity: "me" } }); // it leads on while it ends
    expect(await slow.client()?.get(ConfigMap, { namespace: "default", name: "a" })).toBeDefined();
    slow.letGo();
    await stopping;
    expect(slow.runs()).toBe(1);
    expect(lease).toMatchObject({ spec: { holderIdentity: "" } });
    await eventually(() => expect(watch?.closed).toBe(true));
    expect(clock.pending).toEqual([]);
  });

  test("waits 30 s and no longer, and fences what still runs", async () => {
    const slow = slowReconciler();
    const manager = await newManager();
    manager.controller(ConfigMap).reconcileWith(slow.reconciler);
    await manager.start();
    await eventually(() => expect(slow.runs()).toBe(1));
    const stopping = manager.stop();
    await clock.advance(29_000);
    await expect(slow.client()?.get(ConfigMap, { namespace: "default", name: "a" })).resolves.toBeDefined();
    await clock.advance(1000);
    await expect(slow.client()?.create(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" });
    await stopping;
    expect(clock.pending).toEqual([]);
  });

  test("does not wait for ever for something of the user's own", async () => {
    const manager = await newManager();
    manager.add({ start: () => new Promise(() => undefined) });
    await manager.start();
    const stopping = manager.stop();
    await settle();
    await clock.advance(30_000);
    await stopping;
    expect(log.at("warn")[0]?.message).toContain("goes on though its signal aborted");
  });

  test("ends a start that waits for its caches, or for the lease", async () => {
    server.on("GET /api/v1/configmaps", () => undefined);
    const first = await newManager();
    first.controller(ConfigMap).reconcileWith(slowReconciler().reconciler);
    const starting = expect(first.start()).rejects.toThrow("the manager was stopped");
    await eventually(() => expect(server.seen("GET /api/v1/configmaps")).toHaveLength(1));
    await Promise.all([first.stop(), starting]);

    lease = { metadata: { name: "test", resourceVersion: "1" }, spec: { holderIdentity: "another", leaseDurationSeconds: 15 } };
    const second = await newManager({ leaderElection });
    const waiting = expect(second.start()).rejects.toThrow("the manager was stopped");
    await eventually(() => expect(server.seen(`GET ${LEASES}/test`)).not.toEqual([]));
    await Promise.all([second.stop(), waiting]);
    expect(clock.pending).toEqual([]);
  });

  test("before the start leaves nothing to start", async () => {
    const manager = await newManager({ healthProbe: { bindAddress: "127.0.0.1:0" } });
    await manager.stop();
    await expect(manager.start()).rejects.toThrow("the manager was stopped");
    expect(manager.ports.health).toBeUndefined();
  });
});

describe("a lost lease", () => {
  test("fences all runs at once and ends the manager, which gives up nothing that is another's", async () => {
    const slow = slowReconciler();
    const manager = await newManager({ leaderElection });
    manager.controller(ConfigMap).reconcileWith(slow.reconciler);
    await manager.start();
    await eventually(() => expect(slow.runs()).toBe(1));
    lease = { metadata: { name: "test", resourceVersion: "9" }, spec: { holderIdentity: "another", leaseDurationSeconds: 15 } };
    server.on(`PUT ${LEASES}/test`, (exchange) => exchange.fail(409, "Conflict"));
    await eventually(async () => {
      await clock.advance(500);
      expect(log.at("error")).toHaveLength(1);
    });
    expect(log.at("error")[0]?.message).toBe("another candidate holds the lease");
    await expect(slow.client()?.create(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" });
    await manager.stop();
    expect(lease).toMatchObject({ spec: { holderIdentity: "another" } });
    expect(server.seen("POST /api/v1/namespaces/default/configmaps")).toEqual([]);
  });
});

test("something of the user's that fails ends the manager, and is told", async () => {
  const manager = await newManager({ healthProbe: { bindAddress: "127.0.0.1:0" } });
  manager.add({
    start() {
      throw new Error("at once");
    },
  });
  await manager.start();
  await eventually(() => expect(log.at("error")).toMatchObject([{ error: new Error("at once") }]));
  await manager.stop();
  expect(() => manager.add({ start: () => Promise.resolve() })).toThrow("before the manager starts");
});

describe("run tells in one line, with exit code 1,", () => {
  const failure = async (options: ManagerOptions) => {
    const manager = await Manager.create({ log: log.log, ...options });
    manager.controller({ apiVersion: "cache.example.com/v1", kind: "Memcached" }).reconcileWith(slowReconciler().reconciler);
    const before = process.exitCode;
    await manager.run();
    const { exitCode } = process;
    process.exitCode = before;
    expect(exitCode).toBe(1);
    expect(log.at("error")).toHaveLength(1);
    return log.at("error")[0]?.message;
  };

  test("that there is no kubeconfig", async () => {
    expect(await failure({ kubeconfig: "/nowhere/config" })).toMatch(
      /^no cluster: cannot read the kubeconfig \/nowhere\/config \(ENOENT: .*\); name one with --kubeconfig or KUBECONFIG$/,
    );
  });

  test("that the server cannot be reached", async () => {
    const gone = await FakeServer.start();
    const kubeconfig = await gone.kubeconfig();
    const config = await readFile(kubeconfig, "utf8");
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as { port: number };
    closed.close();
    await writeFile(kubeconfig, config.replace(gone.url, `http://127.0.0.1:${port}`));
    expect(await failure({ kubeconfig })).toMatch(/^cannot reach the API server at http:\/\/127.0.0.1:\d+: connect ECONNREFUSED/);
    await gone.stop();
  });

  test("that the CRD is missing, and how to install it", async () => {
    server.on("GET /apis/cache.example.com/v1", (exchange) => exchange.fail(404, "NotFound"));
    expect(await failure({ kubeconfig: await server.kubeconfig() })).toBe(
      "the API server has no kind Memcached in cache.example.com/v1; if it is a custom resource, install its CRD: kubectl apply -f config/crd/bases",
    );
  });
});
