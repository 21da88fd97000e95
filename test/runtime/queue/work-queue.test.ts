import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { exponentialBackoff, FAIR_SHARE, LOW_PRIORITY, WorkQueue, type Rate } from "../../../runtime/queue/index.ts";
import type { Clock } from "../../../runtime/object/index.ts";

/** Node's timers hold 31 bits of milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Time as a list of timers, moved by hand without a turn of the event loop. */
function simpleClock(): Clock & { advance(by: number): void; readonly timers: number } {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    setTimeout(callback, delay) {
      const timer = { at: now + Math.min(delay, LONGEST_TIMER), callback };
      timers.push(timer);
      return { cancel: () => (timers = timers.filter((each) => each !== timer)) };
    },
    get timers() {
      return timers.length;
    },
    advance(by) {
      now += by;
      const due = timers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      timers = timers.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    },
  };
}

function newQueue(rate?: Rate) {
  const clock = simpleClock();
  let readies = 0;
  const queue = new WorkQueue({ clock, onReady: () => readies++, rate });
  return { clock, queue, readies: () => readies };
}

describe("a work queue", () => {
  test("hands out keys in the order of their adds, each once however often it was added", () => {
    const { queue } = newQueue();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(["a", "b", "c", undefined]);
  });

  test("keeps a key that is added while it runs until it is done", () => {
    const { queue } = newQueue();
    queue.add("a");
    queue.take();
    queue.add("a");
    expect(queue.take()).toBeUndefined();
    queue.done("a");
    expect(queue.take()).toBe("a");
    queue.done("a");
    expect(queue.take()).toBeUndefined();
  });

  test("keeps the earlier of two times", () => {
    const { queue, clock } = newQueue();
    queue.addAfter("a", 100);
    queue.addAfter("a", 50);
    queue.addAfter("a", 200);
    clock.advance(49);
    expect(queue.take()).toBeUndefined();
    clock.advance(1);
    expect(queue.take()).toBe("a");
    queue.done("a");
    clock.advance(1000);
    expect(queue.take()).toBeUndefined();
  });

  test("makes a key that waits ready at once when it is added", () => {
    const { queue, clock } = newQueue();
    queue.addAfter("a", 100);
    queue.add("a");
    expect(queue.take()).toBe("a");
    queue.done("a");
    clock.advance(100);
    expect(queue.take()).toBeUndefined();
  });

  test("gives out nothing more once it is closed, and takes nothing in", () => {
    const { queue, clock } = newQueue();
    queue.add("a");
    queue.take();
    for (const key of ["a", "b"]) queue.add(key);
    queue.addAfter("c", 1);
    queue.close();
    queue.done("a");
    queue.add("d");
    queue.addAfter("e", 1);
    clock.advance(10);
    expect(queue.take()).toBeUndefined();
    expect(queue.idle).toBe(true);
  });

  test("waits for as long as it is told, though no timer does", () => {
    const { queue, clock } = newQueue();
    queue.addAfter("a", 2 * LONGEST_TIMER);
    clock.advance(LONGEST_TIMER);
    expect(queue.take()).toBeUndefined();
    clock.advance(LONGEST_TIMER);
    expect(queue.take()).toBe("a");
  });

  test("holds one timer however many keys wait, and none when none does", () => {
    const { queue, clock } = newQueue();
    for (let index = 0; index < 10_000; index++) queue.addAfter(`key ${index}`, ((index * 7919) % 10_000) + 1);
    expect(clock.timers).toBe(1);
    const taken: (string | undefined)[] = [];
    for (let time = 0; time < 10_000; time++) {
      clock.advance(1);
      const key = queue.take();
      taken.push(key);
      queue.done(key ?? "");
    }
    expect(new Set(taken).size).toBe(10_000);
    expect(taken.slice(0, 2)).toEqual(["key 0", `key ${Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_000).indexOf(1)}`]);
    expect(clock.timers).toBe(0);
    queue.addAfter("a", 5);
    queue.add("a");
    expect(clock.timers).toBe(0);
  });

  test("lets a key that becomes ready close it, or add to it", () => {
    const clock = simpleClock();
    const queue: WorkQueue = new WorkQueue({
      clock,
      onReady: () => {
        const key = queue.take();
        if (key === "a") queue.addAfter("d", 1);
        if (key === "b") queue.close();
      },
    });
    for (const key of ["a", "b", "c"]) queue.addAfter(key, 5);
    clock.advance(5);
    for (const key of ["a", "b"]) queue.done(key);
    expect([queue.idle, clock.timers]).toEqual([true, 0]);
  });

  test("reports adds, waiting times and working times", () => {
    const clock = simpleClock();
    const told: string[] = [];
    const queue = new WorkQueue({
      clock,
      onReady: () => undefined,
      observer: {
        added: () => told.push("added"),
        taken: (waited) => told.push(`waited ${waited}`),
        done: (worked) => told.push(`worked ${worked}`),
      },
    });
    queue.add("a");
    queue.add("a");
    clock.advance(7);
    queue.take();
    clock.advance(9);
    queue.done("a");
    expect(told).toEqual(["added", "waited 7", "worked 9"]);
  });

  test("hands out the highest priority first, and within one in the order of the adds", () => {
    const { queue } = newQueue();
    queue.add("old 1", LOW_PRIORITY);
    queue.add("old 2", LOW_PRIORITY);
    queue.add("changed 1");
    queue.add("urgent", 7);
    queue.add("changed 2");
    expect(Array.from({ length: 6 }, () => queue.take())).toEqual(["urgent", "changed 1", "changed 2", "old 1", "old 2", undefined]);
  });

  test("raises a key that is added again with a higher priority, and never lowers one", () => {
    const { queue } = newQueue();
    queue.add("a", LOW_PRIORITY);
    queue.add("b", LOW_PRIORITY);
    queue.add("c");
    queue.add("b");
    queue.add("c", LOW_PRIORITY);
    expect(Array.from({ length: 4 }, () => queue.take())).toEqual(["c", "b", "a", undefined]);
  });

  test("gives a key that is put back by its own run the priority of that run", () => {
    const { queue, clock } = newQueue();
    queue.add("old", LOW_PRIORITY);
    queue.take();
    queue.addAfter("old", 5);
    queue.done("old");
    clock.advance(5);
    queue.add("changed");
    expect([queue.take(), queue.take()]).toEqual(["changed", "old"]);
  });

  test("hands out what changed at once, however many old keys wait", () => {
    const { queue } = newQueue();
    for (let index = 0; index < 10_000; index++) queue.add(`old ${index}`, LOW_PRIORITY);
    for (let index = 0; index < 100; index++) {
      queue.add(`changed ${index}`);
      const [first, second] = [queue.take(), queue.take()];
      expect([first, second]).toContain(`changed ${index}`);
    }
  });

  test("does not starve old keys however many changes come", () => {
    const { queue } = newQueue();
    queue.add("old", LOW_PRIORITY);
    const taken: (string | undefined)[] = [];
    for (let index = 0; index < 2 * FAIR_SHARE; index++) {
      queue.add(`changed ${2 * index}`);
      queue.add(`changed ${2 * index + 1}`);
      taken.push(queue.take());
    }
    expect(taken.indexOf("old")).toBe(FAIR_SHARE - 1);
  });

  test("hands out each old key in its turn under any flood: one take in so many is theirs", () => {
    const round = fc.record({ adds: fc.array(fc.constantFrom(0, 3), { maxLength: 4 }), old: fc.boolean() });
    fc.assert(
      fc.property(fc.array(round, { maxLength: 100 }), (rounds) => {
        const { queue } = newQueue();
        /** Takes until which each old key must have been handed out: a share for each key that was ready before it, and for itself. */
        const left = new Map<string, number>();
        for (const [index, { adds, old }] of rounds.entries()) {
          if (old) {
            left.set(`old ${index}`, FAIR_SHARE * (queue.depth + 1));
            queue.add(`old ${index}`, LOW_PRIORITY);
          }
          for (const [each, priority] of adds.entries()) queue.add(`changed ${index} ${each}`, priority);
          const key = queue.take();
          if (key === undefined) continue;
          queue.done(key);
          left.delete(key);
          for (const [name, takes] of left) left.set(name, takes - 1);
          expect(Math.min(1, ...left.values())).toBe(1);
        }
      }),
    );
  });

  test("hands out a key no more often than its rate allows, and others meanwhile", () => {
    const { queue, clock } = newQueue({ max: 2, within: 100 });
    const run = () => {
      const key = queue.take();
      if (key !== undefined) queue.done(key);
      return key;
    };
    const tryNow = (key: string) => (queue.add(key), run());
    expect([tryNow("a"), tryNow("a"), tryNow("a"), tryNow("b")]).toEqual(["a", "a", undefined, "b"]);
    clock.advance(99);
    expect(run()).toBeUndefined();
    clock.advance(1);
    expect(run()).toBe("a");
    expect(run()).toBeUndefined();
  });

  test.each([
    { max: 0, within: 10 },
    { max: 1.5, within: 10 },
    { max: 1, within: -1 },
  ])("refuses the rate %j", (rate) => {
    expect(() => newQueue(rate)).toThrow(/^rate: /);
  });

  test.each([undefined, { max: 2, within: 12 }])("does, whatever is done to it, what a simple model of it does (rate %j)", (rate) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { queue, clock, readies } = newQueue(rate);
        const model = new Model(rate);
        for (const each of steps) {
          if (each.do === "add") {
            queue.add(each.key, each.priority);
            model.add(each.key, each.priority);
          } else if (each.do === "addAfter") {
            queue.addAfter(each.key, each.delay, each.priority);
            model.addAfter(each.key, each.delay, each.priority);
          } else if (each.do === "take") expect(queue.take()).toBe(model.take());
          else if (each.do === "done") {
            queue.done(each.key);
            model.done(each.key);
          } else {
            clock.advance(each.by);
            model.advance(each.by);
          }
          expect(queue.depth).toBe(model.ready.length);
          expect(queue.running).toBe(model.running.size);
          expect(readies()).toBe(model.readies);
          expect(clock.timers).toBeLessThanOrEqual(1);
        }
        // Whatever was done, what was added is handed out in the end, and nothing is left behind.
        for (let turn = 0; turn < 20; turn++) {
          for (const each of model.running.keys()) queue.done(each);
          for (const each of [...model.running.keys()]) model.done(each);
          clock.advance(15);
          model.advance(15);
          for (let taken = model.take(); taken !== undefined; taken = model.take()) expect(queue.take()).toBe(taken);
          expect(queue.take()).toBeUndefined();
        }
        expect([queue.idle, model.waiting.size, clock.timers]).toEqual([true, 0, 0]);
      }),
      { numRuns: 1000 },
    );
  });
});

const key = fc.constantFrom("a", "b", "c", "d", "e", "f");
const priority = fc.constantFrom(undefined, LOW_PRIORITY, 0, 5);
const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), key, priority }),
  fc.record({ do: fc.constant("addAfter" as const), key, priority, delay: fc.integer({ min: -1, max: 20 }) }),
  fc.record({ do: fc.constant("take" as const) }),
  fc.record({ do: fc.constant("done" as const), key }),
  fc.record({ do: fc.constant("advance" as const), by: fc.integer({ min: 0, max: 15 }) }),
);

/** The queue as one would write it without a thought for speed. */
class Model {
  /** In the order of becoming ready. */
  ready: { key: string; priority: number; order: number }[] = [];
  readonly waiting = new Map<string, { at: number; priority: number }>();
  readonly running = new Map<string, { priority: number; again: { priority: number; order: number } | undefined }>();
  readonly #taken = new Map<string, number[]>();
  readonly #rate: Rate | undefined;
  readies = 0;
  #now = 0;
  /** Counts adds, so that of two keys it is known which came first. */
  #order = 0;
  #passedOver = 0;

  constructor(rate: Rate | undefined) {
    this.#rate = rate;
  }

  add(key: string, priority = 0): void {
    this.addAfter(key, 0, priority);
  }

  addAfter(key: string, delay: number, wanted: number | undefined): void {
    const running = this.running.get(key);
    const asked = wanted ?? running?.priority ?? 0;
    const ready = this.ready.find((each) => each.key === key);
    const waiting = this.waiting.get(key);
    const priority = Math.max(asked, ready?.priority ?? waiting?.priority ?? running?.again?.priority ?? -Infinity);
    if (ready) {
      if (priority > ready.priority) this.ready = [...this.ready.filter((each) => each !== ready), { ...ready, priority }];
    } else if (running?.again) running.again.priority = priority;
    else if (delay <= 0) this.#makeReady(key, priority, this.#order++);
    else this.#wait(key, this.#now + delay, priority);
  }

  take(): string | undefined {
    const byPriority = this.ready.toSorted((a, b) => b.priority - a.priority);
    const [first] = byPriority;
    if (first === undefined) return undefined;
    // The head of each lower priority, and of these the one that has waited longest.
    const heads = byPriority.filter((each, index) => each.priority !== byPriority[index - 1]?.priority).slice(1);
    const [oldest] = heads.toSorted((a, b) => a.order - b.order);
    if (oldest !== undefined) this.#passedOver++;
    const isFor = oldest !== undefined && this.#passedOver >= FAIR_SHARE ? oldest : first;
    if (isFor !== first) this.#passedOver = 0;
    this.ready = this.ready.filter((each) => each !== isFor);
    this.running.set(isFor.key, { priority: isFor.priority, again: undefined });
    this.#taken.set(isFor.key, [...(this.#taken.get(isFor.key) ?? []), this.#now]);
    return isFor.key;
  }

  done(key: string): void {
    const again = this.running.get(key)?.again;
    this.running.delete(key);
    if (again) this.#makeReady(key, again.priority, again.order);
  }

  advance(by: number): void {
    const end = this.#now + by;
    const due = [...this.waiting].filter(([, { at }]) => at <= end).toSorted((a, b) => a[1].at - b[1].at);
    this.#now = end;
    for (const [key, { priority }] of due) {
      this.waiting.delete(key);
      this.#makeReady(key, priority, this.#order++);
    }
  }

  /** Of two times the earlier one holds; of two keys with one time the one that was given it first is first. */
  #wait(key: string, at: number, priority: number): void {
    const known = this.waiting.get(key);
    if (known === undefined || at < known.at) {
      this.waiting.delete(key);
      this.waiting.set(key, { at, priority });
    } else known.priority = priority;
  }

  #makeReady(key: string, priority: number, order: number): void {
    const running = this.running.get(key);
    const earliest = (this.#rate && this.#taken.get(key)?.at(-this.#rate.max)) ?? -Infinity;
    const allowedAt = running ? -Infinity : earliest + (this.#rate?.within ?? 0);
    if (allowedAt > this.#now) {
      this.#wait(key, allowedAt, priority);
      return;
    }
    this.waiting.delete(key);
    if (running) running.again = { priority, order };
    else {
      this.ready.push({ key, priority, order });
      this.readies++;
    }
  }
}

test("a key that fails waits 5 ms, and twice as long with each failure, up to 1000 s, until it succeeds", () => {
  const clock = simpleClock();
  const backoff = exponentialBackoff(clock);
  const delays: number[] = [];
  for (let failure = 0; failure < 30; failure++) {
    delays.push(backoff.next("a"));
    clock.advance(delays.at(-1) ?? 0);
  }
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(1_000_000);
  expect(backoff.next("b")).toBe(5);
  expect(backoff.failures("a")).toBe(30);
  backoff.forget("a");
  expect(backoff.failures("a")).toBe(0);
  expect(backoff.next("a")).toBe(5);
});

test("a key that fails again while it waits is tried when it would have been: events do not put that off", () => {
  const clock = simpleClock();
  const backoff = exponentialBackoff(clock);
  for (let failure = 0; failure < 8; failure++) clock.advance(backoff.next("a"));
  const began = clock.now();
  expect(backoff.next("a")).toBe(1280);
  for (let event = 0; event < 20; event++) {
    clock.advance(60);
    expect(backoff.next("a")).toBe(1280 - (clock.now() - began));
  }
  expect(backoff.failures("a")).toBe(29);
  clock.advance(80);
  expect(backoff.next("a")).toBe(2560);
});
