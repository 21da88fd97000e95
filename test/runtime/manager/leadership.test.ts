import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Client } from "../../../runtime/client/index.ts";
import { done, type EventRecorder, type Reconciler } from "../../../runtime/controller/index.ts";
import { Manager, type ManagerOptions } from "../../../runtime/manager/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { testWebhooks } from "../../../runtime/testing/webhooks.ts";
import { allowed } from "../../../runtime/webhook/index.ts";
import { ConfigMap } from "../cache/bench.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/system/leases";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const leaderElection = { id: "test", namespace: "system", identity: "me" };

let server: FakeServer;
let clock: DrivenClock;
let log: ReturnType<typeof recorder>;
let lease: { metadata: object; spec: Record<string, unknown> } | undefined;
const managers: Manager[] = [];
/** Ends what a test has begun. */
const endings: (() => void)[] = [];

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  log = recorder();
  lease = undefined;
  server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10", configMap("a", "3")));
  server.on(`POST ${CONFIG_MAPS}`, (exchange) => exchange.answer(exchange.body));
  server.on("POST /apis/events.k8s.io/v1/namespaces/default/events", (exchange) => exchange.answer(exchange.body));
  const keep = (exchange: Exchange) => exchange.answer((lease = exchange.body as NonNullable<typeof lease>));
  server.on(`POST ${LEASES}`, keep);
  server.on(`PUT ${LEASES}/test`, keep);
  server.on(`GET ${LEASES}/test`, (exchange) => (lease ? exchange.answer(lease) : exchange.fail(404, "NotFound")));
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const end of endings.splice(0)) end();
  for (const manager of managers.splice(0)) await manager.stop();
  await server.stop();
});

/** A leader in the middle of a reconcile, with what that was given. */
async function leader(options: ManagerOptions = {}) {
  const manager = await Manager.create({
    ...{ kubeconfig: await server.kubeconfig(), clock, log: log.log, random: () => 0, leaderElection },
    ...options,
  });
  managers.push(manager);
  let given: { client: Client; events: EventRecorder } | undefined;
  const reconciler: Reconciler<KubernetesObject> = {
    reconcile(_object, { client, events }) {
      given = { client, events };
      return new Promise((resolve) => endings.push(() => resolve(done())));
    },
  };
  manager.controller(ConfigMap).reconcileWith(reconciler);
  await manager.start();
  await eventually(() => expect(given).toBeDefined());
  if (given === undefined) throw new Error("nothing was given");
  return { manager, ...given };
}

describe("after the event loop was blocked beyond the deadline, before any timer has fired,", () => {
  test("no write of a reconciler, of its events or of the manager's client is sent", async () => {
    const { client, events, manager } = await leader();
    const before = server.writes.length;
    clock.block(10_000);
    await expect(client.create(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" });
    events.normal(configMap("a", "3"), "Tried", "to tell");
    await expect(manager.client.delete(ConfigMap, { namespace: "default", name: "a" })).rejects.toMatchObject({
      code: "fenced",
      cause: expect.objectContaining({ name: "LeadershipLostError" }),
    });
    await settle();
    expect(server.writes).toHaveLength(before);
    expect(log.at("error")).toMatchObject([{ message: "the lease could not be renewed in time" }]);
  });

  test("a write that waits for a connection, or to be tried again, is not sent", async () => {
    const { client } = await leader();
    server.on(`POST ${CONFIG_MAPS}`, (exchange) => exchange.fail(429, "TooManyRequests", "slowly", { "retry-after": "4" }));
    const again = client.create(configMap("b", "")).catch((error: unknown) => error);
    await eventually(() => expect(server.seen(`POST ${CONFIG_MAPS}`)).toHaveLength(1));
    const fresh = client.create(configMap("c", "")).catch((error: unknown) => error); // its connection is not made yet
    clock.block(10_000);
    expect(await fresh).toMatchObject({ code: "fenced" });
    await clock.advance(5000);
    expect(await again).toMatchObject({ code: "fenced" });
    expect(server.seen(`POST ${CONFIG_MAPS}`)).toHaveLength(1);
  });

  test("what is asked of the API server without writing is still answered", async () => {
    const { manager } = await leader();
    clock.block(10_000);
    server.on(`GET ${CONFIG_MAPS}/a`, (exchange) => exchange.answer(configMap("a", "3")));
    await expect(manager.client.live.get(ConfigMap, { namespace: "default", name: "a" })).resolves.toBeDefined();
  });
});

describe("after the event loop was blocked for less than the deadline", () => {
  test("it leads on, and renews at once", async () => {
    const { client } = await leader();
    const renewals = () => server.seen(`PUT ${LEASES}/test`).length;
    await clock.advance(1000);
    clock.block(8900);
    await expect(client.create(configMap("b", ""))).resolves.toBeDefined();
    const before = renewals();
    await clock.advance(0);
    await eventually(() => expect(renewals()).toBe(before + 1));
    await clock.advance(1);
    clock.block(9000);
    await expect(client.create(configMap("c", ""))).resolves.toBeDefined();
    expect(log.at("error")).toEqual([]);
  });

  test("an answer that came meanwhile counts, from when its renewal was sent", async () => {
    const { client } = await leader();
    const asked = server.next(`PUT ${LEASES}/test`);
    await clock.advance(2000);
    const exchange = await asked;
    clock.block(9000);
    await expect(client.create(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" }); // it is not known yet
    await clock.advance(0);
    exchange.answer((lease = exchange.body as NonNullable<typeof lease>));
    await eventually(() => expect(client.create(configMap("b", ""))).resolves.toBeDefined());
    await clock.advance(30_000);
    expect(log.at("error")).toEqual([]);
  });
});

test.each([
  ["forward", 3_600_000],
  ["back", -3_600_000],
])("a date that somebody sets %s neither loses the lease nor keeps it", async (_way, by) => {
  const { client } = await leader();
  clock.setDate(by);
  await clock.advance(30_000);
  await expect(client.create(configMap("b", ""))).resolves.toBeDefined();
  server.on(`PUT ${LEASES}/test`, (exchange) => exchange.fail(500, "InternalError"));
  clock.setDate(-by);
  await eventually(async () => {
    await clock.advance(500);
    expect(log.at("error")).toMatchObject([{ message: "the lease could not be renewed in time" }]);
  });
  await expect(client.create(configMap("b", ""))).rejects.toMatchObject({ code: "fenced" });
});

test("the lease is kept until what was added has ended, and then nothing is written any more", async () => {
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: log.log, random: () => 0, leaderElection });
  managers.push(manager);
  let told: AbortSignal | undefined;
  manager.add({
    start(signal) {
      told = signal;
      return new Promise((resolve) => endings.push(resolve));
    },
  });
  await manager.start();
  const stopping = manager.stop();
  await eventually(() => expect(told?.aborted).toBe(true));
  await clock.advance(20_000);
  await expect(manager.client.create(configMap("b", ""))).resolves.toBeDefined();
  expect(lease?.spec["holderIdentity"]).toBe("me");
  await clock.advance(10_000);
  await stopping;
  expect(lease?.spec["holderIdentity"]).toBe("");
  await expect(manager.client.create(configMap("c", ""))).rejects.toMatchObject({ code: "fenced" });
});

test.each([
  ["in a pod", "10.96.0.1", 5000],
  ["elsewhere", undefined, 1000],
])("webhooks are answered for a while after the end has begun: %s", async (_where, host, drain) => {
  jest.replaceProperty(process, "env", { ...process.env, KUBERNETES_SERVICE_HOST: host });
  const { settings } = await testWebhooks();
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: log.log, webhook: settings });
  managers.push(manager);
  manager.webhookServer.handle("/any", { handle: () => allowed() });
  const running = manager.run();
  await eventually(() => expect(manager.ports.webhook).toBeDefined());
  const { webhook: port = 0 } = manager.ports;
  const stopping = manager.stop();
  await eventually(() => expect(clock.pending).toContain(drain));
  await clock.advance(drain - 1);
  await expect(answers(port)).resolves.toBeUndefined();
  await clock.advance(1);
  await Promise.all([stopping, running]);
  await expect(answers(port)).rejects.toThrow("ECONNREFUSED");
});

test("another may lead while webhooks are still answered for the last time", async () => {
  const { settings } = await testWebhooks();
  const manager = await Manager.create({
    ...{ kubeconfig: await server.kubeconfig(), clock, log: log.log, random: () => 0, leaderElection },
    webhook: { ...settings, drain: "5s" },
  });
  managers.push(manager);
  manager.webhookServer.handle("/any", { handle: () => allowed() });
  const running = manager.run();
  await eventually(() => expect(lease?.spec["holderIdentity"]).toBe("me"));
  const { webhook: port = 0 } = manager.ports;
  const stopping = manager.stop();
  await eventually(() => expect(lease?.spec["holderIdentity"]).toBe(""));
  await expect(answers(port)).resolves.toBeUndefined();
  await clock.advance(5000);
  await Promise.all([stopping, running]);
  await expect(answers(port)).rejects.toThrow("ECONNREFUSED");
});

/** Resolves when somebody listens there. */
function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}

test("something that fails while the lease is waited for ends the start", async () => {
  lease = { metadata: { name: "test", resourceVersion: "1" }, spec: { holderIdentity: "another", leaseDurationSeconds: 15 } };
  const manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: log.log, leaderElection });
  managers.push(manager);
  manager.add({ runsWithoutLeading: true, start: () => Promise.reject(new Error("no disk")) });
  await expect(manager.start()).rejects.toThrow("no disk");
  expect(log.at("error")).toMatchObject([{ error: new Error("no disk") }]);
});
