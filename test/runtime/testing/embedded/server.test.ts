import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { configMap, CONFIGMAPS, send, Watch, widget, widgetDefinition, WIDGETS } from "./requests.ts";

const MAIN = new URL("../../../../runtime/testing/main.ts", import.meta.url).pathname;

test("a started cluster answers on loopback and has a kubeconfig that names it", async () => {
  await using cluster = await EmbeddedCluster.start();
  expect(cluster.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await readFile(cluster.kubeconfig, "utf8")).toContain(cluster.url);
  expect((await send(cluster.url, "GET", "/readyz")).text).toBe("ok");
});

test("a stopped cluster leaves no kubeconfig, no open watch and a free port", async () => {
  const cluster = await EmbeddedCluster.start();
  const watch = await Watch.open(cluster.url, `${CONFIGMAPS}?watch=1`);
  await cluster.stop();
  while ((await watch.next()) !== undefined);
  expect(existsSync(cluster.kubeconfig)).toBe(false);
  const again = await EmbeddedCluster.start({ port: Number(new URL(cluster.url).port) });
  await again.stop();
});

test("definitions in files and folders are served when start resolves", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kubescaffold-test-"));
  try {
    await writeFile(join(folder, "widgets.yaml"), stringify(widgetDefinition()));
    for (const crds of [[folder], [join(folder, "widgets.yaml")]]) {
      await using cluster = await EmbeddedCluster.start({ crds });
      expect((await send(cluster.url, "POST", WIDGETS, { body: widget("a") })).code).toBe(201);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a path that does not exist is an error that names it", async () => {
  await expect(EmbeddedCluster.start({ crds: ["/no/such/folder"] })).rejects.toThrow("/no/such/folder");
});

test("every cluster has the namespaces, roles and accounts that a new Kubernetes cluster has", async () => {
  await using cluster = await EmbeddedCluster.start();
  for (const path of [
    "/api/v1/namespaces/default",
    "/api/v1/namespaces/kube-system",
    "/api/v1/namespaces/kube-public",
    "/api/v1/namespaces/kube-node-lease",
    "/api/v1/namespaces/default/serviceaccounts/default",
    "/api/v1/namespaces/default/configmaps/kube-root-ca.crt",
    "/api/v1/namespaces/default/services/kubernetes",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/view",
  ]) {
    expect({ path, code: (await send(cluster.url, "GET", path)).code }).toEqual({ path, code: 200 });
  }
});

test("two clusters share nothing", async () => {
  await using first = await EmbeddedCluster.start();
  await using second = await EmbeddedCluster.start();
  await send(first.url, "POST", CONFIGMAPS, { body: configMap("a") });
  expect((await send(second.url, "GET", `${CONFIGMAPS}/a`)).code).toBe(404);
});

test("the process prints one line when it serves, and ends on SIGTERM", async () => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve) => child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? "";
  expect(line.trim().split("\n")).toHaveLength(1);
  expect((await send(url, "GET", "/version")).body["gitVersion"]).toMatch(/^v1\./);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

test("the process refuses a port that is none", async () => {
  const child = spawn(process.execPath, [MAIN, "--port", "many"], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
  expect(text).toContain("--port many is not a port");
});
