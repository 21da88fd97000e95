import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { pictureOf, PICTURES, type Scene } from "./picture.ts";

test("the picture of the README is the session beside it, as it is drawn today", () => {
  const session = JSON.parse(readFileSync(join(PICTURES, "tutorial.json"), "utf8")) as Scene[];
  expect(readFileSync(join(PICTURES, "tutorial.svg"), "utf8")).toBe(pictureOf(session));
});

test("a picture shows each command before its output, and scrolls when it is full", () => {
  const picture = pictureOf([
    { command: "ls <folder>", output: "one & two\n", milliseconds: 10 },
    { command: "seq 30", output: Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n"), milliseconds: 10_000 },
  ]);
  const shown = [...picture.matchAll(/animation-delay:([\d.]+)s">(.*)<\/text>/g)].map(([, at, text]) => ({ at: Number(at), text }));
  expect(shown.slice(0, 3).map(({ text }) => text)).toEqual([
    '<tspan class="p">$ </tspan><tspan class="c">ls &lt;folder></tspan>',
    "one &amp; two",
    '<tspan class="p">$ </tspan><tspan class="c">seq 30</tspan>',
  ]);
  expect(shown).toHaveLength(33);
  expect(shown.map(({ at }) => at)).toEqual(shown.map(({ at }) => at).toSorted((a, b) => a - b));
  expect(picture.match(/translateY\(-\d+px\)/g)?.at(-1)).toBe(`translateY(-${(33 - 24) * 18}px)`);
});
