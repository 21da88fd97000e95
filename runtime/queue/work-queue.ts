import type { Clock, Timer } from "../object/index.ts";

/** What happens to keys, for metrics. */
export interface QueueObserver {
  added?(): void;
  /** @param waited milliseconds from the add until the key was taken */
  taken?(waited: number): void;
  /** @param worked milliseconds from the take until it was done */
  done?(worked: number): void;
}

export interface WorkQueueOptions {
  clock: Clock;
  /** Called when a key became ready; never from within `add` of a key that is running. */
  onReady: () => void;
  observer?: QueueObserver;
}

/**
 * Keys that wait for work, each at most once (client-go's workqueue). Three sets are the whole idea:
 *
 * - **waiting**: keys with a time before which they are not ready; of two times the earlier one holds;
 * - **ready**: keys to be taken, first in, first out;
 * - **running**: keys that were taken and are not done; a key added meanwhile is **dirty** and becomes ready when it is done.
 *
 * So a key is never in two hands, and no add is lost.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Map<string, { at: number; timer: Timer }>();
  /** With the time of the add. */
  readonly #ready = new Map<string, number>();
  /** With the time of the take. */
  readonly #running = new Map<string, number>();
  readonly #dirty = new Map<string, number>();
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that are ready to be taken. */
  get depth(): number {
    return this.#ready.size;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Nothing is ready or running; keys may still be waiting for their time. */
  get idle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  /** Makes the key ready now, whatever time it was waiting for. */
  add(key: string): void {
    if (this.#closed) return;
    this.#stopWaiting(key);
    this.#makeReady(key);
  }

  /** Makes the key ready after `delay` milliseconds, unless it already is, or will be earlier. */
  addAfter(key: string, delay: number): void {
    if (this.#closed) return;
    if (delay <= 0) {
      this.add(key);
      return;
    }
    if (this.#ready.has(key) || this.#dirty.has(key)) return;
    const at = this.#options.clock.now() + delay;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.at <= at) return;
    waiting?.timer.cancel();
    const timer = this.#options.clock.setTimeout(() => {
      this.#waiting.delete(key);
      this.#makeReady(key);
    }, delay);
    this.#waiting.set(key, { at, timer });
  }

  /** The next key, which is running until {@link done}; `undefined` when none is ready. */
  take(): string | undefined {
    for (const [key, addedAt] of this.#ready) {
      const now = this.#options.clock.now();
      this.#ready.delete(key);
      this.#running.set(key, now);
      this.#options.observer?.taken?.(now - addedAt);
      return key;
    }
    return undefined;
  }

  /** Ends the work on a key that was taken. */
  done(key: string): void {
    const takenAt = this.#running.get(key);
    if (takenAt === undefined) return;
    this.#running.delete(key);
    this.#options.observer?.done?.(this.#options.clock.now() - takenAt);
    const addedAt = this.#dirty.get(key);
    if (addedAt === undefined || this.#closed) return;
    this.#dirty.delete(key);
    this.#ready.set(key, addedAt);
    this.#options.onReady();
  }

  /** Drops everything that is not running; later adds are ignored. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    this.#ready.clear();
    this.#dirty.clear();
  }

  #makeReady(key: string): void {
    if (this.#ready.has(key) || this.#dirty.has(key)) return;
    this.#options.observer?.added?.();
    if (this.#running.has(key)) {
      this.#dirty.set(key, this.#options.clock.now());
      return;
    }
    this.#ready.set(key, this.#options.clock.now());
    this.#options.onReady();
  }

  #stopWaiting(key: string): void {
    this.#waiting.get(key)?.timer.cancel();
    this.#waiting.delete(key);
  }
}
