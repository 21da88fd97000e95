import { join } from "node:path";
import { buildPeers, ours, run } from "../programs.ts";
import { machine, today, versions, type Measured, type Report } from "../report.ts";
import { loadavg } from "node:os";
import type { BenchOptions } from "./index.ts";

/** How long a work queue takes to add, take and end a thousand keys, beside controller-runtime's priority queue and client-go's plain one. */
export async function queue({ work, repeat }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const peers = await buildPeers();
  const own = await ours("queue", work);
  const results: Measured[] = [];
  for (let round = 0; round < repeat; round++) {
    const output = await run([join(peers, "queue.test"), "-test.bench", ".", "-test.run", "^$"], { returns: true });
    results.push(
      { subject: "go", onePriority: goTime(output, "PriorityQueue"), twoPriorities: goTime(output, "PriorityQueueTwoLevels") },
      { subject: "go-workqueue", onePriority: goTime(output, "Workqueue") },
      { subject: "ours", ...(JSON.parse(await run(own, { returns: true })) as object) },
    );
  }
  const subjects = ["go", "go-workqueue", "ours"];
  const head = { bench: "queue", size: "1,000 keys", date: today(), machine: machine(), loadBefore, versions: versions() };
  return { ...head, subjects, results };
}

/** Milliseconds for a thousand keys, which is one round of the Go benchmark. */
function goTime(output: string, name: string): number {
  const [, nanoseconds] = new RegExp(`^Benchmark${name}(?:-\\d+)?\\s+\\d+\\s+([\\d.]+) ns/op`, "m").exec(output) ?? [];
  if (nanoseconds === undefined) throw new Error(`no Benchmark${name} in:\n${output}`);
  return Number(nanoseconds) / 1e6;
}
