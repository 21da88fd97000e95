import { FencedError, type Client } from "../client/index.ts";
import type { Clock, Logger } from "../object/index.ts";
import { LeaderElector, LeadershipLostError, type LeaderElectionSettings } from "./leader-election.ts";

export interface LeadershipOptions {
  /** Not guarded by this leadership. */
  client: Client;
  log: Logger;
  clock: Clock;
  random: () => number;
  /** Called at each change. */
  onChange: (leads: boolean) => void;
  /** Called when a renewal finds that somebody else has written the lease. */
  onSlowPath: () => void;
  /** Called once, when the lease is lost: somebody else may lead now. */
  onLost: (error: LeadershipLostError) => void;
}

/** This process's right to write: from the moment at which it has the lease until it gives it up, or may have lost it. */
export class Leadership {
  readonly #options: LeadershipOptions;
  #elector: LeaderElector | undefined;
  /** Ends the renewals. */
  readonly #term = new AbortController();
  #renewing: Promise<void> = Promise.resolve();
  /** Why this process, which has led, leads no more. */
  #over: Error | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /** Resolves once this process leads; from then on the lease is renewed. Rejects with the signal's reason when it aborts before. */
  async acquire(settings: LeaderElectionSettings, namespace: string, signal: AbortSignal): Promise<void> {
    const elector = new LeaderElector({ ...this.#options, namespace, settings });
    this.#options.onChange(false);
    await elector.acquire(signal);
    this.#elector = elector;
    this.#options.onChange(true);
    this.#renewing = elector.renew(this.#term.signal).catch((error: unknown) => this.#lose(error));
  }

  /**
   * Asks the clock whether this process still leads. After the event loop was blocked it is this that notices, for whatever runs next may
   * be a write, before the timer of the renewal. A process that has not led yet is no matter of this.
   *
   * @throws FencedError when the lease is lost or given up, or may have run out
   */
  check(): void {
    if (this.#elector !== undefined && this.#over === undefined && !this.#elector.isHeld) {
      const error = new LeadershipLostError("the lease could not be renewed in time");
      // The answer to a renewal that was sent in time may have come while the loop was blocked; it is about to be read.
      if (this.#elector.isWaiting) throw new FencedError(error);
      this.#lose(error);
    }
    if (this.#over !== undefined) throw new FencedError(this.#over);
  }

  /** Gives the lease up, so that another may lead at once. Nothing that is guarded is sent from here on. */
  async resign(): Promise<void> {
    const elector = this.#elector;
    if (elector === undefined || this.#over !== undefined) return;
    this.#end(new Error("the lease was given up"));
    await this.#renewing;
    await elector.release();
  }

  #lose(error: unknown): void {
    if (this.#over !== undefined) return;
    const lost = error instanceof LeadershipLostError ? error : new LeadershipLostError("the lease is lost", { cause: error });
    this.#end(lost);
    this.#options.onLost(lost);
  }

  #end(reason: Error): void {
    this.#over = reason;
    this.#term.abort(reason);
    this.#options.onChange(false);
  }
}
