import type { Clock, Timer } from "../../runtime/object/index.ts";

/** How many times faster than the machine's time an operator under test lives: its idle timeout of 150 s passes in 1.5 s. */
const SPEED = 100;
/** What a turn of the event loop counts for at most, in milliseconds: on a busy machine time stands still while nobody can do anything in it. */
const LONGEST_TURN = 20;

let elapsed = 0;
let last = performance.now();

/** The machine's time, less the time in which this process did not get to run. */
function advance(): number {
  const now = performance.now();
  elapsed += Math.min(now - last, LONGEST_TURN);
  last = now;
  return elapsed;
}

setInterval(advance, LONGEST_TURN / 4).unref();

/** Time that runs faster and can be set to another hour. As on a machine whose clock is set, timers do not notice that. */
export class QuickClock implements Clock {
  readonly #began = Date.now();
  #offset = 0;

  now(): number {
    return this.#began + this.monotonic() + this.#offset;
  }

  monotonic(): number {
    return advance() * SPEED;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const end = advance() + Math.min(Math.max(delay / SPEED, 0), 2 ** 31 - 1);
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      timer = setTimeout(() => (advance() < end ? wait() : callback()), Math.max(0, end - elapsed));
    };
    wait();
    return { cancel: () => clearTimeout(timer) };
  }

  /** Sets the time on, or back. */
  jump(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}
