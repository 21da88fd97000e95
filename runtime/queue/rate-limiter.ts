/** How long a key that failed waits for its next try. */
export interface RateLimiter {
  /** Milliseconds to wait, and one more failure counted. */
  next(key: string): number;
  /** How often the key has failed in a row. */
  failures(key: string): number;
  /** The key succeeded: it starts anew. */
  forget(key: string): void;
}

/**
 * Doubles the delay with each failure of a key: 5 ms, 10 ms, … up to 1000 s, as client-go's ItemExponentialFailureRateLimiter does.
 *
 * @param first milliseconds
 * @param longest milliseconds
 */
export function exponentialBackoff(first = 5, longest = 1_000_000): RateLimiter {
  const failures = new Map<string, number>();
  return {
    next(key) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      return Math.min(first * 2 ** count, longest);
    },
    failures: (key) => failures.get(key) ?? 0,
    forget: (key) => void failures.delete(key),
  };
}
