/** At most so many takes of one key within a time. */
export interface Rate {
  max: number;
  /** Milliseconds. */
  within: number;
}

/** Below this many keys nothing is swept. */
const SMALL = 1024;

/** When each key was taken lately, so that none is taken more than `max` times in any `within` milliseconds. */
export class RateWindow {
  readonly #rate: Rate;
  /** The last `max` times of each key, oldest first. */
  readonly #taken = new Map<string, number[]>();
  #sweepAt = SMALL;

  /** @throws TypeError when the rate would allow nothing, or is no rate */
  constructor(rate: Rate) {
    if (!(Number.isInteger(rate.max) && rate.max >= 1))
      throw new TypeError(`rate: max is ${rate.max}; let it be a whole number of at least 1`);
    if (!(Number.isFinite(rate.within) && rate.within >= 0)) throw new TypeError(`rate: within is ${rate.within}; let it be milliseconds`);
    this.#rate = rate;
  }

  /** The time from which on the key may be taken: `now`, or later. */
  allowedAt(key: string, now: number): number {
    const times = this.#taken.get(key);
    const [oldest] = times ?? [];
    return times === undefined || times.length < this.#rate.max || oldest === undefined ? now : Math.max(now, oldest + this.#rate.within);
  }

  taken(key: string, now: number): void {
    const times = this.#taken.get(key);
    if (times === undefined) this.#taken.set(key, [now]);
    else {
      times.push(now);
      if (times.length > this.#rate.max) times.shift();
    }
    if (this.#taken.size >= this.#sweepAt) this.#sweep(now);
  }

  /** Forgets keys whose times do not count any more; done when their number has doubled, it costs each take a constant. */
  #sweep(now: number): void {
    for (const [key, times] of this.#taken) if ((times.at(-1) ?? 0) + this.#rate.within <= now) this.#taken.delete(key);
    this.#sweepAt = Math.max(SMALL, this.#taken.size * 2);
  }
}
