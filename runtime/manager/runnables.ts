import type { Runnable } from "./options.ts";

/** What users have added to the manager, and what runs of it. */
export class Runnables {
  readonly #onFailure: (error: unknown) => void;
  readonly #added: Runnable[] = [];
  readonly #running: { readonly withoutLeading: boolean; readonly ended: Promise<void> }[] = [];

  /** @param onFailure told when one rejects though its signal has not aborted */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(runnable: Runnable): void {
    this.#added.push(runnable);
  }

  /** Starts those that run on followers too, or the others. */
  start({ withoutLeading }: { withoutLeading: boolean }, signal: AbortSignal): void {
    for (const runnable of this.#added) {
      if ((runnable.runsWithoutLeading === true) !== withoutLeading) continue;
      const ended = Promise.resolve()
        .then(() => runnable.start(signal))
        .catch((error: unknown) => {
          if (!signal.aborted) this.#onFailure(error);
        });
      this.#running.push({ withoutLeading, ended });
    }
  }

  /** Resolves when all of these that were started have ended. */
  ended({ withoutLeading }: { withoutLeading: boolean }): Promise<unknown> {
    return Promise.all(this.#running.filter((each) => each.withoutLeading === withoutLeading).map(({ ended }) => ended));
  }
}
