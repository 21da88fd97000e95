import { setImmediate } from "node:timers/promises";
import type { Clock, Timer } from "../../runtime/object/index.ts";

/** Time that stands still until a test moves it. */
export class DrivenClock implements Clock {
  #elapsed = 0;
  /** The date when nothing had elapsed. */
  #epoch: number;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  constructor(now = Date.parse("2026-01-01T00:00:00Z")) {
    this.#epoch = now;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Somebody sets the machine's date: forward, or back by a negative number of milliseconds. No time passes, no timer moves. */
  setDate(by: number): void {
    this.#epoch += by;
  }

  /** Time passes and nothing runs, as when the event loop is blocked: what is due has not been called yet. */
  block(milliseconds: number): void {
    this.#elapsed += milliseconds;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer = { at: this.#elapsed + Math.max(delay, 0), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Delays from now until each timer that is set, shortest first. */
  get pending(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#elapsed).toSorted((a, b) => a - b);
  }

  /** Moves on, and fires what is due on the way at its own time; what it causes happens before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.callback();
      await settle();
    }
    this.#elapsed = end;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}
