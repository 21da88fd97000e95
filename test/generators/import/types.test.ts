import { expect, test } from "@jest/globals";
import { compileErrors, imported, readBack } from "./round-trip.ts";
import { comparable } from "./same-crd.ts";

/** A CRD of one version whose spec is as given. */
function crdOf(spec: object, more: object = {}): Record<string, unknown> {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "kites.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Kite", plural: "kites" },
      versions: [
        { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", properties: { spec }, ...more } } },
      ],
    },
  };
}

/** The types of a CRD, after it has been seen that they compile and lead back to it. */
async function typesOf(crd: Record<string, unknown>, ...code: readonly string[]): Promise<string> {
  const { resource, files } = imported(crd);
  const use = `import type { IKite } from "./api/example.com/v1/kite.ts";\n${code.join("\n")}\n`;
  expect(compileErrors(new Map([...files, ["use.ts", use]]))).toEqual([]);
  const back = await readBack([resource], files);
  expect(back.lines).toEqual([]);
  expect(comparable(back.crds[0])).toEqual(comparable(crd));
  return files.get("api/example.com/v1/kite.types.ts") ?? "";
}

const object = (text: string): string =>
  `export const kite: IKite = { apiVersion: "example.com/v1", kind: "Kite", metadata: {}, ${text} };`;

test("a field that is required and has a default may be left out, at any depth", async () => {
  const size = { type: "integer", default: 3 };
  const part = { type: "object", required: ["size", "name"], properties: { size, name: { type: "string" } } };
  const types = await typesOf(
    crdOf({
      type: "object",
      required: ["size", "part", "parts", "named"],
      properties: {
        size,
        part,
        parts: { type: "array", items: part },
        named: { type: "object", additionalProperties: { type: "object", required: ["size"], properties: { size } } },
      },
    }),
    object('spec: { part: { name: "a" }, parts: [{ name: "b" }], named: { c: {} } }'),
    `// @ts-expect-error -- no name\n${object("spec: { part: {}, parts: [], named: {} }").replace("kite:", "nameless:")}`,
  );
  expect(types).toContain("  size?: number;");
});

test("so may a whole spec", async () => {
  const crd = crdOf({ type: "object", default: {}, properties: { size: { type: "integer" } } }, { required: ["spec"] });
  await typesOf(crd, object("").replace(", }", " }"), object("spec: { size: 1 }").replace("kite:", "other:"));
});
