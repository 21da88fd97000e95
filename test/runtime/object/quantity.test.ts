import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { addQuantities, compareQuantities, sameQuantity } from "../../../runtime/object/index.ts";
import { canonicalQuantity } from "../../../runtime/schema/quantity.ts";

describe("quantities are ordered", () => {
  test.each([
    ["1", "1000m", 0],
    ["1Gi", "1G", 1],
    ["999m", 1, -1],
    ["-1", "1m", -1],
    ["9007199254740993", "9007199254740992", 1],
  ])("%p against %p: %d", (a, b, expected) => {
    expect(compareQuantities(a, b)).toBe(expected);
    expect(compareQuantities(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  test("and nonsense is no quantity", () => {
    expect(() => compareQuantities("1", "much")).toThrow('"much" is not a quantity');
    expect(() => addQuantities("1", "1 Gi")).toThrow(TypeError);
  });
});

describe("a sum of quantities", () => {
  test.each([
    [["500m", "1"], "1500m"],
    [["1", "500m", "0.5"], "2"],
    [["1Gi", "512Mi"], "1536Mi"],
    [["512Mi", "512Mi"], "1Gi"],
    [["0", "1Gi"], "1Gi"],
    [["1Ki", "-1Ki"], "0"],
    [["1Ki", "500m"], "1024500m"],
    [["100", "900"], "1k"],
    [["1e3", "1e3"], "2e3"],
    [["3n", "-1u"], "-997n"],
    [[], "0"],
    [[7], "7"],
  ])("of %j is %s", (quantities, sum) => {
    expect(addQuantities(...quantities)).toBe(sum);
  });

  const quantity = fc
    .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.constantFrom("m", "", "k", "M", "Ki", "Mi", "e3"))
    .map(([amount, suffix]) => `${amount}${suffix}`);

  test("is written as Kubernetes writes it", () => {
    fc.assert(fc.property(quantity, (one) => expect(addQuantities(one)).toBe(canonicalQuantity(one, false))));
  });

  test("is the same in any order, and nothing of it is lost", () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(sameQuantity(addQuantities(a, b), addQuantities(b, a))).toBe(true);
        const negated = b.startsWith("-") ? b.slice(1) : `-${b}`;
        expect(sameQuantity(addQuantities(a, b, negated), a)).toBe(true);
      }),
    );
  });
});
