import { beforeAll, describe, expect, test } from "@jest/globals";
import { readSpecs, type Outcome } from "./cases.ts";
import { fieldTypes, specTypes, typeSources } from "./type-cases.ts";

let outcomes: Record<string, Outcome>;

beforeAll(async () => {
  outcomes = await readSpecs(typeSources());
});

describe("a field's type becomes a schema", () => {
  test.each(Object.keys(fieldTypes))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual([]);
    expect(outcomes[name]?.spec?.properties?.["f"]).toEqual(fieldTypes[name]?.schema);
  });
});

describe("declarations become a schema", () => {
  test.each(Object.keys(specTypes))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual([]);
    expect(outcomes[name]?.spec).toEqual(specTypes[name]?.schema);
  });
});

test("a Condition is metav1's, with its descriptions, bounds and patterns", async () => {
  const { conditions } = await readSpecs({
    conditions: "interface Spec { /** @listType map\n @listMapKey type */ conditions?: Condition[] }",
  });
  expect(conditions.lines).toEqual([]);
  const schema = conditions.spec?.properties?.["conditions"];
  expect(schema).toMatchObject({ type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });
  expect(schema?.items?.required).toEqual(["type", "status", "lastTransitionTime", "reason", "message"]);
  expect(schema?.items?.properties?.["type"]).toMatchObject({
    maxLength: 316,
    pattern: "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
  });
  expect(schema?.items?.properties?.["observedGeneration"]).toMatchObject({ type: "integer", format: "int64", minimum: 0 });
});
