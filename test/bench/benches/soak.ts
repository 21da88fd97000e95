import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { connect, isConditionTrue, unstructured, type Client } from "../../../runtime/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { ours, type Program } from "../programs.ts";
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
/** The part of the run that does not count: code is compiled and pools grow to what they need. What is in use is looked at once in such a part. */
const WARM_UP = 0.2;

interface Sample {
  readonly events: number;
  readonly rssMiB: number;
  /** After a collection; not with every sample, for a collection tidies up. */
  readonly heapMiB?: number;
  readonly externalMiB?: number;
}

/** Memory of the operator while ever new Memcacheds come, change and go. Flat is a slope of nothing after the warm-up. */
export async function soak({ work, n = 1_000_000 }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const crd = join(import.meta.dirname, "..", "peers", "memcached-crd.yaml");
  await using cluster = await EmbeddedCluster.start({ crds: [crd] });
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const probe = pathToFileURL(join(import.meta.dirname, "..", "probe.ts")).href;
  const program = await ours("operator", work, ["--expose-gc", "--import", probe]);
  await using operator = new Operator(program, cluster.kubeconfig);
  await operator.line();
  const samples: Sample[] = [{ events: 0, rssMiB: operator.memory("VmRSS"), ...(await operator.inUse()) }];
  const began = performance.now();
  const batches = Math.ceil(n / EVENTS_A_KEY / LIVE);
  for (let batch = 1; batch <= batches; batch++) {
    await lives(connection.client, batch * LIVE);
    const rssMiB = operator.memory("VmRSS");
    const counted = batch % Math.ceil(batches * WARM_UP) === 0 || batch === batches;
    samples.push({ events: batch * LIVE * EVENTS_A_KEY, rssMiB, ...(counted && (await operator.inUse())) });
  }
  const seconds = (performance.now() - began) / 1000;
  const [first, last] = [samples[0], samples.at(-1)];
  const warm = samples.slice(Math.ceil(batches * WARM_UP));
  const result = {
    subject: "ours",
    events: last?.events,
    keys: batches * LIVE,
    perSecond: (last?.events ?? 0) / seconds,
    start: first,
    warm: warm[0],
    end: last,
    rssPeakMiB: operator.memory("VmHWM"),
    slopeMiB: slope(warm.map(({ events, rssMiB }) => [events / 100_000, rssMiB])),
    samples,
  };
  const size = `${(last?.events ?? 0).toLocaleString("en-US")} events`;
  return {
    bench: "soak",
    size,
    date: today(),
    machine: machine(),
    loadBefore,
    versions: versions(),
    subjects: ["ours"],
    results: [result],
  };
}

/** The operator as a process. */
class Operator implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor([command, ...args]: Program, KUBECONFIG: string) {
    this.#child = spawn(command, args, { env: { ...process.env, KUBECONFIG }, stdio: ["ignore", "pipe", "inherit"] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#ended = once(this.#child, "exit");
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("the operator has ended, see above");
    return next.value;
  }

  async inUse(): Promise<{ heapMiB: number; externalMiB: number }> {
    this.#child.kill("SIGUSR2");
    const { heapUsed, external } = JSON.parse(await this.line()) as { heapUsed: number; external: number };
    return { heapMiB: heapUsed / 2 ** 20, externalMiB: external / 2 ** 20 };
  }

  memory(field: string): number {
    const status = readFileSync(`/proc/${this.#child.pid ?? "self"}/status`, "utf8");
    const [, kib] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status) ?? [];
    return Number(kib) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
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
