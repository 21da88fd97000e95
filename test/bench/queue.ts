/**
 * How long the work queue takes to add, take and end a thousand keys: `node test/bench/queue.ts`. The aim is 0.3 ms. Prints the median and
 * the fastest of many rounds, for one priority, for two, and for keys that were waiting for their time.
 */
import { LOW_PRIORITY, WorkQueue } from "../../runtime/queue/index.ts";
import { systemClock } from "../../runtime/object/index.ts";

const KEYS = Array.from({ length: 1000 }, (_, index) => `default/object-${index}`);
const ROUNDS = 2000;

function round(priorityOf: (index: number) => number): number {
  const queue = new WorkQueue({ clock: systemClock, onReady: () => undefined });
  const began = performance.now();
  for (const [index, key] of KEYS.entries()) queue.add(key, priorityOf(index));
  for (let key = queue.take(); key !== undefined; key = queue.take()) queue.done(key);
  return performance.now() - began;
}

function measure(name: string, one: () => number): void {
  const times = Array.from({ length: ROUNDS }, one).toSorted((a, b) => a - b);
  const [fastest = 0] = times;
  const median = times[ROUNDS / 2] ?? 0;
  process.stdout.write(`${name}: ${median.toFixed(3)} ms for 1,000 keys (fastest ${fastest.toFixed(3)} ms)\n`);
}

/** Keys that wait for a time of their own, as after failures or with requeueAfter. */
function waitingRound(): number {
  const queue = new WorkQueue({ clock: systemClock, onReady: () => undefined });
  const began = performance.now();
  for (const [index, key] of KEYS.entries()) queue.addAfter(key, 60_000 + ((index * 7919) % 1000));
  for (const key of KEYS) queue.add(key);
  for (let key = queue.take(); key !== undefined; key = queue.take()) queue.done(key);
  return performance.now() - began;
}

measure("one priority", () => round(() => 0));
measure("two priorities", () => round((index) => (index % 2 === 0 ? 0 : LOW_PRIORITY)));
measure("delayed, and then wanted at once", waitingRound);
