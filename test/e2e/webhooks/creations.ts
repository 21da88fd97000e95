import { setTimeout } from "node:timers/promises";

/** What became of creations that were asked for at an even rate. */
export interface Tally {
  readonly asked: number;
  /** What each that was not as it should be said, with the time at which it was due (ms after the first). */
  readonly failures: readonly string[];
  /** Milliseconds from when each was due to its answer. */
  readonly latencies: readonly number[];
}

/**
 * Creates at an even rate, whatever the answers do: a gap in admission is not waited out, but seen. Nothing is tried twice, since the API server
 * answers what a webhook has not with an error that a client does not repeat.
 */
export class Creations {
  readonly #create: () => Promise<void>;
  readonly #rate: number;
  readonly #stop = new AbortController();
  readonly #failures: string[] = [];
  readonly #latencies: number[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #done: Promise<void>;
  #asked = 0;

  /**
   * @param rate a second
   * @param create throws when the answer is not as it should be
   */
  constructor(rate: number, create: () => Promise<void>) {
    this.#rate = rate;
    this.#create = create;
    this.#done = this.#ask();
  }

  /** Those that were not as they should be, so far. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  get asked(): number {
    return this.#asked;
  }

  /** Asks no more, and resolves when all is answered. */
  async stop(): Promise<Tally> {
    this.#stop.abort();
    await this.#done;
    await Promise.all(this.#running);
    return { asked: this.#asked, failures: this.#failures, latencies: this.#latencies };
  }

  async #ask(): Promise<void> {
    const began = performance.now();
    while (!this.#stop.signal.aborted) {
      const now = performance.now() - began;
      while (this.#asked <= (now / 1000) * this.#rate) this.#send(began, (this.#asked++ / this.#rate) * 1000);
      await setTimeout(5);
    }
  }

  #send(began: number, due: number): void {
    const sent = this.#create()
      .catch((error: unknown) => void this.#failures.push(`after ${Math.round(due)} ms: ${String(error)}`))
      .then(() => {
        this.#latencies.push(performance.now() - began - due);
        this.#running.delete(sent);
      });
    this.#running.add(sent);
  }
}
