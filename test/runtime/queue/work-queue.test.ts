import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { exponentialBackoff, WorkQueue } from "../../../runtime/queue/index.ts";
import type { Clock } from "../../../runtime/object/index.ts";

/** Time as a list of timers, moved by hand without a turn of the event loop. */
function simpleClock(): Clock & { advance(by: number): void } {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    setTimeout(callback, delay) {
      const timer = { at: now + delay, callback };
      timers.push(timer);
      return { cancel: () => (timers = timers.filter((each) => each !== timer)) };
    },
    advance(by) {
      now += by;
      const due = timers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      timers = timers.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    },
  };
}

function newQueue() {
  const clock = simpleClock();
  let readies = 0;
  const queue = new WorkQueue({ clock, onReady: () => readies++ });
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

  test("does, whatever is done to it, what a simple model of it does", () => {
    const key = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      fc.record({ do: fc.constant("add" as const), key }),
      fc.record({ do: fc.constant("addAfter" as const), key, delay: fc.integer({ min: -1, max: 20 }) }),
      fc.record({ do: fc.constant("take" as const) }),
      fc.record({ do: fc.constant("done" as const), key }),
      fc.record({ do: fc.constant("advance" as const), by: fc.integer({ min: 0, max: 15 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { queue, clock, readies } = newQueue();
        // The model: times of keys that wait, keys that are ready in order, and keys that run with whether they are to run again.
        const waiting = new Map<string, number>();
        const ready: string[] = [];
        const running = new Map<string, boolean>();
        let becameReady = 0;
        const makeReady = (name: string) => {
          waiting.delete(name);
          if (running.has(name)) running.set(name, true);
          else if (!ready.includes(name)) {
            ready.push(name);
            becameReady++;
          }
        };
        for (const each of steps) {
          if (each.do === "add") {
            queue.add(each.key);
            makeReady(each.key);
          } else if (each.do === "addAfter") {
            queue.addAfter(each.key, each.delay);
            const at = clock.now() + each.delay;
            if (each.delay <= 0) makeReady(each.key);
            else if (!ready.includes(each.key) && running.get(each.key) !== true)
              waiting.set(each.key, Math.min(at, waiting.get(each.key) ?? Infinity));
          } else if (each.do === "take") {
            const expected = ready.shift();
            expect(queue.take()).toBe(expected);
            if (expected !== undefined) running.set(expected, false);
          } else if (each.do === "done") {
            queue.done(each.key);
            const again = running.get(each.key);
            running.delete(each.key);
            if (again === true) makeReady(each.key);
          } else {
            const until = clock.now() + each.by;
            clock.advance(each.by);
            for (const [name, at] of [...waiting].toSorted((a, b) => a[1] - b[1])) if (at <= until) makeReady(name);
          }
          expect(queue.depth).toBe(ready.length);
          expect(queue.running).toBe(running.size);
          expect(readies()).toBe(becameReady);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("a key that fails waits 5 ms, and twice as long with each failure, up to 1000 s, until it succeeds", () => {
  const backoff = exponentialBackoff();
  const delays = Array.from({ length: 30 }, () => backoff.next("a"));
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(1_000_000);
  expect(backoff.next("b")).toBe(5);
  expect(backoff.failures("a")).toBe(30);
  backoff.forget("a");
  expect(backoff.failures("a")).toBe(0);
  expect(backoff.next("a")).toBe(5);
});
