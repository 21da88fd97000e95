import type { Clock, Timer } from "../object/index.ts";

/** Gives up a call that makes no progress for a time. */
export class Patience {
  readonly #clock: Clock;
  readonly #limit: number;
  #timer: Timer | undefined;
  #giveUp: (fault: Error) => void = () => undefined;
  /** Why the call was given up, once it was. */
  fault: Error | undefined;

  /** @param limit milliseconds without progress */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  begin(giveUp: (fault: Error) => void): void {
    this.#giveUp = giveUp;
    this.progress();
  }

  progress(): void {
    this.end();
    this.#timer = this.#clock.setTimeout(() => {
      this.fault = new Error(`no answer within ${this.#limit / 1000} s`);
      this.#giveUp(this.fault);
    }, this.#limit);
  }

  end(): void {
    this.#timer?.cancel();
  }
}
