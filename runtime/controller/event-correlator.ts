import { recent } from "./recent.ts";

/** So many notes of similar events are told one by one; others are combined, as client-go's EventAggregator does. */
const MOST_NOTES = 10;
/** Similar events within this time (ms) of each other belong together. */
const SIMILAR_WITHIN = 10 * 60_000;
/** So many events of one object are written at once, and then one in five minutes, as client-go's EventSourceObjectSpamFilter has it. */
const BURST = 25;
const REFILL = 5 * 60_000;

/** How an event that is combined with others begins. */
const COMBINED = "(combined from similar events): ";

/** What is to be done with an event. */
export interface Correlation {
  /** What its series is told apart by, and the note of a new one. */
  series: string;
  note: string;
  /** False when its object has had more events than anybody reads. */
  isWorthWriting: boolean;
}

/** Finds out which events belong together, and which are too many. */
export class EventCorrelator {
  readonly #similar = recent<{ notes: Set<string>; lastAt: number }>();
  readonly #budgets = recent<{ tokens: number; at: number }>();

  /**
   * @param object what tells the object apart
   * @param kind what similar events have in common
   */
  correlate(object: string, kind: string, note: string, now: number): Correlation {
    const isWorthWriting = this.#spend(object, now);
    const group = JSON.stringify([object, kind]);
    const known = this.#similar.get(group);
    const similar = known !== undefined && now - known.lastAt <= SIMILAR_WITHIN ? known : { notes: new Set<string>(), lastAt: now };
    similar.lastAt = now;
    this.#similar.set(group, similar);
    if (!similar.notes.has(note) && similar.notes.size >= MOST_NOTES) {
      return { series: JSON.stringify([group]), note: COMBINED + note, isWorthWriting };
    }
    similar.notes.add(note);
    return { series: JSON.stringify([group, note]), note, isWorthWriting };
  }

  /** A bucket of tokens for each object. */
  #spend(object: string, now: number): boolean {
    const budget = this.#budgets.get(object) ?? { tokens: BURST, at: now };
    budget.tokens = Math.min(BURST, budget.tokens + Math.max(now - budget.at, 0) / REFILL);
    budget.at = now;
    this.#budgets.set(object, budget);
    if (budget.tokens < 1) return false;
    budget.tokens--;
    return true;
  }
}
