/** What the memcached operator costs on a kind cluster, and how long it leaves its objects alone. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Lease } from "kubernetes-models/coordination.k8s.io/v1/Lease";
import { eventually } from "@kubescaffold/runtime/testing";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Node } from "kubernetes-models/v1/Node";
import type { IPod } from "kubernetes-models/v1/Pod";
import { forProcesses, onNode, signalTo } from "../kind/node.ts";
import { report } from "../kind/report.ts";
import { openSuite } from "../kind/suite.ts";
import { scrape, startClientPod, startReader } from "../memcached/client-pod.ts";
import {
  available,
  buildProject,
  isReady,
  Memcached,
  memcached,
  operator,
  operatorImage,
  operatorPods,
  podsOf,
  soon,
  type Project,
} from "../memcached/operator.ts";

const suite = await openSuite("figures");
const { client, cluster, kubectl, namespace } = suite;
/** By the rows of `kind` in test/bench/table.ts. */
const figures: Record<string, number> = {};
const MANY = 1000;
/** How long a lease is good for (s). */
const LEASE = 15;
let project: Project;
let metrics: () => Promise<string>;
let reader: Awaited<ReturnType<typeof startReader>>;

beforeAll(async () => {
  project = await buildProject(cluster);
  await onNode(cluster, `ctr --namespace k8s.io images rm docker.io/library/${operatorImage} || true`);
}, 300_000);

afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
  const version = (await kubectl(["get", "nodes", "--output=jsonpath={.items[0].status.nodeInfo.kubeletVersion}"])).trim();
  report("kind", "memcached operator", version, figures);
}, 120_000);

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** The value of a metric without labels. */
async function metric(name: string): Promise<number> {
  const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(await metrics()) ?? [];
  return Number(value);
}

async function onlyPod(): Promise<IPod> {
  const [pod, ...others] = await operatorPods(client);
  if (pod === undefined || others.length > 0 || !isReady(pod)) throw new Error("there is not exactly one pod that is ready");
  return pod;
}

test("the image is small", () => {
  const [, megabytes] = / ([\d.]+) MB compressed/.exec(project.built) ?? [];
  figures["imageMB"] = Number(megabytes);
  expect(figures["imageMB"]).toBeLessThan(80);
});

test("the operator is soon on a new cluster", async () => {
  figures["deploySeconds"] = await seconds(() => project.run("deploy"));
  const execute = await startClientPod(suite);
  reader = await startReader(suite);
  metrics = () => execute(scrape(reader.token));
});

test("it starts fast", async () => {
  const { metadata } = await onlyPod();
  const script = forProcesses(metadata?.uid ?? "", `echo "$(date +%s.%N) $(cut -d' ' -f1 /proc/uptime) $(cut -d' ' -f22 $process/stat)"`);
  const [now = 0, uptime = 0, ticks = 0] = (await onNode(cluster, script)).trim().split(" ").map(Number);
  const log = await kubectl(["logs", "--namespace", operator.namespace, metadata?.name ?? ""]);
  const line = log.split("\n").find((each) => each.includes("attempting to acquire leader lease")) ?? "";
  const ready = Date.parse((JSON.parse(line) as { ts: string }).ts) / 1000;
  figures["startSeconds"] = ready - (now - uptime + ticks / 100);
  expect(figures["startSeconds"]).toBeGreaterThan(0);
});

test("memcached is soon there", async () => {
  const key = { namespace, name: "sample" };
  const apply = async (): Promise<void> => {
    await client.create(memcached(namespace, key.name, 3));
    await available(client, key, 3);
  };
  figures["availableSeconds"] = await seconds(apply);
  await client.delete(Memcached, key);
  await soon(async () => expect(await podsOf(client, key)).toEqual([]));
});

test("it does next to nothing while nothing happens", async () => {
  const before = await metric("process_cpu_seconds_total");
  const elapsed = await seconds(() => sleep(20_000));
  const used = (await metric("process_cpu_seconds_total")) - before;
  figures["idleMillicores"] = (used / elapsed) * 1000;
  figures["idleMiB"] = (await metric("process_resident_memory_bytes")) / 2 ** 20;
  expect(figures["idleMillicores"]).toBeGreaterThan(0);
}, 60_000);

test("another leads long before the lease has run out when the leader ends, and soon after that when it is killed", async () => {
  await client.patch(Deployment, operator, "merge", { spec: { replicas: 2 } });
  for (const [signal, limit] of [
    ["TERM", LEASE / 2],
    ["KILL", 2 * LEASE],
  ] as const) {
    // prettier-ignore
    const pods = await soon(async () => {
      const found = await operatorPods(client);
      expect(found.filter(isReady)).toHaveLength(2);
      return found;
    });
    const holder = await leader();
    const uid = pods.find(({ metadata }) => holder.startsWith(metadata?.name ?? "none"))?.metadata?.uid ?? "";
    const kill = onNode(cluster, `date +%s.%N; ${signalTo(uid, signal)}`);
    const next = await eventually(
      async () => {
        const { renewed, identity } = await lease();
        if (identity === "" || identity === holder) throw new Error("there is no other leader yet");
        return renewed;
      },
      { timeout: 40_000, interval: 20 },
    );
    const without = next / 1000 - Number((await kill).trim());
    figures[`SIG${signal}`] = without;
    expect(without).toBeLessThan(limit);
  }
  await client.patch(Deployment, operator, "merge", { spec: { replicas: 1 } });
  await soon(onlyPod);
}, 180_000);

test(`${MANY} Memcacheds take little memory`, async () => {
  const [node] = await client.list(Node, {});
  const name = node?.metadata?.name ?? "";
  await client.patch(Node, { name }, "merge", { spec: { unschedulable: true } });
  try {
    const names = Array.from({ length: MANY }, (_, at) => `many-${at}`);
    await Promise.all(names.map((each) => client.create(memcached(namespace, each, 1))));
    await soon(async () => {
      const all = await client.list(Memcached, { namespace });
      const withPod = all.filter(({ status }) => (status as { nodes?: string[] } | undefined)?.nodes?.length === 1);
      expect(withPod).toHaveLength(MANY);
    }, 420);
    figures["manyMiB"] = (await metric("process_resident_memory_bytes")) / 2 ** 20;
    await client.deleteAll(Memcached, { namespace });
    await soon(async () => expect(await client.list(Memcached, { namespace })).toEqual([]), 120);
  } finally {
    await client.patch(Node, { name }, "merge", { spec: { unschedulable: false } });
  }
}, 600_000);

/** Who leads, and when that was said last (ms). */
async function lease(): Promise<{ readonly identity: string; readonly renewed: number }> {
  const { holderIdentity = "", acquireTime = "" } =
    (await client.get(Lease, { namespace: operator.namespace, name: "memcached-operator.example.com" }))?.spec ?? {};
  return { identity: holderIdentity, renewed: Date.parse(acquireTime) };
}

/** Who leads; somebody does. */
async function leader(): Promise<string> {
  return soon(async () => {
    const { identity } = await lease();
    if (identity === "") throw new Error("nobody leads");
    return identity;
  });
}
