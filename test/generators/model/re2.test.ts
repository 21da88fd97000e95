import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readPattern } from "../../../generators/model/index.ts";

function matches(pattern: string, text: string): boolean {
  const read = readPattern(pattern);
  if ("problem" in read || read.source === undefined) throw new Error(`not to be tried: ${pattern}`);
  return new RegExp(read.source, read.flags).test(text);
}

describe("a pattern means in JavaScript what it means in RE2", () => {
  test.each([
    ["^a.c$", ["abc", "a\rc", "a😀c"], ["a\nc", "ac"]],
    ["(?s)^a.c$", ["a\nc"], ["ac"]],
    ["(?i)^abc$", ["ABC"], ["ab"]],
    ["^\\s$", [" ", "\t"], ["\u00a0", "\u2028", "x"]],
    ["^\\S$", ["\u00a0"], [" "]],
    ["\\Aab\\z", ["ab"], ["ab\n", "xab"]],
    ["^[[:alpha:]_]+$", ["ab_"], ["a1"]],
    ["^[[:^alpha:]]$", [], []],
    ["^\\Qa.b\\E+$", ["a.b"], ["axb"]],
    ["^(?P<first>a)(?<second>b)$", ["ab"], ["a"]],
    ["^\\pL+$", ["äß字"], ["1"]],
    ["^\\p{Greek}+$", ["αβ"], ["a"]],
    ["^\\P{Lu}$", ["a"], ["A"]],
    ["^\\x41\\x{1F600}\\101$", ["A😀A"], ["A"]],
    ["^[]a]+$", ["]a"], ["b"]],
    ["^[a-]$", ["-", "a"], ["b"]],
    ["^[^\\d-]$", ["a"], ["1", "-"]],
    ["^{}$", ["{}"], ["{"]],
    ["^a{2}b{1,}c{0,2}$", ["aab", "aabbcc"], ["ab"]],
    ["^a{,2}$", ["a{,2}"], ["a"]],
    ["^a/b-c$", ["a/b-c"], ["ab"]],
    ["^(?:a|b)*?$", ["abab"], ["c"]],
    ["^\\_\\-\\#$", ["_-#"], ["_"]],
  ])("%s", (pattern, yes, no) => {
    const read = readPattern(pattern);
    if ("problem" in read) throw new Error(read.problem);
    if (read.source === undefined) return;
    expect(yes.filter((text) => !matches(pattern, text))).toEqual([]);
    expect(no.filter((text) => matches(pattern, text))).toEqual([]);
  });
});

describe("what RE2 has not is an error", () => {
  test.each([
    ["(?=a)", "looks ahead or behind, which RE2 cannot"],
    ["(?!a)", "looks ahead or behind, which RE2 cannot"],
    ["(?<=a)b", "looks ahead or behind, which RE2 cannot"],
    ["(?<!a)b", "looks ahead or behind, which RE2 cannot"],
    ["(a)\\1", "refers back to a group with \\1, which RE2 cannot"],
    ["(?<a>x)\\k<a>", "refers back to a group with \\k, which RE2 cannot"],
    ["(?>a)", "has an atomic group, which RE2 has not"],
    ["a++", "repeats a repetition (+)"],
    ["a**", "repeats a repetition (*)"],
    ["\\u0041", "has \\u, which RE2 has not"],
    ["\\cA", "has \\c, which RE2 has not"],
    ["\\h", "has \\h, which RE2 has not"],
    ["a{1001}", "repeats more than 1000 times"],
    ["(a{100}){11}", "repeats more than 1000 times"],
    ["a{3,1}", "has the repetition {3,1} with its bounds swapped"],
    ["(a", 'has a "(" that is not closed'],
    ["a)", 'has a ")" without "("'],
    ["[a", 'has a "[" that is not closed'],
    ["[z-a]", "has the range z-a with its ends swapped"],
    ["[a-\\d]", "has a class (\\d) as the end of a range"],
    ["[[:foo:]]", "has the class [:foo:], which RE2 has not"],
    ["*a", "has a * with nothing before it"],
    ["a|+", "has a + with nothing before it"],
    ["a\\", "ends with a backslash"],
    ["\\p{Klingon}", "has \\p without a property that RE2 knows"],
  ])("%s", (pattern, problem) => {
    const read = readPattern(pattern);
    expect("problem" in read ? read.problem : "").toBe(problem);
  });
});

describe("a sample matches its pattern", () => {
  test.each([
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "^[A-Z]{2}-\\d{3}$",
    "^(foo|bar)+$",
    "\\w+@\\w+\\.(com|org)",
    "^[^a-z]{3}$",
    "^[😀-😎]$",
    "(?i)^x$",
    "",
  ])("%s", (pattern) => {
    const read = readPattern(pattern);
    expect("sample" in read && matches(pattern, read.sample)).toBe(true);
  });
});

test("no text makes the reader fail, and what it takes JavaScript takes", () => {
  const pieces = fc.constantFrom(
    "a",
    "b",
    ".",
    "*",
    "+",
    "?",
    "{2}",
    "{1,",
    "(",
    ")",
    "(?:",
    "(?i)",
    "(?P<n>",
    "[",
    "]",
    "^",
    "$",
    "-",
    "|",
    "\\d",
    "\\b",
    "\\",
    "\\Q",
    "\\E",
    "\\pL",
    "[:alpha:]",
    "😀",
    "\n",
    "/",
    "{",
    "}",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const read = readPattern(parts.join(""));
      if ("problem" in read || read.source === undefined) return;
      new RegExp(read.source, read.flags);
      // Between slashes, as generated code has it, it ends where it should.
      expect(new RegExp(read.source, read.flags).source.replaceAll("\\/", "/")).toBe(
        read.source === "" ? "(?:)" : read.source.replaceAll("\\/", "/"),
      );
    }),
    { numRuns: 3000 },
  );
});
