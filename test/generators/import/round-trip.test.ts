import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { fileURLToPath } from "node:url";
import type { Resource } from "../../../generators/model/index.ts";
import { readFleet } from "../emit/fleet.ts";
import { readSpecs } from "../spec/cases.ts";
import { appliedMarkers, markerSource } from "../spec/marker-cases.ts";
import { typeSources } from "../spec/type-cases.ts";
import { schemas } from "./arbitraries.ts";
import { asSent, compileErrors, crdsBelow, imported, partsOf, readBack } from "./round-trip.ts";
import { comparable } from "./same-crd.ts";

// Each part is read by the compiler, and some are large.
jest.setTimeout(300_000);

const folder = process.env["KUBESCAFFOLD_FOREIGN_CRDS"] ?? fileURLToPath(new URL("data", import.meta.url));

test("every CRD of the folder in KUBESCAFFOLD_FOREIGN_CRDS compiles under strict settings, and generates an equal CRD again", async () => {
  const all = crdsBelow(folder).map((crd) => ({ crd, ...imported(crd) }));
  expect(all.length).toBeGreaterThan(0);
  const parts = partsOf(all, ({ resource }) => `${resource.group}/${resource.kind}`);
  const strange: string[] = [];
  for (const part of parts) {
    const files = new Map(part.flatMap((each) => [...each.files]));
    const back = await readBack(
      part.map(({ resource }) => resource),
      files,
    );
    expect(back.crds).toEqual(part.map(({ resource }) => asSent(resource)));
    for (const [index, { crd }] of part.entries()) expect(comparable(back.crds[index])).toEqual(comparable(crd));
    strange.push(...back.lines, ...compileErrors(files));
  }
  expect(strange).toEqual([]);
  if (process.env["KUBESCAFFOLD_FOREIGN_CRDS"] !== undefined) {
    const versions = all.reduce((sum, { resource }) => sum + resource.versions.length, 0);
    process.stderr.write(`${all.length} foreign CRDs with ${versions} versions import, compile and generate an equal CRD again\n`);
  }
});

/** Imports generated CRDs, and generates them again from the imported types. */
async function again(resources: readonly Resource[]): Promise<unknown[]> {
  const all = resources.map((resource) => imported(asSent(resource) as Record<string, unknown>));
  const { crds } = await readBack(resources, new Map(all.flatMap(({ files }) => [...files])));
  return crds;
}

test("a generated CRD that is imported and generated again is the same", async () => {
  const { resources } = await readFleet();
  expect(resources.length).toBeGreaterThan(1);
  expect(await again(resources)).toEqual(resources.map(asSent));
});

test("so is the CRD of every type and marker", async () => {
  const markers = Object.entries(appliedMarkers).map(([name, [field]]) => [name, markerSource(field)]);
  const outcomes = await readSpecs({ ...typeSources(), ...(Object.fromEntries(markers) as Record<string, string>) });
  const resources = Object.values(outcomes).flatMap(({ resource }) => resource ?? []);
  expect(resources.length).toBeGreaterThan(90);
  expect(await again(resources)).toEqual(resources.map(asSent));
});

test("so is whatever a schema can say", async () => {
  const property = fc.asyncProperty(fc.array(schemas, { minLength: 20, maxLength: 40 }), async (specs) => {
    const crds = specs.map((spec, index) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `kind${index}s.example.com` },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { kind: `Kind${index}`, plural: `kind${index}s` },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } }],
      },
    }));
    const all = crds.map(imported);
    const { crds: found, lines } = await readBack(
      all.map(({ resource }) => resource),
      new Map(all.flatMap(({ files }) => [...files])),
    );
    expect(
      lines.filter(
        (line) =>
          / is not a|there is no marker|is for |stands twice|needs |\(TS\d+\)/.test(line) &&
          !/breaks the schema|@listType|@listMapKey/.test(line),
      ),
    ).toEqual([]);
    expect(found).toEqual(all.map(({ resource }) => asSent(resource)));
  });
  await fc.assert(property, { numRuns: 12, endOnFailure: process.env["CI"] === undefined });
});
