import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { Manager, parseFlags } from "../../../runtime/manager/index.ts";
import { silentLogger } from "../../../runtime/object/index.ts";
import { allowed, denied } from "../../../runtime/webhook/index.ts";
import { localCertificate, post, reviewIn, reviewOf } from "./serving.ts";

const agent = new Agent({ rejectUnauthorized: false });

async function folderWithCertificate(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "webhook-manager-"));
  const { cert, key } = await localCertificate();
  await writeFile(join(path, "tls.crt"), cert);
  await writeFile(join(path, "tls.key"), key);
  return path;
}

async function read(port: number | undefined, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString())).on("end", () => resolve(`${response.statusCode ?? 0} ${text}`));
    }).on("error", reject);
  });
}

test("a manager serves its webhooks without any API server, at controller-runtime's paths or others, and counts them", async () => {
  const certPath = await folderWithCertificate();
  const manager = await Manager.create({
    kubeconfig: "/nowhere",
    webhook: { port: 0, host: "127.0.0.1", certPath },
    metrics: { bindAddress: "127.0.0.1:0" },
    healthProbe: { bindAddress: "127.0.0.1:0" },
    log: silentLogger,
  });
  manager
    .webhook(Deployment)
    .defaultWith({ default: (object) => void ((object.spec ??= { selector: {}, template: {} }).replicas = 1) })
    .validateWith({ validateCreate: () => denied("no") });
  manager.webhook(Deployment, { validate: "/guard" }).validateWith({ validateCreate: () => [] });
  manager.webhook(Service).validateWith({ validateCreate: () => denied("no Services") });
  manager.webhookServer.handle("/raw", { handle: () => allowed() });
  await manager.start();
  const { webhook = 0, health, metrics } = manager.ports;
  const ask = async (path: string) => reviewIn(await post(agent, webhook, path, reviewOf())).response;
  expect((await ask("/mutate-apps-v1-deployment")).patchType).toBe("JSONPatch");
  expect((await ask("/validate-apps-v1-deployment")).allowed).toBe(false);
  expect((await ask("/validate--v1-service")).allowed).toBe(true); // it is a Deployment that is asked about
  expect((await ask("/guard")).allowed).toBe(true);
  expect((await ask("/raw")).allowed).toBe(true);
  expect(await read(health, "/readyz?verbose")).toMatch(/^200 [^]*\[\+\]webhook ok/);
  const shown = await read(metrics, "/metrics");
  expect(shown).toContain('controller_runtime_webhook_requests_total{webhook="/guard",code="200"} 1');
  expect(shown).toContain('controller_runtime_webhook_requests_in_flight{webhook="/guard"} 0');
  expect(shown).toContain('controller_runtime_webhook_latency_seconds_count{webhook="/guard"} 1');
  expect(shown).toContain('controller_runtime_webhook_requests_total{webhook="/guard",code="500"} 0');
  expect(shown).toContain("controller_runtime_webhook_panics_total 0");
  expect(shown).toContain("controller_runtime_conversion_webhook_panics_total 0");
  expect(shown).toContain("certwatcher_read_certificate_total 1");
  const [, expiry] = /^kubescaffold_certificate_expiration_timestamp_seconds\{server="webhook"\} (\S+)/m.exec(shown) ?? [];
  expect(Math.abs(Number(expiry) - Date.now() / 1000 - 3600)).toBeLessThan(30);
  await manager.stop();
  await expect(ask("/guard")).rejects.toThrow("ECONNREFUSED");
  await rm(certPath, { recursive: true });
});

test("the flags say where the certificate is", async () => {
  const certPath = await folderWithCertificate();
  const flags = parseFlags(["--webhook-cert-path", certPath, "--health-probe-bind-address=0"], { leaderElection: { id: "x" } });
  const manager = await Manager.create({
    ...flags,
    webhook: { ...(flags.webhook || { port: 0 }), port: 0, host: "127.0.0.1" },
    log: silentLogger,
  });
  manager.webhookServer.handle("/raw", { handle: () => allowed() });
  await manager.start();
  expect(manager.ports.webhook).toBeGreaterThan(0);
  await manager.stop();
  await rm(certPath, { recursive: true });
});

test("with neither a certificate nor an API server to keep one the manager does not start, and says which flag names one", async () => {
  const manager = await Manager.create({ kubeconfig: "/nowhere", webhook: { port: 0 }, log: silentLogger });
  manager.webhookServer.handle("/raw", { handle: () => allowed() });
  await expect(manager.start()).rejects.toThrow(/\/nowhere.*; or give the files of a certificate by --webhook-cert-path/);
});

test("webhooks that are switched off, or that nobody has wired, open no port", async () => {
  for (const webhook of [false, undefined] as const) {
    const manager = await Manager.create({ webhook, log: silentLogger });
    if (webhook === false) manager.webhookServer.handle("/raw", { handle: () => allowed() });
    await manager.start();
    expect(manager.ports.webhook).toBeUndefined();
    await manager.stop();
  }
});
