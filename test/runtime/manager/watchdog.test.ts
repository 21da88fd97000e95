import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { once } from "node:events";
import http from "node:http";
import { Manager } from "../../../runtime/manager/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { connect } from "../../../runtime/client/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { recorder } from "../recorder.ts";
import { operator, type Operator } from "./operator.ts";

let cluster: EmbeddedCluster;
let process: Operator | undefined;

beforeEach(async () => {
  cluster = await EmbeddedCluster.start();
});
afterEach(async () => {
  process?.kill();
  await cluster.stop();
});

async function probe(port: number, path: string): Promise<{ status: number; body: string }> {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += part as string;
  return { status: response.statusCode ?? 0, body };
}

const words = /event-loop failed: blocked for \d+ s, while reconciling configmap default\/written \(reconcileID [0-9a-f-]{36}\)/;

test("a blocked event loop fails every probe, which says what was being reconciled, and so does one line a time", async () => {
  const connection = await connect({ kubeconfig: cluster.kubeconfig });
  await connection.client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "written" } });
  const healthProbe = { bindAddress: "127.0.0.1:0", blockedAfter: "1s" };
  process = operator({ kubeconfig: cluster.kubeconfig, namespace: "default", identity: "it", healthProbe });
  const { child } = process;
  const told = () => process?.told() ?? "";
  const [{ health }] = (await once(child, "message")) as [{ health: number }];
  expect(await probe(health, "/healthz?verbose")).toEqual({ status: 200, body: "[+]ping ok\nhealthz check passed\n" });
  await eventually(async () => expect(await probe(health, "/readyz")).toEqual({ status: 200, body: "ok" }));

  for (const time of [1, 2]) {
    const awake = once(child, "message");
    process.block(4000);
    await eventually(() => expect(told().match(new RegExp(words, "g"))).toHaveLength(time));
    for (const path of ["healthz", "livez", "readyz", "healthz/ping"]) {
      const { status, body } = await probe(health, `/${path}`);
      expect({ status, body }).toEqual({ status: 500, body: expect.stringMatching(words) });
      expect(body).toMatch(new RegExp(`^\\[-\\].*\\n${path.split("/")[0] ?? ""} check failed\\n$`));
    }
    await awake;
    await eventually(async () => expect(await probe(health, "/healthz")).toEqual({ status: 200, body: "ok" }));
  }
  const lines = told().split("\n").filter((line) => words.test(line)); // prettier-ignore
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "error", ts: expect.any(String), msg: expect.stringMatching(words) },
    { level: "error", ts: expect.any(String), msg: expect.stringMatching(words) },
  ]);
  child.kill("SIGTERM");
  expect(await process.exit).toEqual([0, null]);
  connection.close();
}, 60_000);

test("a probe that waits when the loop blocks is answered too, and an address that is taken is told", async () => {
  const log = recorder();
  const healthProbe = { bindAddress: "127.0.0.1:0", blockedAfter: "200ms" };
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
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
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
