/** A timer that can be cancelled; cancelling twice, or after it has fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time as it is passed into everything that waits, so that a test can drive it. */
export interface Clock {
  /** Milliseconds since the epoch, for dates that others read. Somebody may set the machine's date, so two of these are no duration. */
  now(): number;
  /** Milliseconds since some moment that stays the same, for durations and deadlines: it never jumps and never goes back. */
  monotonic(): number;
  /** Calls `callback` once, after `delay` milliseconds. */
  setTimeout(callback: () => void, delay: number): Timer;
}

/** Node's timers hold 31 bits of milliseconds; a longer delay would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delay) {
    const timer = setTimeout(callback, Math.min(Math.max(delay, 0), LONGEST_DELAY));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Waits for `delay` milliseconds. Rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delay);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
