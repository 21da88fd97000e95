/**
 * The work queue of the `queue` bench: a thousand keys are added, taken and ended, again and again. Prints the median time of a round in
 * milliseconds, for one priority, for two, and for keys that were waiting for a time of their own.
 */
import { LOW_PRIORITY, WorkQueue } from "../../../runtime/queue/index.ts";
import { systemClock } from "../../../runtime/object/index.ts";

const KEYS = Array.from({ length: 1000 }, (_, index) => `default/memcached-${String(index).padStart(5, "0")}`);
const ROUNDS = 2000;

function round(priorityOf: (index: number) => number): number {
  const queue = new WorkQueue({ clock: systemClock, onReady: () => undefined });
  const began = performance.now();
  for (const [index, key] of KEYS.entries()) queue.add(key, priorityOf(index));
  for (let key = queue.take(); key !== undefined; key = queue.take()) queue.done(key);
  return performance.now() - began;
}

/** As after failures or with requeueAfter. */
function waitingRound(): number {
  const queue = new WorkQueue({ clock: systemClock, onReady: () => undefined });
  const began = performance.now();
  for (const [index, key] of KEYS.entries()) queue.addAfter(key, 60_000 + ((index * 7919) % 1000));
  for (const key of KEYS) queue.add(key);
  for (let key = queue.take(); key !== undefined; key = queue.take()) queue.done(key);
  return performance.now() - began;
}

function median(one: () => number): number {
  const times = Array.from({ length: ROUNDS }, one).toSorted((a, b) => a - b);
  return times[ROUNDS / 2] ?? Number.NaN;
}

const onePriority = median(() => round(() => 0));
const twoPriorities = median(() => round((index) => (index % 2 === 0 ? 0 : LOW_PRIORITY)));
const delayed = median(waitingRound);
process.stdout.write(`${JSON.stringify({ onePriority, twoPriorities, delayed })}\n`);
