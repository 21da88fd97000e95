import type { Clock } from "../object/index.ts";

/** Waits for something, but no longer than `limit` milliseconds. False when it took longer; it goes on then. Rejects as it does. */
export function within(clock: Clock, limit: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => resolve(false), limit);
    work.finally(() => timer.cancel()).then(() => resolve(true), reject);
  });
}
