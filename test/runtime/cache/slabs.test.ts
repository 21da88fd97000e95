import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Slabs, type Resident } from "../../../runtime/cache/slabs.ts";

const textOf = ({ slab, start, length }: Resident) => slab.buffer.toString("utf8", start, start + length);

function keep(slabs: Slabs, text: string): Resident {
  const bytes = Buffer.from(text);
  return slabs.keep(bytes, (slab, start) => ({ slab, start, length: bytes.length, isReleased: false }));
}

const memoryOf = (residents: Iterable<Resident>) =>
  [...new Set([...residents].map(({ slab }) => slab))].reduce((sum, { buffer }) => sum + buffer.length, 0);

test("whatever is kept and released in any order, what is kept reads as it was written, and so does what is released", () => {
  const step = fc.record({ keep: fc.string({ maxLength: 40 }), times: fc.integer({ min: 1, max: 9000 }), release: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const slabs = new Slabs();
      const kept: { resident: Resident; text: string }[] = [];
      const released: typeof kept = [];
      for (const { keep: part, times, release } of steps) {
        const text = part.repeat(times);
        kept.push({ resident: keep(slabs, text), text });
        if (release % 3 === 0) continue;
        for (const each of kept.splice(release % kept.length, 1)) {
          slabs.release(each.resident);
          released.push(each);
        }
      }
      for (const { resident, text } of [...kept, ...released]) expect(textOf(resident)).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test("objects that change again and again take about a third more than their size", () => {
  const slabs = new Slabs();
  const live = new Map<number, Resident>();
  for (let round = 0; round < 20; round++) {
    for (let index = 0; index < 4000; index++) {
      const before = live.get(index);
      live.set(index, keep(slabs, `${index} ${round} `.padEnd(2000, "x")));
      if (before) slabs.release(before);
    }
  }
  expect(memoryOf(live.values())).toBeLessThan(1.4 * 4000 * 2000 + 2 ** 21);
  for (const [index, resident] of live) expect(textOf(resident)).toMatch(new RegExp(`^${index} 19 x`));
});

test("a slab of which a few objects are left over lets go of its memory", () => {
  const slabs = new Slabs();
  const all = Array.from({ length: 4000 }, (_, index) => keep(slabs, `${index} `.padEnd(2000, "x")));
  const left = all.filter((_, index) => index % 400 === 0);
  for (const each of all) if (!left.includes(each)) slabs.release(each);
  expect(memoryOf(left)).toBeLessThanOrEqual(2 * 2 ** 20);
  expect(left.map(textOf).map((text) => text.split(" ")[0])).toEqual([
    "0",
    "400",
    "800",
    "1200",
    "1600",
    "2000",
    "2400",
    "2800",
    "3200",
    "3600",
  ]);
});
