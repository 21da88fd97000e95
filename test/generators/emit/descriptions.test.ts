import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { emitCrd } from "../../../generators/emit/index.ts";
import { shortened } from "../../../generators/emit/descriptions.ts";
import { readFleet } from "./fleet.ts";

test.each([
  ["short enough", 12, "short enough"],
  ["cut at a word that is too long", 10, "cut at a…"],
  ["ends with a word that fits", 17, "ends with a word…"],
  ["one", 3, "one"],
  ["Donaudampfschifffahrt", 6, "Donau…"],
  ["a\n\nparagraph further", 13, "a\n\nparagraph…"],
  ["👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2, "👩‍👩‍👧‍👦…"],
  ["anything", 1, "…"],
])("%j in %d characters is %j", (text, most, wanted) => {
  expect(shortened(text, most)).toBe(wanted);
});

test("a cut text is never too long, and a beginning of the whole", () => {
  const characters = new Intl.Segmenter("en", { granularity: "grapheme" });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (text, most) => {
      const short = shortened(text, most);
      expect(Array.from(characters.segment(short)).length).toBeLessThanOrEqual(most);
      if (short !== text) expect([short.endsWith("…"), text.startsWith(short.slice(0, -1))]).toEqual([true, true]);
    }),
    { examples: [["👨🏽‍🚀 to the moon", 3]] },
  );
});

test("descriptions of all depths are cut or left out, and nothing else is", async () => {
  const { resources } = await readFleet();
  for (const resource of resources) {
    const plain = (options?: { readonly maxDescriptionLength: number }): unknown => parse(emitCrd(resource, options));
    expect(plain({ maxDescriptionLength: 100_000 })).toEqual(plain());
    const whole = descriptionsOf(plain());
    expect(whole.some((description) => description.length > 20)).toBe(true);
    expect(descriptionsOf(plain({ maxDescriptionLength: 20 }))).toEqual(whole.map((description) => shortened(description, 20)));
    expect(descriptionsOf(plain({ maxDescriptionLength: 0 }))).toEqual([]);
    expect(withoutDescriptions(plain({ maxDescriptionLength: 20 }))).toEqual(withoutDescriptions(plain()));
    expect(withoutDescriptions(plain({ maxDescriptionLength: 0 }))).toEqual(withoutDescriptions(plain()));
  }
});

/** The descriptions of schemas; a field that is called so has a schema, no text. Columns and external documentation keep theirs. */
function descriptionsOf(value: unknown, key = ""): string[] {
  if (Array.isArray(value)) return key === "additionalPrinterColumns" ? [] : value.flatMap((each) => descriptionsOf(each));
  if (typeof value !== "object" || value === null || key === "externalDocs") return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    name === "description" && typeof each === "string" ? [each] : descriptionsOf(each, name),
  );
}

function withoutDescriptions(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return key === "additionalPrinterColumns" ? value : value.map((each) => withoutDescriptions(each));
  if (typeof value !== "object" || value === null || key === "externalDocs") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => name !== "description" || typeof each !== "string")
      .map(([name, each]: [string, unknown]) => [name, withoutDescriptions(each, name)]),
  );
}
