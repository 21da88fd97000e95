import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareApis } from "../../../generators/compatibility/index.ts";
import { readCrd } from "../../../generators/import/index.ts";
import { violations, type Json, type Resource, type Schema } from "../../../generators/model/index.ts";
import { schemas } from "../import/arbitraries.ts";

function kindOf(schema: Schema): Resource {
  return {
    group: "test.example.com",
    kind: "Probe",
    listKind: "ProbeList",
    singular: "probe",
    plural: "probes",
    shortNames: [],
    categories: [],
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { type: "object", properties: { spec: schema } },
        printColumns: [],
        selectableFields: [],
        status: false,
        typesFile: "api/v1/probe.types.ts",
        place: { file: "api/v1/probe.types.ts", line: 1, column: 1 },
      },
    ],
  };
}

function crdOf(spec: Record<string, unknown>): Resource {
  const names = { kind: "Probe", plural: "probes" };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } }];
  return readCrd({ spec: { group: "test.example.com", names, scope: "Namespaced", versions } }, () => "crd.yaml");
}

test("a schema compared to itself has no findings", () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      expect(compareApis([crdOf(schema)], [crdOf(structuredClone(schema))])).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** A keyword of the old and of the new schema, which is often the same in both. */
function pair<T>(value: fc.Arbitrary<T | undefined>): fc.Arbitrary<readonly [T | undefined, T | undefined]> {
  return fc.oneof({ weight: 4, arbitrary: value.map((each) => [each, each] as const) }, { weight: 1, arbitrary: fc.tuple(value, value) });
}

type Pair = readonly [Schema, Schema];
type Keywords = Readonly<Record<string, fc.Arbitrary<readonly [unknown, unknown]>>>;

function pairs(fixed: Schema, keywords: Keywords): fc.Arbitrary<Pair> {
  return fc.record(keywords).map((found) => {
    const side = (index: 0 | 1): Schema => ({
      ...fixed,
      ...Object.fromEntries(Object.entries(found).flatMap(([key, both]) => (both[index] === undefined ? [] : [[key, both[index]]]))),
    });
    return [side(0), side(1)];
  });
}

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

const small = maybe(fc.integer({ min: -1, max: 4 }));
const size = maybe(fc.nat(3));
const yes = maybe(fc.constant(true));
const words = fc.constantFrom("", "a", "ab", "abc", "b", "2026-01-01");

/** An old and a new schema that have much in common. */
const generations: fc.Arbitrary<Pair> = fc.letrec<{ pair: Pair }>((tie) => {
  const inner = tie("pair");
  const text = pairs(
    { type: "string" },
    {
      minLength: pair(size),
      maxLength: pair(size),
      pattern: pair(maybe(fc.constantFrom("^a", "b$"))),
      enum: pair(maybe(fc.subarray(["a", "ab", "b"], { minLength: 1 }))),
      format: pair(maybe(fc.constantFrom("date", "mine"))),
      nullable: pair(yes),
    },
  );
  const number = fc.constantFrom("integer" as const, "number" as const).chain((type) =>
    pairs(
      {},
      {
        type: pair(fc.constant(type) as fc.Arbitrary<string | undefined>),
        minimum: pair(small),
        maximum: pair(small),
        exclusiveMinimum: pair(yes),
        exclusiveMaximum: pair(yes),
        multipleOf: pair(maybe(fc.constantFrom(1, 2, 4))),
      },
    ),
  );
  const other = fc.constantFrom<Pair>(
    [{ type: "string" }, { "x-kubernetes-int-or-string": true }],
    [{ "x-kubernetes-int-or-string": true }, { type: "integer" }],
    [{ type: "integer" }, { type: "number" }],
    [{ type: "number" }, { type: "integer" }],
    [{ "x-kubernetes-preserve-unknown-fields": true }, { type: "string" }],
    [{ type: "string" }, { "x-kubernetes-preserve-unknown-fields": true }],
  );
  const list = fc
    .tuple(inner, pairs({ type: "array" }, { minItems: pair(size), maxItems: pair(size) }))
    .map(([items, [before, after]]): Pair => [
      { ...before, items: items[0] },
      { ...after, items: items[1] },
    ]);
  const map = fc
    .tuple(inner, pairs({ type: "object" }, { minProperties: pair(size), maxProperties: pair(size) }))
    .map(([values, [before, after]]): Pair => [
      { ...before, additionalProperties: values[0] },
      { ...after, additionalProperties: values[1] },
    ]);
  const names = fc.subarray(["a", "b", "c"]);
  const fields = fc
    .tuple(fc.record({ a: inner, b: inner, c: inner }), pair(names), pair(names), pair(yes))
    .map(([properties, present, required, open]): Pair => {
      const side = (index: 0 | 1): Schema => {
        const having = present[index] ?? [];
        const needed = (required[index] ?? []).filter((name) => having.includes(name));
        return {
          type: "object",
          properties: Object.fromEntries(
            Object.entries(properties).flatMap(([name, both]) => (having.includes(name) ? [[name, both[index]]] : [])),
          ),
          ...(needed.length === 0 ? {} : { required: needed }),
          ...(open[index] === true ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
        };
      };
      return [side(0), side(1)];
    });
  return { pair: fc.oneof({ maxDepth: 2 }, fc.oneof(text, number, other), fields, list, map) };
}).pair;

const values: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(words, fc.integer({ min: -2, max: 5 }), fc.constantFrom(0.5, 1.5), fc.constant(null), fc.boolean()),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

test("where nothing is called breaking or to be checked, every value that was valid still is", () => {
  let valid = 0;
  fc.assert(
    fc.property(generations, fc.array(values, { minLength: 5, maxLength: 12 }), ([before, after], samples) => {
      const findings = compareApis([kindOf(before)], [kindOf(after)]);
      if (findings.some(({ severity }) => severity !== "compatible")) return;
      for (const sample of samples) {
        if (violations(before, sample).length > 0) continue;
        valid += findings.length > 0 ? 1 : 0;
        expect([before, after, sample, violations(after, sample)]).toEqual([before, after, sample, []]);
      }
    }),
    { numRuns: 3000 },
  );
  expect(valid).toBeGreaterThan(100);
});
