import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Manager } from "../../../runtime/manager/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { recorder } from "../recorder.ts";
import { probe, probesOfABlockedOperator } from "./blocked-operator.ts";

let cluster: EmbeddedCluster;

beforeEach(async () => {
  cluster = await EmbeddedCluster.start();
});
afterEach(async () => {
  await cluster.stop();
});

test("a blocked event loop fails every probe, which says what was being reconciled, and so does one line a time", async () => {
  await probesOfABlockedOperator(cluster.kubeconfig);
}, 60_000);

test("a probe that waits when the loop blocks is answered too, and an address that is taken is told", async () => {
  const log = recorder();
  // Longer than a busy machine keeps a process waiting, which is no block of its loop.
  const healthProbe = { bindAddress: "127.0.0.1:0", blockedAfter: "2s" };
  const manager = await Manager.create({ kubeconfig: cluster.kubeconfig, log: log.log, healthProbe });
  let asked: () => void = () => undefined;
  let letGo: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (asked = resolve));
  manager.addHealthCheck("slow", () => {
    asked();
    return new Promise((resolve) => (letGo = resolve));
  });
  await manager.start();
  const { health = 0 } = manager.ports;
  const waiting = probe(health, "/healthz");
  await begun;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
  expect(await waiting).toEqual({
    status: 500,
    body: expect.stringMatching(/^\[-\]event-loop failed: blocked for \d s\nhealthz check failed\n$/),
  });

  letGo();
  const second = await Manager.create({
    kubeconfig: cluster.kubeconfig,
    log: log.log,
    healthProbe: { bindAddress: `127.0.0.1:${health}` },
  });
  await expect(second.start()).rejects.toThrow(`address already in use 127.0.0.1:${health}`);
  await manager.stop();
  await expect(probe(health, "/healthz")).rejects.toThrow("ECONNREFUSED");
});
