import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { applyJsonPatch } from "../../../../runtime/testing/embedded/apply/index.ts";
import type { JsonValue as AnyJson } from "../../../../runtime/schema/index.ts";
import { createPatch, equalJson, type JsonValue } from "../../../../runtime/webhook/json/index.ts";

const scalar = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, false, "", "a", "a/b", "~1", "é"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc.oneof(
  fc.constantFrom("name", "a", "b", "a/b", "m~n", "", "0", "-", "__proto__", "constructor"),
  fc.string({ maxLength: 3 }),
);

/** Small alphabets, so that two values often have something in common. */
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("json"), { maxLength: 6 }),
    fc.array(fc.tuple(key, tie("json")), { maxLength: 5 }).map((fields) => JSON.parse(objectText(fields)) as JsonValue),
  ),
}));

const keyed = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d", "e", "f"), value: scalar }), {
  selector: (item) => item.name,
});
const longList = fc.array(fc.constantFrom<JsonValue>(1, 2, 3, "x", [1]), { maxLength: 30 });

function objectText(fields: readonly (readonly [string, JsonValue])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
}

function holds(before: JsonValue, after: JsonValue): void {
  const untouched = JSON.stringify(before);
  const patch = JSON.stringify(createPatch(before, after));
  const result = applyJsonPatch(before, JSON.parse(patch) as AnyJson);
  expect(equalJson(result as JsonValue, after)).toBe(true);
  const replacement = JSON.stringify([{ op: "replace", path: "", value: after }]);
  expect(Buffer.byteLength(patch)).toBeLessThanOrEqual(Buffer.byteLength(replacement));
  expect(JSON.stringify(before)).toBe(untouched);
}

test("for any two JSON values the patch turns the first into the second, and is no larger than a replacement", () => {
  fc.assert(fc.property(json, json, holds), { numRuns: 3000 });
});

test("the same holds for lists of named items, in whatever order", () => {
  fc.assert(
    fc.property(keyed, keyed, (before, after) => holds(before as JsonValue, after as JsonValue)),
    { numRuns: 2000 },
  );
});

test("the same holds for long lists of few different items", () => {
  fc.assert(fc.property(longList, longList, holds), { numRuns: 2000 });
});

test("a value needs no patch to become itself", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(createPatch(value, JSON.parse(JSON.stringify(value)))).toEqual([]);
    }),
  );
});
