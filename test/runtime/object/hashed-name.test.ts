import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashedName } from "../../../runtime/object/index.ts";

describe("a hashed name", () => {
  test("is the same everywhere and for ever, for it names objects that exist", () => {
    expect(hashedName("sample")).toBe("sample-tb84t5z5vw");
    expect(hashedName("sample", { size: 3, image: "a" }, "x", 7)).toBe("sample-jx9sj6hq6b");
  });

  test("does not depend on the order of keys, nor on fields that are undefined", () => {
    expect(hashedName("a", { x: { b: 1, a: [2, 3] }, y: undefined })).toBe(hashedName("a", { x: { a: [2, 3], b: 1 } }));
  });

  test.each([
    [["a", "b"], ["ab"]],
    [[1], ["1"]],
    [[["a"]], ["a"]],
    [[{ a: 1 }], [[{ a: 1 }]]],
    [[[1, 2]], [[2, 1]]],
  ])("of %j is another than that of %j", (some, others) => {
    expect(hashedName("x", ...some)).not.toBe(hashedName("x", ...others));
  });

  test("tells prefixes apart that are cut or changed to the same text", () => {
    const long = "a".repeat(100);
    expect(hashedName(`${long}1`)).not.toBe(hashedName(`${long}2`));
    expect(hashedName("a.b")).not.toBe(hashedName("a_b"));
    expect(hashedName("a.b")).toMatch(/^a-b-/);
  });

  test("is a DNS label whatever it is made of", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: "binary" }), fc.array(fc.jsonValue()), (prefix, parts) => {
        const name = hashedName(prefix, ...parts);
        expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(63);
      }),
    );
  });
});
