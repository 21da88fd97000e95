import type { Clock, Timer } from "../../runtime/object/index.ts";

/** How many times faster than the machine's time an operator under test lives: its idle timeout of 150 s passes in 1.5 s. */
const SPEED = 100;

/** Time that runs faster and can be set to another hour. As on a machine whose clock is set, timers do not notice that. */
export class QuickClock implements Clock {
  readonly #began = Date.now();
  #offset = 0;

  now(): number {
    return this.#began + this.monotonic() + this.#offset;
  }

  monotonic(): number {
    return performance.now() * SPEED;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const timer = setTimeout(callback, Math.min(Math.max(delay / SPEED, 0), 2 ** 31 - 1));
    return { cancel: () => clearTimeout(timer) };
  }

  /** Sets the time on, or back. */
  jump(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}
