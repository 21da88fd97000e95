import type { Clock, Timer } from "../object/index.ts";
import { Delays, type Delayed } from "./delays.ts";
import { RateWindow, type Rate } from "./rate-window.ts";

/** What happens to keys, for metrics. */
export interface QueueObserver {
  added?(): void;
  /** @param waited milliseconds from the add until the key was taken */
  taken?(waited: number): void;
  /** @param worked milliseconds from the take until it was done */
  done?(worked: number): void;
}

export interface WorkQueueOptions {
  clock: Clock;
  /** Called when a key became ready; never from within `add` of a key that is running. */
  onReady: () => void;
  observer?: QueueObserver;
  /** How often one key may be taken. Default: as often as it is added. */
  rate?: Rate | undefined;
}

/** The priority of what somebody changed just now. Higher numbers go first. */
const NORMAL_PRIORITY = 0;
/** The priority of what was there before: nobody waits for it. As controller-runtime's LowPriority. */
export const LOW_PRIORITY = -100;

/** While lower priorities wait, one take in so many is theirs, so that no stream of changes starves them. */
export const FAIR_SHARE = 8;

/** What is known of a key from its first add until nothing of it is left. */
interface Item {
  readonly key: string;
  /** The highest of the adds that the next take answers. */
  priority: number;
  /** When it became ready or dirty. */
  addedAt: number;
  /** Of two keys the one that became ready or dirty first has the lower number. */
  order: number;
  waiting: Delayed<Item> | undefined;
  lane: Lane | undefined;
  previous: Item | undefined;
  next: Item | undefined;
  running: { since: number; priority: number } | undefined;
  dirty: boolean;
}

/** The ready keys of one priority, linked in the order in which they became ready: a key leaves from any place in constant time. */
interface Lane {
  readonly priority: number;
  first: Item | undefined;
  last: Item | undefined;
}

/**
 * Keys that wait for work, each at most once (client-go's workqueue, with controller-runtime's priorities). Three sets are the whole idea:
 *
 * - **waiting**: keys with a time before which they are not ready; of two times the earlier one holds;
 * - **ready**: keys to be taken, the highest priority first, first in, first out within a priority; of two priorities the higher one holds;
 * - **running**: keys that were taken and are not done; a key added meanwhile is **dirty** and becomes ready when it is done.
 *
 * So a key is never in two hands, and no add is lost.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #rate: RateWindow | undefined;
  readonly #items = new Map<string, Item>();
  /** Highest priority first. There are as many as priorities were ever used, which is two or three. */
  readonly #lanes: Lane[] = [];
  readonly #waiting = new Delays<Item>();
  /** One timer for all that wait: it rings at the earliest time, or before that when the key that it was set for waits no longer. */
  #alarm: { at: number; timer: Timer } | undefined;
  #added = 0;
  #depth = 0;
  #running = 0;
  /** Takes since the last one that went to a lower priority, while one waited. */
  #passedOver = 0;
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#rate = options.rate && new RateWindow(options.rate);
  }

  /** Keys that are ready to be taken. */
  get depth(): number {
    return this.#depth;
  }

  get running(): number {
    return this.#running;
  }

  /** How long each running key has been running, in milliseconds. Looks at every key. */
  get workTimes(): number[] {
    const now = this.#options.clock.monotonic();
    return [...this.#items.values()].flatMap(({ running }) => (running === undefined ? [] : [now - running.since]));
  }

  /** Nothing is ready or running; keys may still be waiting for their time. */
  get idle(): boolean {
    return this.#depth === 0 && this.#running === 0;
  }

  /** Makes the key ready now, whatever time it was waiting for, or as soon as its rate allows. */
  add(key: string, priority = NORMAL_PRIORITY): void {
    if (this.#closed) return;
    this.#admit(this.#prioritized(key, priority));
  }

  /**
   * Makes the key ready after `delay` milliseconds, unless it already is, or will be earlier.
   *
   * @param priority default: that of the run that is under way, since a retry is no more urgent than what it repeats
   */
  addAfter(key: string, delay: number, priority?: number): void {
    if (this.#closed) return;
    const item = this.#prioritized(key, priority ?? this.#items.get(key)?.running?.priority ?? NORMAL_PRIORITY);
    if (delay <= 0) this.#admit(item);
    else if (item.lane === undefined && !item.dirty) this.#wait(item, this.#now() + delay);
  }

  /** The next key, which is running until {@link done}; `undefined` when none is ready. */
  take(): string | undefined {
    const item = this.#next();
    if (item === undefined) return undefined;
    const now = this.#now();
    this.#unlink(item);
    item.running = { since: now, priority: item.priority };
    this.#running++;
    this.#rate?.taken(item.key, now);
    this.#options.observer?.taken?.(now - item.addedAt);
    return item.key;
  }

  /** Ends the work on a key that was taken. */
  done(key: string): void {
    const item = this.#items.get(key);
    if (item?.running === undefined) return;
    this.#options.observer?.done?.(this.#now() - item.running.since);
    item.running = undefined;
    this.#running--;
    if (item.dirty) {
      item.dirty = false;
      this.#admit(item, item.addedAt);
    } else if (item.waiting === undefined) this.#items.delete(key);
  }

  /** Drops everything that is not running; later adds are ignored. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#alarm?.timer.cancel();
    this.#alarm = undefined;
    for (const item of this.#items.values()) {
      item.waiting = undefined;
      item.dirty = false;
      if (item.running === undefined) this.#items.delete(item.key);
    }
    this.#lanes.length = 0;
    this.#depth = 0;
  }

  /** The item of a key that is added, with the higher of two priorities. */
  #prioritized(key: string, priority: number): Item {
    const item = this.#items.get(key);
    if (item === undefined) {
      const made: Item = {
        key, priority, addedAt: 0, order: 0, waiting: undefined, lane: undefined, previous: undefined, next: undefined, running: undefined, dirty: false,
      }; // prettier-ignore
      this.#items.set(key, made);
      return made;
    }
    const isAdded = item.lane !== undefined || item.dirty || item.waiting !== undefined;
    if (isAdded && priority <= item.priority) return item;
    item.priority = priority;
    if (item.lane !== undefined) {
      this.#unlink(item);
      this.#link(item);
    }
    return item;
  }

  /**
   * Makes the item ready, or dirty while it runs, or lets it wait until its rate allows it.
   *
   * @param addedAt the time of an add that was counted already
   */
  #admit(item: Item, addedAt?: number): void {
    if (item.lane !== undefined || item.dirty) return;
    const now = this.#now();
    const allowedAt = item.running === undefined ? (this.#rate?.allowedAt(item.key, now) ?? now) : now;
    if (allowedAt > now) {
      this.#wait(item, allowedAt);
      return;
    }
    this.#stopWaiting(item);
    item.addedAt = addedAt ?? now;
    if (addedAt === undefined) {
      item.order = this.#added++;
      this.#options.observer?.added?.();
    }
    if (item.running !== undefined) {
      item.dirty = true;
      return;
    }
    this.#link(item);
    this.#options.onReady();
  }

  #wait(item: Item, at: number): void {
    if (item.waiting !== undefined && item.waiting.at <= at) return;
    this.#stopWaiting(item);
    item.waiting = this.#waiting.add(at, item);
    this.#setAlarm();
  }

  #stopWaiting(item: Item): void {
    if (item.waiting === undefined) return;
    this.#waiting.remove(item.waiting);
    item.waiting = undefined;
    if (this.#waiting.first !== undefined) return;
    this.#alarm?.timer.cancel();
    this.#alarm = undefined;
  }

  #setAlarm(): void {
    const at = this.#waiting.first?.at;
    if (at === undefined || (this.#alarm !== undefined && this.#alarm.at <= at)) return;
    this.#alarm?.timer.cancel();
    this.#alarm = { at, timer: this.#options.clock.setTimeout(() => this.#ring(), at - this.#now()) };
  }

  /** A timer may also ring early: delays beyond 24 days are cut. */
  #ring(): void {
    this.#alarm = undefined;
    const now = this.#now();
    for (let first = this.#waiting.first; first !== undefined && first.at <= now; first = this.#waiting.first) {
      this.#waiting.remove(first);
      first.value.waiting = undefined;
      this.#admit(first.value);
    }
    this.#setAlarm();
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  #next(): Item | undefined {
    let first: Item | undefined;
    let oldestBelow: Item | undefined;
    for (const { first: head } of this.#lanes) {
      if (head === undefined) continue;
      if (first === undefined) first = head;
      else if (oldestBelow === undefined || head.order < oldestBelow.order) oldestBelow = head;
    }
    if (oldestBelow === undefined || ++this.#passedOver < FAIR_SHARE) return first;
    this.#passedOver = 0;
    return oldestBelow;
  }

  #link(item: Item): void {
    const lane = this.#laneOf(item.priority);
    item.lane = lane;
    item.previous = lane.last;
    if (lane.last === undefined) lane.first = item;
    else lane.last.next = item;
    lane.last = item;
    this.#depth++;
  }

  #unlink(item: Item): void {
    const { lane, previous, next } = item;
    if (lane === undefined) return;
    if (previous === undefined) lane.first = next;
    else previous.next = next;
    if (next === undefined) lane.last = previous;
    else next.previous = previous;
    item.lane = item.previous = item.next = undefined;
    this.#depth--;
  }

  #laneOf(priority: number): Lane {
    const index = this.#lanes.findIndex((lane) => lane.priority <= priority);
    const found = this.#lanes[index];
    if (found?.priority === priority) return found;
    const lane: Lane = { priority, first: undefined, last: undefined };
    this.#lanes.splice(index < 0 ? this.#lanes.length : index, 0, lane);
    return lane;
  }
}
