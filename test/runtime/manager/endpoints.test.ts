import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import type { TLSSocket } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { done, TerminalError, type Result } from "../../../runtime/controller/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { servingCertificate } from "../../../runtime/webhook/index.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

let server: FakeServer;
let kubeconfig: string;
let clock: DrivenClock;
let manager: Manager | undefined;

beforeEach(async () => {
  server = await FakeServer.start();
  kubeconfig = await server.kubeconfig();
  clock = new DrivenClock();
  server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10"));
});
afterEach(async () => {
  await manager?.stop();
  await server.stop();
});

interface Answer {
  status: number;
  body: string;
  certificate?: string;
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = url.startsWith("https")
    ? https.get(url, { headers, agent: false, rejectUnauthorized: false })
    : http.get(url, { headers, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const { socket } = response;
  const certificate = "getPeerX509Certificate" in socket ? (socket as TLSSocket).getPeerX509Certificate()?.subject : undefined;
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += part as string;
  return { status: response.statusCode ?? 0, body, ...(certificate !== undefined && { certificate }) };
}

async function start(options: object, prepare: (manager: Manager) => void = () => undefined): Promise<{ health: string; metrics: string }> {
  manager = await Manager.create({ kubeconfig, clock, log: recorder().log, ...options });
  prepare(manager);
  await manager.start();
  const { health, metrics } = manager.ports;
  return { health: `http://127.0.0.1:${health ?? 0}`, metrics: `127.0.0.1:${metrics ?? 0}` };
}

describe("health", () => {
  test("is told for all checks and for each, with the reason of a failure", async () => {
    let wrong = "";
    const { health } = await start({ healthProbe: { bindAddress: "127.0.0.1:0" } }, (it) =>
      it
        .addHealthCheck("disk", () => {
          if (wrong) throw new Error(wrong);
        })
        .addReadyCheck("mind", () => Promise.reject(new Error("not made up"))),
    );
    expect(await ask(`${health}/healthz`)).toEqual({ status: 200, body: "ok" });
    expect(await ask(`${health}/healthz?verbose`)).toEqual({ status: 200, body: "[+]ping ok\n[+]disk ok\nhealthz check passed\n" });
    wrong = "full";
    expect(await ask(`${health}/healthz`)).toEqual({ status: 500, body: "[+]ping ok\n[-]disk failed: full\nhealthz check failed\n" });
    expect(await ask(`${health}/healthz/ping`)).toEqual({ status: 200, body: "ok" });
    expect(await ask(`${health}/healthz/none`)).toMatchObject({ status: 404 });
    expect(await ask(`${health}/readyz`)).toMatchObject({ status: 500, body: expect.stringContaining("[-]mind failed: not made up") });
    expect(await ask(`${health}/other`)).toMatchObject({ status: 404 });
  });

  test("fails for a check that does not answer in 10 s, and waits for none when the manager stops", async () => {
    let asked = 0;
    const { health } = await start({ healthProbe: { bindAddress: "127.0.0.1:0" } }, (it) =>
      it.addHealthCheck("hangs", () => {
        asked++;
        return new Promise(() => undefined);
      }),
    );
    const answer = ask(`${health}/healthz`);
    await eventually(() => expect(asked).toBe(1));
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ status: 500, body: expect.stringContaining("[-]hangs failed: no answer within 10 s") });
    const broken = ask(`${health}/healthz`).catch((error: unknown) => error);
    await eventually(() => expect(asked).toBe(2));
    await manager?.stop();
    expect(await broken).toBeInstanceOf(Error);
    expect(clock.pending).toEqual([]);
  });
});

describe("metrics", () => {
  test("have controller-runtime's names and are there from the beginning", async () => {
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0" } }, (it) =>
      it.controller({ apiVersion: "v1", kind: "ConfigMap" }).reconcileWith({ reconcile: () => Promise.resolve({}) }, { concurrency: 7 }),
    );
    const { body } = await ask(`http://${metrics}/metrics`);
    for (const line of [
      'controller_runtime_reconcile_total{controller="configmap",result="success"} 0',
      'controller_runtime_reconcile_total{controller="configmap",result="error"} 0',
      'controller_runtime_reconcile_total{controller="configmap",result="requeue_after"} 0',
      'controller_runtime_reconcile_errors_total{controller="configmap"} 0',
      'controller_runtime_max_concurrent_reconciles{controller="configmap"} 7',
      'controller_runtime_active_workers{controller="configmap"} 0',
      'workqueue_depth{name="configmap",controller="configmap"} 0',
      'workqueue_adds_total{name="configmap",controller="configmap"} 0',
      'workqueue_retries_total{name="configmap",controller="configmap"} 0',
      'controller_runtime_reconcile_total{controller="configmap",result="requeue"} 0',
      'controller_runtime_terminal_reconcile_errors_total{controller="configmap"} 0',
      'controller_runtime_reconcile_timeouts_total{controller="configmap"} 0',
      'controller_runtime_reconcile_panics_total{controller="configmap"} 0',
      'controller_runtime_reconcile_time_seconds_count{controller="configmap"} 0',
      'workqueue_queue_duration_seconds_count{name="configmap",controller="configmap"} 0',
      'workqueue_work_duration_seconds_count{name="configmap",controller="configmap"} 0',
      'workqueue_unfinished_work_seconds{name="configmap",controller="configmap"} 0',
      'workqueue_longest_running_processor_seconds{name="configmap",controller="configmap"} 0',
      "certwatcher_read_certificate_total 0",
      "certwatcher_read_certificate_errors_total 0",
      `rest_client_requests_total{method="GET",host="${new URL(server.url).host}",code="200"} `,
      "process_cpu_seconds_total ",
      "process_resident_memory_bytes ",
      "nodejs_heap_size_used_bytes ",
      "nodejs_eventloop_lag_p99_seconds ",
    ]) expect(body).toContain(`\n${line}${line.endsWith(" ") ? "" : "\n"}`); // prettier-ignore
    expect(await ask(`http://${metrics}/`)).toMatchObject({ status: 404 });
  });

  test("count how runs fail, and what is under way", async () => {
    server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10", ...["wrong", "faulty", "late", "slow"].map((name) => configMap(name, "3")))); // prettier-ignore
    let letGo: () => void = () => undefined;
    const reconcile = ({ metadata }: KubernetesObject): Promise<Result> => {
      if (metadata?.name === "wrong") throw new TerminalError("cannot work");
      if (metadata?.name === "faulty") throw new TypeError("is not a function");
      return new Promise((resolve) => (letGo = () => resolve(done())));
    };
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0" } }, (it) =>
      it.controller({ apiVersion: "v1", kind: "ConfigMap" }).reconcileWith({ reconcile }, { timeout: "10s" }),
    );
    await eventually(async () => {
      const { body } = await ask(`http://${metrics}/metrics`);
      expect(body).toContain('controller_runtime_terminal_reconcile_errors_total{controller="configmap"} 1\n');
      expect(body).toContain('controller_runtime_reconcile_panics_total{controller="configmap"} 1\n');
    });
    await clock.advance(4000);
    const { body } = await ask(`http://${metrics}/metrics`);
    expect(body).toContain('workqueue_unfinished_work_seconds{name="configmap",controller="configmap"} 8\n');
    expect(body).toContain('workqueue_longest_running_processor_seconds{name="configmap",controller="configmap"} 4\n');
    await clock.advance(6000);
    await eventually(async () => {
      const { body: later } = await ask(`http://${metrics}/metrics`);
      expect(later).toContain('controller_runtime_reconcile_timeouts_total{controller="configmap"} 2\n');
    });
    letGo();
    await clock.advance(0);
  });

  test("are served, when secure, with a certificate of their own making, and to no stranger", async () => {
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0", secure: true } });
    expect(await ask(`https://${metrics}/metrics`)).toMatchObject({ status: 401, certificate: "CN=kubescaffold metrics" });
    expect(await ask(`https://${metrics}/metrics`, { authorization: "Basic abc" })).toMatchObject({ status: 401 });
    expect(server.requests).toEqual([]);
  });

  test("are served to whom the API server knows and allows it, and it is asked once a minute", async () => {
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0", secure: true } });
    server.on("POST /apis/authentication.k8s.io/v1/tokenreviews", (exchange) => {
      const { spec } = exchange.body as { spec: { token: string } };
      const user = { username: spec.token, groups: ["scrapers"], uid: "7" };
      exchange.answer({ status: spec.token === "stranger" ? { authenticated: false } : { authenticated: true, user } });
    });
    server.on("POST /apis/authorization.k8s.io/v1/subjectaccessreviews", (exchange) => {
      const { spec } = exchange.body as { spec: { user: string } };
      exchange.answer({ status: { allowed: spec.user === "prometheus" } });
    });
    const scrape = (token: string) => ask(`https://${metrics}/metrics`, { authorization: `Bearer ${token}` });
    expect(await scrape("prometheus")).toMatchObject({ status: 200, body: expect.stringContaining("workqueue_depth") });
    expect(server.writes[1]?.body).toMatchObject({
      spec: { user: "prometheus", groups: ["scrapers"], uid: "7", nonResourceAttributes: { path: "/metrics", verb: "get" } },
    });
    expect(await scrape("stranger")).toEqual(expect.objectContaining({ status: 401, body: "Unauthorized\n" }));
    expect(await scrape("visitor")).toEqual(expect.objectContaining({ status: 403, body: "Authorization denied for user visitor\n" }));
    expect(server.writes).toHaveLength(5);
    await clock.advance(59_000);
    expect(await scrape("prometheus")).toMatchObject({ status: 200 });
    expect(server.writes).toHaveLength(5);
    await clock.advance(2000);
    expect(await scrape("prometheus")).toMatchObject({ status: 200 });
    expect(server.writes).toHaveLength(7);
  });

  test("are kept back while the API server cannot be asked, and it is asked again", async () => {
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0", secure: true } });
    server.on("POST", (exchange) => exchange.fail(500, "InternalError"));
    const scrape = () => ask(`https://${metrics}/metrics`, { authorization: "Bearer x" });
    expect(await scrape()).toMatchObject({ status: 500 });
    server.on("POST", (exchange) => exchange.answer({ status: { authenticated: true, user: {}, allowed: true } }));
    expect(await scrape()).toMatchObject({ status: 200 });
  });

  test("are served with a certificate from a folder, and a wrong folder is told in one line", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kubescaffold-certificate-"));
    const now = Date.now();
    const pair = await servingCertificate({ commonName: "from a folder", names: ["localhost"], notBefore: now, notAfter: now + 3_600_000 });
    await writeFile(join(folder, "my.crt"), pair.cert);
    await writeFile(join(folder, "my.key"), pair.key);
    const files = { certPath: folder, certName: "my.crt", certKey: "my.key" };
    const { metrics } = await start({ metrics: { bindAddress: "127.0.0.1:0", secure: true, ...files } });
    expect(await ask(`https://${metrics}/metrics`)).toMatchObject({ status: 401, certificate: "CN=from a folder" });
    const next = await servingCertificate({ commonName: "a new one", names: ["localhost"], notBefore: now, notAfter: now + 3_600_000 });
    await writeFile(join(folder, "my.crt"), next.cert);
    await writeFile(join(folder, "my.key"), next.key);
    await eventually(async () => {
      await clock.advance(10_000);
      expect(await ask(`https://${metrics}/metrics`)).toMatchObject({ certificate: "CN=a new one" });
    });
    await rm(folder, { recursive: true });
    const other = await Manager.create({ kubeconfig, metrics: { bindAddress: "127.0.0.1:0", secure: true, certPath: folder } });
    await expect(other.start()).rejects.toThrow(
      `cannot be read from ${join(folder, "tls.crt")}; correct --metrics-cert-path or leave it out`,
    );
  });
});

test("an address that is taken is told, and nothing stays open", async () => {
  const { health } = await start({ healthProbe: { bindAddress: "127.0.0.1:0" } });
  const port = new URL(health).port;
  const metrics = { bindAddress: "127.0.0.1:0" };
  const second = await Manager.create({ kubeconfig, metrics, healthProbe: { bindAddress: `127.0.0.1:${port}` } });
  await expect(second.start()).rejects.toThrow(`address already in use 127.0.0.1:${port}`);
  expect(second.ports.metrics).toBeUndefined();
});
