import { describe, expect, test } from "@jest/globals";
import { compileSchema } from "../../../runtime/schema/index.ts";
import type { JsonObject, JsonSchema } from "../../../runtime/schema/index.ts";

const named = (value: JsonSchema): JsonSchema => ({
  type: "array",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: { type: "object", required: ["name"], properties: { name: { type: "string" }, v: value } },
});

/** A schema that has become stricter than the object that is stored. */
const tight: JsonSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["missing"],
      properties: {
        a: { type: "integer", maximum: 5 },
        b: { type: "string", enum: ["ok"] },
        list: { type: "array", items: { type: "string", maxLength: 2 } },
        map: named({ type: "integer", maximum: 5 }),
        obj: { type: "object", required: ["z"], properties: { x: { type: "string", pattern: "^z" }, y: { type: "string" } } },
        set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        entries: { type: "object", additionalProperties: { type: "string", maxLength: 2 } },
      },
    },
  },
};
const stored: JsonObject = {
  a: 9,
  b: "no",
  list: ["long", "x"],
  map: [
    { name: "p", v: 9 },
    { name: "q", v: 1 },
  ],
  obj: { x: "a" },
  set: ["s", "s"],
  entries: { k: "long", l: "x" },
};

/** What a real kube-apiserver complained of after the change, by field. */
const changes: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ["nothing", {}, []],
  ["a wrong value to another wrong one", { a: 8 }, ["spec.a", "spec.missing"]],
  ["a wrong value to a right one", { a: 2 }, ["spec.missing"]],
  ["a choice", { b: "other" }, ["spec.b", "spec.missing"]],
  ["an element of an atomic list", { list: ["long", "y"] }, ["spec.list[0]", "spec.missing"]],
  [
    "the order and another element of a list map",
    {
      map: [
        { name: "q", v: 2 },
        { name: "p", v: 9 },
      ],
    },
    ["spec.missing"],
  ],
  ["an element of a list map", { map: [{ name: "p", v: 7 }] }, ["spec.map[0].v", "spec.missing"]],
  ["a field beside a wrong one", { obj: { x: "a", y: "b" } }, ["spec.missing", "spec.obj.z"]],
  ["a field within an object", { obj: { x: "b" } }, ["spec.missing", "spec.obj.x", "spec.obj.z"]],
  ["a set that had duplicates", { set: ["t", "t"] }, ["spec.missing"]],
  ["an entry of a map", { entries: { ...(stored["entries"] as JsonObject), m: "y" } }, ["spec.missing"]],
  ["an entry of a map to something wrong", { entries: { k: "long", m: "long" } }, ["spec.entries.m", "spec.missing"]],
];

describe("what was wrong before and is not changed is tolerated (KEP-4008)", () => {
  test.each(changes)("when this changes: %s", (_, change, fields) => {
    const schema = compileSchema(tight);
    const [old, value] = [{ spec: stored }, { spec: { ...stored, ...change } }];
    const errors = [...schema.validate(value, { old }), ...schema.validateLists(value, { old })];
    expect(errors.map(({ field }) => field).sort()).toEqual(fields);
  });

  test("but nothing is tolerated in a new object", () => {
    expect(
      compileSchema(tight)
        .validate({ spec: stored })
        .map(({ field }) => field),
    ).toContain("spec.a");
  });
});
