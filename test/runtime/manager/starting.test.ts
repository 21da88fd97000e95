import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createServer } from "node:net";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { done } from "../../../runtime/controller/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import { keyOf } from "../../../runtime/object/index.ts";
import { servingCertificate } from "../../../runtime/webhook/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { ConfigMap } from "../cache/bench.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/system/leases";

let server: FakeServer;
let manager: Manager | undefined;

beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(async () => {
  await manager?.stop();
  await server.stop();
});

test("a manager that only serves webhooks, health and metrics needs no API server", async () => {
  const now = Date.now();
  const pair = await servingCertificate({ commonName: "it", names: ["localhost"], notBefore: now, notAfter: now + 3_600_000 });
  const certificates = { load: () => Promise.resolve(pair), watch: () => undefined };
  manager = await Manager.create({
    ...{ kubeconfig: "/nowhere/config", log: recorder().log, clock: new DrivenClock() },
    ...{ healthProbe: { bindAddress: "127.0.0.1:0" }, metrics: { bindAddress: "127.0.0.1:0", secure: true } },
    webhook: { port: 0, host: "127.0.0.1", certificates },
  });
  manager.webhook(ConfigMap).validateWith({ validateCreate: () => undefined });
  manager.add({ start: () => Promise.resolve() });
  await manager.start();
  expect(manager.ports).toEqual({ health: expect.any(Number), metrics: expect.any(Number), webhook: expect.any(Number) });
});

test("a follower keeps its caches warm, and reconciles without listing again once it leads", async () => {
  const clock = new DrivenClock();
  const lists: Exchange[] = [];
  let lease: unknown = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { namespace: "system", name: "test", resourceVersion: "1" },
    spec: { holderIdentity: "another", leaseDurationSeconds: 15 },
  };
  server.on("GET /api/v1/configmaps", (exchange) => {
    lists.push(exchange);
    exchange.listed("10", configMap("a", "3"));
  });
  server.on(`GET ${LEASES}/test`, (exchange) => exchange.answer(lease));
  server.on(`PUT ${LEASES}/test`, (exchange) => exchange.answer((lease = exchange.body)));
  manager = await Manager.create({
    ...{ kubeconfig: await server.kubeconfig(), clock, random: () => 0, log: recorder().log },
    leaderElection: { id: "test", namespace: "system", identity: "me" },
  });
  const reconciled: string[] = [];
  manager.controller(ConfigMap).reconcileWith({
    reconcile(object) {
      reconciled.push(keyOf(object).name);
      return Promise.resolve(done());
    },
  });
  const starting = manager.start();
  await eventually(() => expect(server.seen(`GET ${LEASES}/test`)).not.toEqual([]));
  lists[0]?.events(["ADDED", configMap("b", "11")]);
  const { client } = manager;
  await eventually(async () => expect(await client.get(ConfigMap, { namespace: "default", name: "b" })).toBeDefined());
  expect(reconciled).toEqual([]);
  await eventually(async () => {
    await clock.advance(500);
    expect(reconciled.toSorted()).toEqual(["a", "b"]);
  });
  await starting;
  expect(lists).toHaveLength(1);
  expect(lists[0]?.closed).toBe(false);
});

test("a port that is taken ends a start that waits for its caches", async () => {
  server.on("GET /api/v1/configmaps", () => undefined);
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const healthProbe = { bindAddress: `127.0.0.1:${port}` };
  manager = await Manager.create({ kubeconfig: await server.kubeconfig(), log: recorder().log, healthProbe });
  manager.controller(ConfigMap).reconcileWith({ reconcile: () => Promise.resolve(done()) });
  await expect(manager.start()).rejects.toThrow(`address already in use 127.0.0.1:${port}`);
  taken.close();
});

test("a folder without a certificate ends the start", async () => {
  const certPath = await mkdtemp(join(tmpdir(), "kubescaffold-empty-"));
  manager = await Manager.create({
    ...{ kubeconfig: await server.kubeconfig(), log: recorder().log, webhook: false as const },
    metrics: { bindAddress: "127.0.0.1:0", secure: true, certPath },
  });
  await expect(manager.start()).rejects.toThrow(`cannot be read from ${join(certPath, "tls.crt")}`);
  await rm(certPath, { recursive: true });
});
