import { expect, test } from "@jest/globals";
import { refusals } from "../../../generators/emit/index.ts";
import { formatDiagnostic, type Resource } from "../../../generators/model/index.ts";
import { readFleet } from "./fleet.ts";
import { readSpecs } from "../spec/cases.ts";

async function refusalsOf(source: string): Promise<string[]> {
  const { one } = await readSpecs({ one: source });
  expect(one.lines).toEqual([]);
  return (await refusals(one.resource as Resource)).map(formatDiagnostic);
}

test("what API servers take is not refused", async () => {
  for (const resource of (await readFleet()).resources) expect(await refusals(resource)).toEqual([]);
});

test("a rule that does not compile is refused, at its kind", async () => {
  expect(await refusalsOf('interface Spec { /** @validation rule="self.size() <" */ a: string }')).toEqual([
    expect.stringMatching(
      /^api\/v1\/case0\.types\.ts:\d+:18: API servers refuse this kind: spec\.a\.x-kubernetes-validations\[0\]\.rule: "self\.size\(\) <" does not compile, at \d+: Syntax error: /,
    ),
  ]);
});

test("a reason that there is not is refused", async () => {
  expect(
    await refusalsOf('interface Spec { /** @schema { "x-kubernetes-validations": [{ rule: "true", reason: "Odd" }] } */ a: string[] }'),
  ).toEqual([expect.stringContaining('spec.a.x-kubernetes-validations[0].reason: Unsupported value: "Odd"')]);
});

test("what one version says is told of that version", async () => {
  const { resources } = await readFleet();
  const [frigate] = resources;
  if (frigate === undefined) throw new Error("no frigate");
  const versions = frigate.versions.map((version, index) =>
    index === 1 ? { ...version, schema: { ...version.schema, "x-kubernetes-validations": [{ rule: "self." }] } } : version,
  );
  expect((await refusals({ ...frigate, versions })).map(({ place }) => place.file)).toEqual([versions[1]?.typesFile]);
});

test("a rule that may cost too much is refused, with what makes it cheaper; one that does not fit its types, too", async () => {
  const rule = '/** @validation rule="self.all(x, self.exists(y, x == y))" */';
  expect(await refusalsOf(`interface Spec { ${rule} a: string[] }`)).toEqual([
    expect.stringContaining(
      "spec.a.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x",
    ),
    expect.stringContaining("contributed to estimated rule cost total"),
    expect.stringContaining("the whole schema: Forbidden: x-kubernetes-validations estimated rule cost total"),
  ]);
  expect(
    await refusalsOf(`interface Spec { /** @maxItems 9 */ b?: Word[]; ${rule.replace("/**", "/** @maxItems 4\n *")} a: Word[] }
/** @maxLength 9 */ type Word = string`),
  ).toEqual([]);
  expect(await refusalsOf('interface Spec { /** @validation rule="self.size() > 1" */ a: Int32 }')).toEqual([
    expect.stringContaining('"self.size() > 1" does not compile, at'),
  ]);
});
