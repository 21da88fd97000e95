import { sleep, systemClock } from "../object/index.ts";

export interface EventuallyOptions {
  /** Milliseconds until the last failure is thrown. Default 10 s. */
  timeout?: number;
  /** Milliseconds between tries. Default 20. */
  interval?: number;
}

/**
 * Calls `check` until it throws no more and returns what it returned.
 *
 * @throws what the last try threw, when time is up
 * @example
 * await eventually(async () => expect(await client.get(Deployment, key)).toBeDefined());
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeout = 10_000, interval = 20 } = options;
  const end = systemClock.now() + timeout;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (systemClock.now() >= end) throw error;
    }
    await sleep(systemClock, interval);
  }
}
