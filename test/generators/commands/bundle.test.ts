import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { unstructured } from "@kubescaffold/runtime";
import { eventually, startTestCluster, type TestCluster } from "@kubescaffold/runtime/testing";
import { stringify } from "yaml";
import { packagesFor } from "../../../generators/packages/index.ts";
import { NODE_FLAGS } from "../../../generators/project/index.ts";
import { temporaryFolder } from "../temporary.ts";
import { scaffold, succeed } from "./terminal.ts";

const EXAMPLE = join(import.meta.dirname, "../../../examples/memcached-operator");
const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const folder = temporaryFolder();
const project = join(folder.path, "project");
/** The bundle and nothing else, as an image has it. */
const image = join(folder.path, "image");
let cluster: TestCluster;
let printed: string;

beforeAll(async () => {
  cpSync(EXAMPLE, project, { recursive: true, filter: (path) => !["node_modules", "dist"].includes(basename(path)) });
  (await packagesFor("link", () => undefined)).link?.(project);
  mkdirSync(join(project, "dist/chunks"), { recursive: true });
  writeFileSync(join(project, "dist/chunks/stale.js"), "");
  printed = (await succeed(project, ["bundle"])).out;
  cpSync(join(project, "dist"), image, { recursive: true });
  cluster = await startTestCluster({ crds: [join(EXAMPLE, "config/crd/bases")] });
}, 60_000);

afterAll(async () => {
  await cluster.stop();
  folder[Symbol.dispose]();
});

/** The bundled operator as a process of its own, until it has been told to end and has ended well. */
async function whileRunning(kubeconfig: string, work: (health: string) => Promise<void>): Promise<string> {
  const health = `127.0.0.1:${await freePort()}`;
  const args = [...NODE_FLAGS, "main.js", "--kubeconfig", kubeconfig, "--health-probe-bind-address", health, "--metrics-bind-address=0"];
  const child = spawn(process.execPath, args, { cwd: image, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "exit");
  try {
    await work(`http://${health}`);
  } catch (error) {
    throw new Error(`the operator logged:\n${log}`, { cause: error });
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
  expect(child.exitCode).toBe(0);
  return log;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function reconciles(name: string): Promise<void> {
  const key = { namespace: "default", name };
  await cluster.client.create({ ...Memcached, metadata: key, spec: { size: 2 } });
  await eventually(async () => expect(await cluster.client.get(Deployment, key)).toMatchObject({ spec: { replicas: 2 } }));
}

test("the bundle of the memcached example becomes ready and reconciles, with nothing beside it but Node", async () => {
  expect(printed).toMatch(/^dist\/main\.js {2}\d+ kB$/);
  const log = await whileRunning(cluster.kubeconfig, async (health) => {
    await eventually(async () => expect((await fetch(`${health}/readyz`)).status).toBe(200));
    await reconciles("bundled");
  });
  // No warning of Node's or of anybody else's: each line is a line of the log.
  for (const line of log.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("level");
}, 30_000);

test("a kubeconfig with a credential plugin is read by the bundle too", async () => {
  const subject = { kind: "ServiceAccount", namespace: "default", name: "default" };
  await cluster.client.create({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "default-is-admin" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [subject],
  });
  const answer = await fetch(`${cluster.url}/api/v1/namespaces/default/serviceaccounts/default/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }),
  });
  const { status } = (await answer.json()) as { status: { token: string } };
  const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token: status.token } };
  const plugin = join(folder.path, "plugin.mjs");
  const asked = join(folder.path, "asked");
  writeFileSync(
    plugin,
    `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(asked)}, "");\nconsole.log(${JSON.stringify(JSON.stringify(credential))});\n`,
  );
  const kubeconfig = join(folder.path, "kubeconfig");
  const exec = { apiVersion: credential.apiVersion, command: process.execPath, args: [plugin], interactiveMode: "Never" };
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "plugin",
      contexts: [{ name: "plugin", context: { cluster: "test", user: "plugin" } }],
      clusters: [{ name: "test", cluster: { server: cluster.url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "plugin", user: { exec } }],
    }),
  );
  await whileRunning(kubeconfig, () => reconciles("by-plugin"));
  expect(existsSync(asked)).toBe(true);
}, 30_000);

test("what is seldom needed is not read at the start, and what an earlier bundle left is gone", () => {
  const main = readFileSync(join(image, "main.js"), "utf8");
  const readAtStart = [...main.matchAll(/(?<!import\()"\.\/(chunks\/[^"]+\.js)"/g)].map(
    ([, path = ""]) => statSync(join(image, path)).size,
  );
  expect(readAtStart.reduce((sum, size) => sum + size, 0)).toBeLessThan(10_000);
  expect(main.length).toBeLessThan(1_500_000);
  expect(main).toContain("//# sourceMappingURL=main.js.map");
  expect(existsSync(join(image, "main.js.map"))).toBe(true);
  expect(existsSync(join(image, "chunks/stale.js"))).toBe(false);
});

test("an import that leads nowhere is told with its place", async () => {
  const broken = join(folder.path, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "main.ts"), 'import "./nowhere.ts";\n');
  expect(await scaffold(broken, ["bundle"])).toMatchObject({ code: 1, out: "", err: 'main.ts:1:8: Could not resolve "./nowhere.ts"' });
});

test("without a main.ts there is one line that says so", async () => {
  const empty = join(folder.path, "empty");
  mkdirSync(empty);
  const err = `There is no main.ts in ${empty}: it is the program that is bundled.`;
  expect(await scaffold(empty, ["bundle"])).toMatchObject({ code: 1, out: "", err });
});
