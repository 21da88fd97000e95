import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { badRequest, findDuplicateKeys, goJson, goNumber, goQuote, goValue, invalid, required } from "../../../runtime/schema/index.ts";

describe("duplicate keys", () => {
  test.each([
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":2}', ["a"]],
    ['{"spec":{"size":1,"x":{"size":2},"size":3}}', ["spec.size"]],
    ['{"list":[{"a":1},{"a":1,"a":2,"a":3}]}', ["list[1].a"]],
    ['{"a\\u0062":1,"ab":2}', ["ab"]],
    ['[{"q":"}\\"{","q":[]}]', ["[0].q"]],
    ['"text"', []],
  ])("of %s are %j", (json, paths) => {
    expect(findDuplicateKeys(json)).toEqual(paths);
  });

  test("are never found in what JSON.stringify writes", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(0, 2),
        (value, indent) => findDuplicateKeys(JSON.stringify(value, undefined, indent)).length === 0,
      ),
    );
  });
});

describe("values in messages are written as Go writes them", () => {
  test("strings are quoted", () => {
    expect(goQuote('a"b\\c\n\t\u0001\u007f é 😀\u200b')).toBe('"a\\"b\\\\c\\n\\t\\x01\\x7f é 😀\\u200b"');
  });
  test("numbers have exponents late", () => {
    expect([5, -0, 0.0001, 0.00001, 1e20, 1e21, 1.5].map(goNumber)).toEqual([
      "5",
      "0",
      "0.0001",
      "1e-05",
      "100000000000000000000",
      "1e+21",
      "1.5",
    ]);
  });
  test("objects are JSON with sorted keys, or a map", () => {
    const value = { b: [1, null, true], a: "<&>" };
    expect(goJson(value)).toBe('{"a":"\\u003c\\u0026\\u003e","b":[1,null,true]}');
    expect(goValue(value)).toBe("map[a:<&> b:[1 <nil> true]]");
  });
});

describe("a Status", () => {
  test("of several field errors names each text once, and all causes", () => {
    const { status } = invalid({ group: "apps", kind: "Deployment" }, "web", [
      required("spec.a"),
      required("spec.b", "why"),
      required("spec.a"),
    ]);
    expect(status.message).toBe('Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Required value: why]');
    expect(status.details?.causes).toHaveLength(3);
    expect(status).toMatchObject({ code: 422, reason: "Invalid", details: { name: "web", group: "apps", kind: "Deployment" } });
  });
  test("is the message of its error", () => {
    expect(badRequest("no").message).toBe("no");
  });
});
