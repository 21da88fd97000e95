import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { connect, isConditionTrue, unstructured, type Client } from "../../../runtime/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { ours } from "../programs.ts";
import { machine, today, versions, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const NAMESPACE = "default";
/** How many there are at a time. */
const LIVE = 1000;
/** Of one Memcached: it comes, its status, its Deployment comes, changes, and both go. */
const EVENTS_A_KEY = 10;
const CHANGES = EVENTS_A_KEY - 5;
const CONNECTIONS = 16;
/** The part of the run that does not count: code is compiled and pools grow to what they need. */
const WARM_UP = 0.2;

/** Memory of the operator while ever new Memcacheds come, change and go. Flat is a slope of nothing after the warm-up. */
export async function soak({ work, n = 1_000_000 }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const crd = join(import.meta.dirname, "..", "peers", "memcached-crd.yaml");
  await using cluster = await EmbeddedCluster.start({ crds: [crd] });
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const [command, ...args] = await ours("operator", work);
  const operator = spawn(command, args, { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(operator, "exit");
  try {
    await once(createInterface(operator.stdout), "line");
    const rss = (): number => memory(operator.pid ?? 0, "VmRSS");
    const samples = [{ events: 0, rssMiB: rss() }];
    const began = performance.now();
    const keys = Math.ceil(n / EVENTS_A_KEY / LIVE) * LIVE;
    for (let first = 0; first < keys; first += LIVE) {
      await lives(connection.client, first);
      if (operator.exitCode !== null) throw new Error(`the operator ended with ${operator.exitCode}`);
      samples.push({ events: (first + LIVE) * EVENTS_A_KEY, rssMiB: rss() });
      if (samples.length % 10 === 0) process.stderr.write(`${first + LIVE} keys, ${rss().toFixed(1)} MiB\n`);
    }
    const seconds = (performance.now() - began) / 1000;
    const counted = samples.slice(Math.floor(samples.length * WARM_UP));
    const result = {
      subject: "ours",
      events: keys * EVENTS_A_KEY,
      keys,
      perSecond: (keys * EVENTS_A_KEY) / seconds,
      rssStartMiB: samples[0]?.rssMiB,
      rssWarmMiB: counted[0]?.rssMiB,
      rssEndMiB: samples.at(-1)?.rssMiB,
      rssPeakMiB: memory(operator.pid ?? 0, "VmHWM"),
      slopeMiB: slope(counted.map(({ events, rssMiB }) => [events / 100_000, rssMiB])),
      samples,
    };
    const head = { bench: "soak", date: today(), machine: machine(), loadBefore, versions: versions() };
    return { ...head, size: `${(keys * EVENTS_A_KEY).toLocaleString("en-US")} events`, subjects: ["ours"], results: [result] };
  } finally {
    operator.kill();
    await ended;
  }
}

/** A thousand Memcacheds from their creation to their end, with all that they own. */
async function lives(client: Client, first: number): Promise<void> {
  const keys = Array.from({ length: LIVE }, (_, index) => ({ namespace: NAMESPACE, name: `memcached-${first + index}` }));
  await each(keys, (metadata) => client.create({ ...Memcached, metadata, spec: { size: 1 } }));
  await allAvailable(client, new Set(keys.map(({ name }) => name)));
  for (let change = 0; change < CHANGES; change++) {
    await each(keys, (key) => client.patch(Memcached, key, "merge", { metadata: { labels: { change: String(change) } } }));
  }
  await each(keys, (key) => client.delete(Memcached, key));
  await each(keys, (key) => client.delete(Deployment, key));
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}

/** Waits until each of these has been Available. */
async function allAvailable(client: Client, waiting: Set<string | undefined>): Promise<void> {
  for await (const { object } of client.watch(Memcached, { namespace: NAMESPACE })) {
    const { conditions } = (object["status"] ?? {}) as { conditions?: Parameters<typeof isConditionTrue>[0] };
    if (isConditionTrue(conditions, "Available")) waiting.delete(object.metadata.name);
    if (waiting.size === 0) return;
  }
  throw new Error("the watch of the Memcacheds ended");
}

/** Of the line through the points that is nearest to them (least squares). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function memory(pid: number, field: string): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}
