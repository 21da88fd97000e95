import { beforeAll, describe, expect, test } from "@jest/globals";
import addFormats from "ajv-formats";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { emitJsonSchemas, sampleObject } from "../../../generators/emit/index.ts";
import type { Resource } from "../../../generators/model/index.ts";
import { readSpecs } from "../spec/cases.ts";
import { appliedMarkers, markerSource } from "../spec/marker-cases.ts";
import { probeSource, probeValues } from "../spec/probe.ts";
import { typeSources } from "../spec/type-cases.ts";
import { compile } from "./compiled.ts";
import { readFleet } from "./fleet.ts";

/** A validator that takes unknown keywords, misplaced ones and odd combinations for errors. */
function validators(resources: readonly Resource[]): Map<string, ValidateFunction> {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  return new Map(emitJsonSchemas(resources, "schemas").map(({ path, text }) => [path, ajv.compile(JSON.parse(text) as object)]));
}

test("files are called as checkers of manifests look for them", async () => {
  const { resources } = await readFleet();
  expect(emitJsonSchemas(resources, "docs/schemas").map(({ path }) => path)).toEqual([
    "docs/schemas/fleet.ships.io/frigate_v1.json",
    "docs/schemas/fleet.ships.io/frigate_v1beta1.json",
    "docs/schemas/fleet.ships.io/harbour_v1.json",
  ]);
});

test("the schema of every type and marker is one, and takes the sample", async () => {
  const markers = Object.entries(appliedMarkers).map(([name, [field]]) => [name, markerSource(field)]);
  const outcomes = await readSpecs({ ...typeSources(), ...(Object.fromEntries(markers) as Record<string, string>) });
  const resources = Object.values(outcomes).flatMap(({ resource }) => resource ?? []);
  expect(resources.length).toBeGreaterThan(90);
  const all = [...validators(resources).values()];
  for (const [index, resource] of resources.entries()) {
    const [version] = resource.versions;
    const validate = all[index];
    if (version === undefined || validate === undefined) throw new Error(resource.kind);
    validate(sampleObject(resource, version));
    expect([resource.kind, validate.errors ?? []]).toEqual([resource.kind, []]);
  }
});

/** Where JSON Schema, or the formats that its validators know, cannot say what API servers do. */
const different: readonly object[] = [
  // An API server truncates a bound with a fraction for a whole value.
  { half: 0 },
  // Keys of a list.
  { items: [{ name: "a" }, { name: "a", port: 1 }] },
  // A null that is dropped before the keys are counted.
  { map: { a: null } },
  // Spellings of times that only one of the two takes.
  { time: "2020-01-01 00:00:00Z" },
  { time: "2020-01-01T00:00:00+0200" },
  { time: "2020-01-01T00:00:00,5Z" },
  // Addresses as Go once read them.
  { v4: "010.0.0.1" },
  { v4: "::ffff:10.0.0.1" },
];

describe("an object is valid by the schema if it is by the API server", () => {
  let validate: ValidateFunction | undefined;
  let compiled: ReturnType<typeof compile>;

  beforeAll(async () => {
    const { probe } = await readSpecs({ probe: probeSource });
    if (probe.resource === undefined) throw new Error(probe.lines.join("\n"));
    validate = [...validators([probe.resource]).values()][0];
    compiled = compile(probe.resource);
  });

  test.each(probeValues.map((value) => [JSON.stringify(value), value]))("%s", (_text, spec) => {
    const object = { apiVersion: "test.example.com/v1", kind: "Case0", metadata: { name: "x" }, spec };
    expect(validate?.(object)).toBe(
      (compiled.errors(object).length === 0) !== different.some((each) => JSON.stringify(each) === JSON.stringify(spec)),
    );
  });
});
