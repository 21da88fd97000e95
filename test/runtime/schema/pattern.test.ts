import { describe, expect, test } from "@jest/globals";
import { compileSchema } from "../../../runtime/schema/index.ts";

/** True when the text satisfies the pattern. */
function matches(pattern: string, text: string): boolean {
  return compileSchema({ type: "string", pattern }).validate(text).length === 0;
}

describe("patterns are those of RE2", () => {
  test.each([
    ["(?i)abc", "xABCx", true],
    ["^(?i)(debug|info)?$", "Info", true],
    ["^(?i)(debug|info)?$", "Infos", false],
    ["\\A(?is)a.b$", "A\nB", true],
    ["^[[:alpha:]_-]+$", "a_-b", true],
    ["^[[:alpha:]]+$", "a1", false],
    ["\\Aa\\z", "a", true],
    ["\\Aa\\z", "a\n", false],
    ["^a{,3}$", "a{,3}", true],
    ["^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true],
    ["^[\\w.-]+$", "a.b-c", true],
    ["^(?P<year>\\d{4})$", "2026", true],
    ["^\\pL+$", "äé", true],
    ["^\\x41\\x{1F600}$", "A😀", true],
    ["^\\Qa.b\\E$", "a.b", true],
    ["^\\Qa.b\\E$", "axb", false],
    ["^[]a]+$", "]a", true],
    ["^\\s$", "\u00a0", false],
    ["^.$", "😀", true],
    ["/path/[^/]+", "/path/x", true],
  ])("%s against %j is %s", (pattern, text, result) => {
    expect(matches(pattern, text)).toBe(result);
  });

  test("look-ahead is not", () => {
    expect(compileSchema({ type: "string", pattern: "^(?=a)" }).validate("a")[0]?.message).toContain("but pattern is invalid");
  });
});
