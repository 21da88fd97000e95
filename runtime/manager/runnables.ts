import type { Runnable } from "./options.ts";

/** What users have added to the manager, and what runs of it. */
export class Runnables {
  readonly #onFailure: (error: unknown) => void;
  readonly #added: Runnable[] = [];
  readonly #running: Promise<void>[] = [];

  /** @param onFailure told when one rejects though its signal has not aborted */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(runnable: Runnable): void {
    this.#added.push(runnable);
  }

  /** Starts those that run on followers too, or the others. */
  start(which: { withoutLeading: boolean }, signal: AbortSignal): void {
    for (const runnable of this.#added) {
      if ((runnable.runsWithoutLeading === true) !== which.withoutLeading) continue;
      const running = Promise.resolve()
        .then(() => runnable.start(signal))
        .catch((error: unknown) => {
          if (!signal.aborted) this.#onFailure(error);
        });
      this.#running.push(running);
    }
  }

  /** Resolves when all that were started have ended. */
  get ended(): Promise<unknown> {
    return Promise.all(this.#running);
  }
}
