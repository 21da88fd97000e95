import { chance, pick } from "./chance.ts";

/** What may happen to an ordinary call. */
const CALL_FAULTS = [
  "cut before the server", // the server never sees it
  "cut after the server", // the server has done it, and nobody hears
  "cut in mid-answer",
  "late request",
  "late answer", // of a list: a state that is consistent, but old
  "429",
  "429 with Retry-After",
  "500",
  "503",
  "503 with Retry-After",
  "silence before the server",
  "silence after the server",
  "garbage for an answer",
  "garbage for HTTP",
  "content-length too long",
  "content-length too short",
  "broken chunk",
  "410", // of lists and their pages only
] as const;

/** What may happen to a watch. */
const WATCH_FAULTS = [
  "cut before the server",
  "429",
  "500",
  "503 with Retry-After",
  "410",
  "no streaming lists",
  "watch cut",
  "watch cut in mid-line",
  "watch silent",
  "watch 410",
  "watch garbage",
  "watch broken chunk",
  "watch late",
  "watch late and coalesced",
] as const;

export type CallFault = (typeof CALL_FAULTS)[number];
export type WatchFault = (typeof WATCH_FAULTS)[number];

/** Faults that leave the operator without the answer to a call that the server has worked on. */
export const ANSWER_LOST: ReadonlySet<string> = new Set<CallFault>([
  "cut after the server",
  "cut in mid-answer",
  "silence after the server",
  "garbage for an answer",
  "garbage for HTTP",
  "content-length too long",
  "content-length too short",
  "broken chunk",
]);

export interface Fate<F> {
  fault: F;
  /** In [0, 1): how far into the answer, how long a delay. */
  extent: number;
}

/**
 * Says for each call what happens to it. The fate of a call depends on the seed, on what the call is and on how many such calls there were before,
 * so that a replay meets the same faults though its calls come in another order.
 */
export class Plan {
  readonly #seed: number;
  readonly #rate: number;
  readonly #kinds: ReadonlySet<string> | undefined;
  readonly #counts = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
    const random = chance(seed, "plan");
    this.#rate = 0.05 + 0.4 * random();
    // A third of all runs are storms of a few kinds, the others a bit of everything.
    const all: readonly string[] = [...CALL_FAULTS, ...WATCH_FAULTS];
    if (random() < 1 / 3) this.#kinds = new Set([pick(random, all), pick(random, all), pick(random, all)]);
  }

  call(what: string, isList: boolean): Fate<CallFault> | undefined {
    return this.#fate(
      what,
      CALL_FAULTS.filter((fault) => fault !== "410" || isList),
    );
  }

  watch(what: string, isStreamedList: boolean): Fate<WatchFault> | undefined {
    return this.#fate(
      what,
      WATCH_FAULTS.filter((fault) => fault !== "no streaming lists" || isStreamedList),
    );
  }

  #fate<F extends string>(what: string, faults: readonly F[]): Fate<F> | undefined {
    const count = this.#counts.get(what) ?? 0;
    this.#counts.set(what, count + 1);
    const random = chance(this.#seed, `${what} #${count}`);
    const possible = faults.filter((fault) => this.#kinds?.has(fault) ?? true);
    if (random() >= this.#rate || possible.length === 0) return undefined;
    return { fault: pick(random, possible), extent: random() };
  }
}
