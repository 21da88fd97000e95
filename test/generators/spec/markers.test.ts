import { beforeAll, describe, expect, test } from "@jest/globals";
import { readSpecs, type Outcome } from "./cases.ts";
import { appliedMarkers, markerSource, refusedMarkers } from "./marker-cases.ts";

let outcomes: Record<string, Outcome>;

beforeAll(async () => {
  const entries = [...Object.entries(appliedMarkers), ...Object.entries(refusedMarkers)].map(([name, [field]]) => [
    name,
    markerSource(field),
  ]);
  outcomes = await readSpecs(Object.fromEntries(entries) as Record<string, string>);
});

describe("a marker becomes part of the schema", () => {
  test.each(Object.keys(appliedMarkers))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual([]);
    const schema = outcomes[name]?.spec?.properties?.["f"];
    const wanted = appliedMarkers[name]?.[1] ?? {};
    if (wanted.type === undefined) expect(schema).toMatchObject(wanted);
    else expect(schema).toEqual(wanted);
  });
});

describe("a wrong marker is an error with its place and the right spelling", () => {
  test.each(Object.keys(refusedMarkers))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual(refusedMarkers[name]?.slice(1));
  });
});

test("a marker of a named type is an error at the name, once for all its uses", async () => {
  const { named } = await readSpecs({ named: "/** @minimun 1 */\ntype Port = Int32;\ninterface Spec { a: Port; b: Port[] }" });
  expect(named.lines).toEqual(["1:5: there is no marker @minimun; write @minimum"]);
});
