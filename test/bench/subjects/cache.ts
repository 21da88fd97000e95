/**
 * The cache of the `cache` bench: a manager that keeps all objects of one kind (BENCH_KIND), and nothing else. Prints a line of JSON when it is in
 * sync, and another one for each SIGUSR1, with its memory before and after a collection (Node needs `--expose-gc`).
 */
import { readFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Pod } from "kubernetes-models/v1/Pod";
import { Secret } from "kubernetes-models/v1/Secret";
import { jsonLogger, Manager } from "@kubescaffold/runtime";

const kind = [ConfigMap, Pod, Secret].find((each) => each.kind === process.env["BENCH_KIND"]);
if (!kind) throw new Error("BENCH_KIND is ConfigMap, Pod or Secret");

const manager = await Manager.create({ log: jsonLogger("warn"), metrics: { bindAddress: "127.0.0.1:0" } });
manager.cache(kind);
const rssStartMiB = memory("VmRSS");
const began = performance.now();
manager.add({
  async start(signal) {
    const syncSeconds = Math.round(performance.now() - began) / 1000;
    process.on("SIGUSR1", () => void report(syncSeconds));
    await report(syncSeconds);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
});
await manager.run();

async function report(syncSeconds: number): Promise<void> {
  const rssBeforeGCMiB = memory("VmRSS");
  const objects = await countObjects();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const sizes = {
    rssStartMiB,
    rssBeforeGCMiB,
    rssMiB: memory("VmRSS"),
    rssPeakMiB: memory("VmHWM"),
    heapMiB: inMiB(heapUsed),
    externalMiB: inMiB(external),
  };
  process.stdout.write(`${JSON.stringify({ kind: kind?.kind, objects, syncSeconds, ...sizes })}\n`);
}

/** From the metrics, as whoever runs an operator sees it; a list would parse every object. */
async function countObjects(): Promise<number> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port: manager.ports.metrics, path: "/metrics" }, resolve).on("error", reject);
  });
  const metrics = await text(response);
  return Number(/^kubescaffold_cache_objects\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

function memory(field: string): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return inMiB(Number(kib) * 1024);
}

function inMiB(bytes: number): number {
  return Math.round((bytes / 2 ** 20) * 10) / 10;
}
