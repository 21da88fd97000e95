import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { sampleObject } from "../../../generators/emit/index.ts";
import { violations, type Json, type Resource } from "../../../generators/model/index.ts";
import { readSpecs } from "../spec/cases.ts";
import { probeSource, probeValues } from "../spec/probe.ts";
import { compile } from "./compiled.ts";

const scalars = fc.oneof(fc.constantFrom<Json>(null, true, 0, 1, 5, 6, 1.5, "", "a", "ab", "AB", "1Gi", "10.0.0.1", "YQ=="), fc.string());
const values: fc.Arbitrary<Json> = fc.oneof(
  scalars,
  fc.array(scalars, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "name", "port", "x"), scalars, { maxKeys: 3 }),
);

async function probe(): Promise<Resource> {
  const { spec } = await readSpecs({ spec: probeSource });
  if (spec.resource === undefined) throw new Error(spec.lines.join("\n"));
  return spec.resource;
}

test("the compiled validator and the one that checks defaults and samples while generating refuse the same", async () => {
  const resource = await probe();
  const schema = resource.versions[0]?.schema.properties?.["spec"] ?? {};
  const compiledSchema = compile(resource);
  const check = (spec: Json): void => {
    const interpreted = violations(schema, spec, "spec").filter(({ keyword }) => keyword !== "unknown");
    const refused = { generating: spec === null || interpreted.length > 0, compiled: compiledSchema.errors({ spec }).length > 0 };
    // API servers, and what says the same as they, take a list for a text of a known format: nobody should build on that.
    if (spec !== null && Object.values(spec).some((each) => Array.isArray(each)) && !refused.compiled) return;
    expect({ spec, ...refused }).toEqual({ spec, generating: refused.compiled, compiled: refused.compiled });
  };
  for (const value of probeValues) check(value as Json);
  const specs = fc.dictionary(
    fc.constantFrom(...Object.keys(schema.properties ?? {})),
    fc.oneof(values, fc.array(values, { maxLength: 3 })),
    { maxKeys: 4 },
  );
  fc.assert(fc.property(specs, check), { numRuns: 2000, examples: [[{ items: [{}, { name: null }] }]] });
});

test("defaults that are filled in meet the schema, and filling them in again changes nothing", async () => {
  const resource = await probe();
  const compiled = compile(resource);
  const once: { spec: Json } = { spec: {} };
  compiled.applyDefaults(once);
  expect(once.spec).toEqual({ three: 3, filled: { x: "x" }, sevenOrNull: 7 });
  expect(compiled.errors(once)).toEqual([]);
  const twice = structuredClone(once);
  compiled.applyDefaults(twice);
  expect(twice).toEqual(once);
});

test("a sample meets its schema, whatever is required of it", async () => {
  const outcomes = await readSpecs({
    bounds: `interface Spec {
      /** @exclusiveMinimum 3 */ a: Int32; /** @maximum -5 */ b: number; /** @minimum 7\n@multipleOf 5 */ c: Int64;
      /** @pattern ^[A-Z]{3}-\\d+$ */ d: string; /** @minLength 20 */ e: string; /** @format uuid */ f: string;
      /** @minItems 2 */ g: { h: "x" | "y" }[]; /** @minProperties 2 */ i: Record<string, boolean>; j: Quantity; k: Base64; l: DateTime; m: [string, string];
      /** @maxLength 2 */ n: string; o: string | null; p: true; /** @example 9 */ q?: Int32; r?: string }`,
  });
  const { resource, lines } = outcomes.bounds;
  expect(lines).toEqual([]);
  const version = resource?.versions[0];
  if (resource === undefined || version === undefined) throw new Error("no resource");
  const sample = sampleObject(resource, version);
  expect(compile(resource).errors(sample)).toEqual([]);
  expect(sample["spec"]).toMatchObject({ a: 4, c: 10, q: 9 });
  expect(sample["spec"]).not.toHaveProperty("r");
});
