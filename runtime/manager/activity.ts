import type { ObservedRun, RunIdentity, RunObserver } from "../controller/index.ts";
import { keyString } from "../object/index.ts";

/** Knows which run goes on just now, as far as that can be known without following every promise: the one that began, or had an answer, last. */
export class Activity implements RunObserver {
  readonly #runs = new Set<string>();
  #last: string | undefined;
  #tell: ((doing: string) => void) | undefined;

  /** Whom to tell what the process is doing, at each change. */
  tell(listener: ((doing: string) => void) | undefined): void {
    this.#tell = listener;
  }

  began({ controller, key, reconcileId }: RunIdentity): ObservedRun {
    const run = `${controller} ${keyString(key)} (reconcileID ${reconcileId})`;
    this.#runs.add(run);
    const goesOn = () => {
      this.#last = run;
      this.#publish();
    };
    goesOn();
    return {
      calls: { began: () => ({ ended: goesOn }) },
      within: (work) => work(),
      ended: () => {
        this.#runs.delete(run);
        if (this.#last === run) this.#last = [...this.#runs].at(-1);
        this.#publish();
      },
    };
  }

  #publish(): void {
    if (this.#tell === undefined) return;
    const others = this.#runs.size - 1;
    const more = others > 0 ? `; ${others} more reconcile${others > 1 ? "s were" : " was"} under way` : "";
    this.#tell(this.#last === undefined ? "" : `while reconciling ${this.#last}${more}`);
  }
}
