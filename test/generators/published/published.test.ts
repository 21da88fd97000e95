import { describe, expect, jest, test } from "@jest/globals";
import { findCrds, type CrdDocument } from "../../../generators/import/index.ts";
import { compile, messagesOf } from "../emit/compiled.ts";
import { compileErrors, imported, readBack } from "../import/round-trip.ts";
import { comparable } from "../import/same-crd.ts";
import { crdFiles, published } from "./packages.ts";
import { invalid, valid, type Sample } from "./samples.ts";

// The first time, modules are downloaded.
jest.setTimeout(300_000);

type Imported = ReturnType<typeof imported> & { readonly crd: CrdDocument };

const cache = new Map<string, Promise<Imported[]>>();

function crdsOf(source: (typeof published)[number]): Promise<Imported[]> {
  const known = cache.get(source.path);
  if (known !== undefined) return known;
  const found = crdFiles(source).then((files) =>
    files.flatMap(({ name, text }) => findCrds(text, name).crds).map((crd) => ({ crd, ...imported(crd) })),
  );
  cache.set(source.path, found);
  return found;
}

async function everything(): Promise<Imported[]> {
  return (await Promise.all(published.map(crdsOf))).flat();
}

function filesOf(all: readonly Imported[]): Map<string, string> {
  return new Map(all.flatMap(({ files }) => [...files]));
}

/** What the validator that is generated for a sample's version says of it. */
function errorsOf(all: readonly Imported[], sample: Sample): string[] {
  const [group = "", name = ""] = sample.apiVersion.split("/");
  const resource = all.find((each) => each.resource.group === group && each.resource.kind === sample.kind)?.resource;
  const versions = resource?.versions.filter((version) => version.name === name) ?? [];
  if (resource === undefined || versions.length === 0) throw new Error(`No imported CRD has ${sample.kind} of ${sample.apiVersion}`);
  return messagesOf(compile({ ...resource, versions }), sample);
}

describe.each(published)("$project $version", (source) => {
  test("every CRD is imported, and its TypeScript compiles under strict settings", async () => {
    const all = await crdsOf(source);
    expect({ crds: all.length, versions: all.reduce((sum, { resource }) => sum + resource.versions.length, 0) }).toEqual({
      crds: source.crds,
      versions: source.versions,
    });
    expect(compileErrors(filesOf(all))).toEqual([]);
  });

  test("from the TypeScript, the same CRD is generated again", async () => {
    const all = await crdsOf(source);
    const back = await readBack(
      all.map(({ resource }) => resource),
      filesOf(all),
    );
    expect(back.lines).toEqual([]);
    for (const [index, { crd }] of all.entries()) expect(comparable(back.crds[index])).toEqual(comparable(crd));
  });
});

test("valid samples have the types, and pass the validator", async () => {
  const all = await everything();
  const uses = valid.map((sample, index) => [`samples/sample${index}.ts`, useOf(sample)] as const);
  expect(compileErrors(new Map([...filesOf(all), ...uses]))).toEqual([]);
  for (const sample of valid) expect([sample.kind, errorsOf(all, sample)]).toEqual([sample.kind, []]);
});

test("what is wrong with a sample is said by the validator", async () => {
  const all = await everything();
  for (const { sample, errors } of invalid) expect(errorsOf(all, sample)).toEqual(errors);
});

function useOf(sample: Sample): string {
  const [group = "", version = ""] = sample.apiVersion.split("/");
  const file = `../api/${group}/${version}/${sample.kind.toLowerCase()}.ts`;
  return `import { ${sample.kind}, type I${sample.kind} } from "${file}";
export const sample: I${sample.kind} = ${JSON.stringify(sample)};
export const object: ${sample.kind} = new ${sample.kind}(sample);
`;
}
