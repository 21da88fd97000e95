import type { Clock } from "../../object/index.ts";

/** Milliseconds before the second try after a fault; doubles up to the longest. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;

export interface AttentionOptions {
  /** @returns after how many milliseconds it is due again, if nothing wakes it before */
  work: (signal: AbortSignal) => Promise<number>;
  onFault: (error: unknown, delay: number) => void;
  clock: Clock;
  random: () => number;
}

/** Does its work at once, whenever it is woken, and when it is due: never twice at the same time. What fails is tried again, each time later. */
export class Attention {
  readonly #options: AttentionOptions;
  #isWoken = false;
  #rouse: () => void = () => undefined;

  constructor(options: AttentionOptions) {
    this.#options = options;
  }

  wake(): void {
    this.#isWoken = true;
    this.#rouse();
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { work, onFault, random } = this.#options;
    const ended = () => signal.aborted;
    let faults = 0;
    while (!ended()) {
      this.#isWoken = false;
      let delay: number;
      try {
        delay = await work(signal);
        faults = 0;
      } catch (error) {
        if (ended()) return;
        delay = Math.min(FIRST_DELAY * 2 ** faults++, LONGEST_DELAY) * (0.5 + random());
        onFault(error, delay);
      }
      await this.#rest(delay, signal);
    }
  }

  #rest(delay: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isWoken || signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        timer.cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.#options.clock.setTimeout(done, delay);
      signal.addEventListener("abort", done, { once: true });
      this.#rouse = done;
    });
  }
}
