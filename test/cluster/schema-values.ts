/**
 * Values for a schema: mostly what it asks for, and now and then something else.
 */
import fc from "fast-check";
import type { Json, Schema } from "../../generators/model/index.ts";

const odd: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  null,
  true,
  0,
  -1,
  1,
  2,
  7,
  1.5,
  2 ** 31,
  "",
  "a",
  "b",
  "A b",
  "x".repeat(70),
  "1Gi",
  [],
  [1],
  {},
  { a: "b" },
);

const words = fc.constantFrom("a", "b", "abc", "x-1", "10.0.0.1", "2020-01-01T00:00:00Z", "5m", "1Gi", "YQ==", "");

/** A value for a schema; one in `oddness` of all parts is whatever comes. */
export function valueOf(schema: Schema, oddness = 12, depth = 0): fc.Arbitrary<Json> {
  const fitting = fittingOf(schema, oddness, depth);
  return fc.oneof({ weight: oddness, arbitrary: fitting }, { weight: 1, arbitrary: odd });
}

function fittingOf(schema: Schema, oddness: number, depth: number): fc.Arbitrary<Json> {
  const told = [schema.default, schema.example, ...(schema.enum ?? [])].filter((each) => each !== undefined);
  const some = typed(schema, oddness, depth);
  return told.length === 0 ? some : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...told) }, { weight: 1, arbitrary: some });
}

function typed(schema: Schema, oddness: number, depth: number): fc.Arbitrary<Json> {
  if (schema["x-kubernetes-int-or-string"] === true) return fc.oneof(words, fc.integer({ min: -1, max: 100 }));
  switch (schema.type) {
    case "string":
      return words;
    case "integer":
      return fc.integer({ min: Math.max(-2, (schema.minimum ?? 0) - 1), max: Math.max(9, (schema.maximum ?? 8) + 1) });
    case "number":
      return fc.constantFrom(0, 1, 0.5, -1.5, schema.minimum ?? 3, schema.maximum ?? 4);
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valueOf(schema.items ?? {}, oddness, depth + 1), { maxLength: Math.min(4, (schema.maxItems ?? 3) + 1) });
    case "object":
      return depth > 5 ? fc.constant({}) : objectOf(schema, oddness, depth);
    default:
      return odd;
  }
}

function objectOf(schema: Schema, oddness: number, depth: number): fc.Arbitrary<Json> {
  const { properties = {}, additionalProperties } = schema;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(properties).map(([name, property]): [string, fc.Arbitrary<Json | undefined>] => {
    const value = valueOf(property, oddness, depth + 1);
    return [name, fc.option(value, { nil: undefined, freq: required.has(name) ? oddness * 2 : 2 })];
  });
  const named = fc.record(Object.fromEntries(fields));
  const values =
    typeof additionalProperties === "object"
      ? additionalProperties
      : schema["x-kubernetes-preserve-unknown-fields"] === true
        ? {}
        : undefined;
  const more =
    values === undefined
      ? fc.constant({})
      : fc.dictionary(fc.constantFrom("a", "b", "c.d/e"), valueOf(values, oddness, depth + 1), { maxKeys: 3 });
  return fc.tuple(named, more).map(([known, others]) => JSON.parse(JSON.stringify({ ...others, ...known })) as Json);
}
