import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { toYaml, type Tree } from "../../../generators/emit/yaml.ts";

/** Texts that some YAML parser takes for something else, or that end or break something. */
const awkward = [
  "yes",
  "No",
  "on",
  "OFF",
  "y",
  "n",
  "true",
  "null",
  "~",
  "",
  " ",
  "0",
  "1",
  "010",
  "0o7",
  "0x1F",
  "1_000",
  "1e3",
  "1:30",
  "190:20:30",
  ".5",
  ".inf",
  "-.INF",
  ".nan",
  "2020-01-01",
  "2020-1-1 1:2:3",
  "=",
  "- a",
  "a: b",
  "a #b",
  "#",
  "*a",
  "&a",
  "!a",
  "%a",
  "@a",
  "`a",
  "{{ x }}",
  "[a",
  "{a",
  "]",
  "}",
  ",",
  "?",
  "? a",
  ":",
  "|",
  ">",
  "'",
  '"',
  "\\",
  "a'b\"c\\d",
  "a\nb",
  "\na",
  "a\n",
  "a\n\nb",
  " a\n b",
  "a \nb",
  "a\n  indented\nb",
  "a\tb",
  "\ta",
  "a\rb",
  "a\r\nb",
  "---",
  "...",
  "--- a",
  "a\n---\nb",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\u2029",
  "\ufeffa",
  "\u0000",
  "\u001b",
  "\u007f",
  "\u200f",
  "\u202e",
  "😀",
  "👨‍👩‍👧",
  "עברית",
  "*/",
  "é",
];

const texts = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: "binary" }), fc.string());
const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(texts, tie("tree"), { maxKeys: 3 }),
  ),
})).tree;

test.each(awkward)("%j reads the same as a value and as a key, under YAML 1.1 and 1.2", (text) => {
  const tree = { [text]: text, list: [text, { [text]: 1 }] };
  const yaml = toYaml(tree);
  for (const version of ["1.1", "1.2"] as const) expect(parse(yaml, { version })).toEqual(tree);
});

test("any tree reads the same under YAML 1.1 and 1.2", () => {
  fc.assert(
    fc.property(fc.dictionary(texts, trees, { maxKeys: 3 }), (tree) => {
      const yaml = toYaml(tree);
      const wanted: unknown = JSON.parse(JSON.stringify(tree));
      for (const version of ["1.1", "1.2"] as const) expect(JSON.parse(JSON.stringify(parse(yaml, { version })))).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test("a long text stays on one line, and a text of several lines is a block", () => {
  expect(toYaml({ a: "word ".repeat(100).trim() }).split("\n")).toHaveLength(3);
  expect(toYaml({ a: "one\n  two\n\n# three" })).toBe("---\na: |-\n  one\n    two\n\n  # three\n");
});

test("a hidden character is written as a code", () => {
  expect(toYaml({ a: "x\u202ey\u2028z" })).toBe('---\na: "x\\u202ey\\u2028z"\n');
});

test("undefined members are left out", () => {
  expect(toYaml({ a: undefined, b: [{ c: undefined, d: 1 }] })).toBe("---\nb:\n- d: 1\n");
});
