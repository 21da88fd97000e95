import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, unstructured } from "@kubescaffold/runtime";
import { EmbeddedCluster, eventually } from "@kubescaffold/runtime/testing";
import { temporaryFolder } from "../temporary.ts";
import { Dev } from "./dev-process.ts";
import { memcached, scaffold, succeed } from "./terminal.ts";

const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const folder = temporaryFolder();
const types = join(folder.path, "api/v1alpha1/memcached.types.ts");
const controller = join(folder.path, "controllers/memcached.controller.ts");

beforeAll(async () => {
  await succeed(folder.path, ["init", "--domain", "example.com", "--project-name", "cache-operator", "--packages", "link"]);
  await succeed(folder.path, ["create", "api", ...memcached]);
});

afterAll(() => folder[Symbol.dispose]());

async function availability(kubeconfig: string, name: string): Promise<unknown> {
  using connection = await connect({ kubeconfig });
  return await eventually(async () => {
    const object = await connection.client.get(Memcached, { namespace: "default", name });
    const [condition] = (object?.["status"] as { conditions?: { reason: string }[] } | undefined)?.conditions ?? [];
    if (!condition) throw new Error("no condition yet");
    return condition.reason;
  });
}

async function create(kubeconfig: string, name: string): Promise<void> {
  using connection = await connect({ kubeconfig });
  await connection.client.create({ ...Memcached, metadata: { namespace: "default", name }, spec: {} });
}

test("runs cluster and operator, follows edits, survives broken ones, and ends cleanly by Ctrl-C", async () => {
  await using dev = new Dev(folder.path);
  const [, kubeconfig = ""] = await dev.shows(/export KUBECONFIG=(\S+)/);
  expect(dev.out).toContain("installed memcacheds.cache.example.com");
  await create(kubeconfig, "first");
  expect(await availability(kubeconfig, "first")).toBe("Reconciled");

  let from = dev.out.length;
  writeFileSync(controller, readFileSync(controller, "utf8").replace('reason: "Reconciled"', 'reason: "Edited"'));
  await dev.shows(/sources changed[^]*Starting Controller/, from);
  await create(kubeconfig, "second");
  expect(await availability(kubeconfig, "second")).toBe("Edited");

  from = dev.out.length;
  const good = readFileSync(types, "utf8");
  writeFileSync(types, good.replace("foo?: string", "foo?: Strin"));
  await dev.shows(/api\/v1alpha1\/memcached\.types\.ts:\d+:\d+: /, from);
  from = dev.out.length;
  writeFileSync(types, good.replace("foo?: string;", "foo?: string;\n  bar?: string;"));
  await dev.shows(/update config\/crd[^]*installed memcacheds[^]*Starting Controller/, from);

  expect(await dev.interrupt()).toBe(0);
  expect(dev.out).toContain("Stopping and waiting for running reconciles");
  expect(existsSync(kubeconfig)).toBe(false);
}, 60_000);

test("an operator that crashes is told, and starts again with the next change", async () => {
  const program = join(folder.path, "main.ts");
  const good = readFileSync(program, "utf8");
  writeFileSync(program, `${good}\nprocess.exit(3);\n`.replace("await manager.run();", ""));
  await using dev = new Dev(folder.path);
  try {
    await dev.shows(/the operator ended with exit code 3; it starts again when you save a file/);
  } finally {
    writeFileSync(program, good);
  }
  await dev.shows(/Starting Controller/);
}, 60_000);

test("against a cluster of a kubeconfig: installs the CRDs and runs the operator; --skip-crds tells of a missing one", async () => {
  await using cluster = await EmbeddedCluster.start();
  const missing = await scaffold(folder.path, ["dev", "--kubeconfig", cluster.kubeconfig, "--skip-crds"]);
  expect(missing).toMatchObject({
    code: 1,
    err: "The cluster has no CRD memcacheds.cache.example.com: leave out --skip-crds, or install it with kubectl apply -k config/crd.",
  });

  await using dev = new Dev(folder.path, "--kubeconfig", cluster.kubeconfig, "--context", "embedded");
  await dev.shows(/cluster of context embedded[^]*Starting Controller/);
  await create(cluster.kubeconfig, "third");
  expect(await availability(cluster.kubeconfig, "third")).toBe("Edited");
}, 60_000);
