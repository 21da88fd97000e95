import type { Client } from "../client/index.ts";
import { milliseconds, type Clock, type DurationLike, type ObjectKey, type Timer } from "../object/index.ts";

/** What a function that says which objects a tick reconciles is given. */
export interface TickContext {
  /** Reads declared kinds from the cache. It only reads. */
  readonly client: Client;
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal;
}

export interface TickSettings {
  /** Which objects are reconciled. Default: all of the controller's kind that are known. What it throws is logged, and the next tick comes as ever. */
  keys?: (context: TickContext) => Iterable<ObjectKey> | Promise<Iterable<ObjectKey>>;
  /** By which part of the period a tick may come earlier or later, so that many replicas and kinds do not come together. Default 0.1; from 0 to 1. */
  jitter?: number;
  /** See the priority of a watch. Default -100: whatever has changed goes first. */
  priority?: number;
}

export interface TickerOptions {
  clock: Clock;
  random: () => number;
  /** Does the work of one tick; must not reject. */
  tick: (signal: AbortSignal) => Promise<void> | void;
}

/** Calls a function again and again, each time as long after its end as the period says, but for the jitter. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #period: number;
  readonly #jitter: number;
  readonly #life = new AbortController();
  #timer: Timer | undefined;

  /** @throws TypeError when the period is no duration, or none at all, or the jitter is no part of it */
  constructor(period: DurationLike, jitter: number, options: TickerOptions) {
    this.#options = options;
    this.#period = milliseconds(period);
    this.#jitter = jitter;
    if (this.#period === 0) throw new TypeError("every: a period of 0 would leave time for nothing else");
    if (!(jitter >= 0 && jitter <= 1)) throw new TypeError(`every: the jitter is ${jitter}; let it be a part of the period, from 0 to 1`);
  }

  start(): void {
    const { clock, random, tick } = this.#options;
    if (this.#life.signal.aborted) return;
    const delay = Math.max(this.#period * (1 + this.#jitter * (2 * random() - 1)), 1);
    this.#timer = clock.setTimeout(() => {
      void Promise.resolve(tick(this.#life.signal)).finally(() => this.start());
    }, delay);
  }

  stop(): void {
    this.#life.abort(new Error("the controller has stopped"));
    this.#timer?.cancel();
  }
}
