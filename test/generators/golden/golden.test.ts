import { beforeAll, describe, expect, test } from "@jest/globals";
import { readSpecs } from "../spec/cases.ts";
import { expectedCrds, generatedCrds, goldenCases } from "./cases.ts";

let generated: Awaited<ReturnType<typeof generatedCrds>>;

beforeAll(async () => {
  generated = await generatedCrds();
});

test("the types that controller-gen is tested with are taken as they stand in TypeScript", () => {
  expect(generated.lines).toEqual([]);
  expect(Object.keys(generated.crds).sort()).toEqual(Object.keys(goldenCases).sort());
});

describe("the CRD is the one that controller-gen makes of the same types in Go", () => {
  test.each(Object.keys(goldenCases))("%s", (name) => {
    expect(generated.crds[name]?.map(byVersion)).toEqual(expectedCrds(name).map(byVersion));
  });
});

describe("what controller-gen refuses is refused here", () => {
  const refused = {
    "a choice of fields further down": [
      "/** @atMostOneOf field.foo field.bar */\ninterface Spec { field?: { foo?: string; bar?: string } }",
      "1:5: @atMostOneOf names field.foo, which is no field: write one that is; write it like @atMostOneOf file url",
    ],
    "a choice of fields that are always there": [
      "interface Spec { /** @atMostOneOf foo bar */ f?: { foo: string; bar: string } }",
      "1:22: @atMostOneOf names foo, which is always set: write ? after the field's name; write it like @atMostOneOf file url",
    ],
    "an enum of a plain text": [
      "interface Spec {\n  // +k8s:enum\n  field?: string }",
      "2:6: there is no marker @enum; write a union of literals as the type",
    ],
    "anything at all": ["interface Spec { bar?: any }", "1:18: spec.bar is any, which no CRD can describe; write"],
  } as const;

  test.each(Object.keys(refused) as (keyof typeof refused)[])("%s", async (name) => {
    const [source, line] = refused[name];
    const { [name]: outcome } = await readSpecs({ [name]: source });
    expect(outcome?.lines).toEqual([expect.stringContaining(line)]);
  });
});

/** Versions are listed by priority here and by name there. */
function byVersion(crd: unknown): unknown {
  const copy = structuredClone(crd) as { spec: { versions: { name: string }[] } };
  copy.spec.versions.sort((a, b) => (a.name < b.name ? -1 : 1));
  return copy;
}
