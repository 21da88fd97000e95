import type { Clock } from "../object/index.ts";

/** How long a key that failed waits for its next try. */
export interface RateLimiter {
  /** Milliseconds to wait, after one more failure. */
  next(key: string): number;
  /** How often the key has failed in a row. */
  failures(key: string): number;
  /** The key succeeded: it starts anew. */
  forget(key: string): void;
}

/**
 * Doubles the delay with each failure of a key: 5 ms, 10 ms, … up to 1000 s, as client-go's ItemExponentialFailureRateLimiter does. A failure before the
 * delay is over, of a try that an event has caused, leaves the next try when it was. client-go counts that too: there a
 * few events within a minute can put the next try off for a quarter of an hour; here a key never waits much longer than it has failed for.
 *
 * @param first milliseconds
 * @param longest milliseconds
 */
export function exponentialBackoff(clock: Clock, first = 5, longest = 1_000_000): RateLimiter {
  const failed = new Map<string, { failures: number; delay: number; due: number }>();
  return {
    next(key) {
      const now = clock.monotonic();
      const last = failed.get(key);
      if (last === undefined) {
        failed.set(key, { failures: 1, delay: first, due: now + first });
        return first;
      }
      last.failures++;
      // A timer may fire a fraction of a millisecond early.
      if (now >= last.due - 1) {
        last.delay = Math.min(last.delay * 2, longest);
        last.due = now + last.delay;
      }
      return last.due - now;
    },
    failures: (key) => failed.get(key)?.failures ?? 0,
    forget: (key) => void failed.delete(key),
  };
}
