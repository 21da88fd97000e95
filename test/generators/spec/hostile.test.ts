import { expect, test } from "@jest/globals";
import fc from "fast-check";
import ts from "typescript";
import { parse } from "yaml";
import { derivedArtefacts, emitSample } from "../../../generators/emit/index.ts";
import { formatDiagnostic, type Resource } from "../../../generators/model/index.ts";
import { compile } from "../emit/compiled.ts";
import { readFiles, readSpecs } from "./cases.ts";

/** Every derived file is whole: YAML that parses under both versions, TypeScript without a syntax error. */
function expectWhole(resources: readonly Resource[]): void {
  for (const { path, text } of derivedArtefacts({ resources, accessRules: [] })) {
    if (path.endsWith(".yaml")) for (const version of ["1.1", "1.2"] as const) expect(parse(text, { version })).toBeTruthy();
    else expect([path, ts.transpileModule(text, { reportDiagnostics: true }).diagnostics]).toEqual([path, []]);
  }
  for (const resource of resources) {
    for (const version of resource.versions) expect(parse(emitSample(resource, version), { version: "1.1" })).toBeTruthy();
    compile(resource);
  }
}

const pieces = [
  "*\\/",
  "/*",
  "`",
  "${x}",
  "{{ y }}",
  "{{{",
  "yes: no",
  "- a",
  "# b",
  "'",
  '"',
  "\\",
  "\\n",
  "😀",
  "👨‍👩‍👧",
  "\u200f",
  "\u202e",
  "\u2028",
  "\u0085",
  "\ufeff",
  "\u0007",
  "<script>",
  "%",
  "|",
  ">",
  "@@",
  "é",
  "  ",
  "\t",
  "// x",
  "---",
  "...",
];

test("no description breaks a file, and each is the same in the CRD", async () => {
  const texts = fc
    .sample(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom("a", " ", "\n   * ")), { minLength: 1, maxLength: 12 }), {
      numRuns: 60,
      seed: 5,
    })
    .map((parts) => `x${parts.join("")}x`);
  const fields = texts.map((text, index) => `  /** ${text} */\n  f${index}?: string;`);
  const { resources, diagnostics } = await readFiles({
    "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
interface Spec {\n${fields.join("\n")}\n}\n/** ${texts[0] ?? ""} */\nexport interface Ship extends CustomResource<Spec> {}\n`,
  });
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  const properties = resources[0]?.versions[0]?.schema.properties?.["spec"]?.properties ?? {};
  texts.forEach((text, index) => {
    const words = (each: string): string[] => each.split(/[\s\u0085\ufeff]+/u).filter((word) => word !== "" && word !== "*");
    expect(words(properties[`f${index}`]?.description ?? "").join(" ")).toBe(words(text.replaceAll("*\\/", "*/")).join(" "));
  });
  expectWhole(resources);
});

test("no name of a field breaks a file", async () => {
  const names = [
    ...new Set([
      ...pieces.map((piece) => JSON.stringify(piece).replaceAll("\u2028", "\\u2028")),
      '"class"',
      '"default"',
      '"a b"',
      '"0"',
      '"-"',
      '"é"',
      '"check"',
      '"required"',
      '"value"',
    ]),
  ];
  const fields = names.map((name) => `  ${name}: { /** @minimum 1\n@default 2 */ a: Int32; list: { b: string }[] };`);
  const { spec } = await readSpecs({ spec: `interface Spec {\n${fields.join("\n")}\n}` });
  expect(spec.lines).toEqual([]);
  expect(Object.keys(spec.spec?.properties ?? {})).toHaveLength(names.length);
  expectWhole(spec.resource === undefined ? [] : [spec.resource]);
});

test("no default, pattern or literal breaks a file", async () => {
  const fields = pieces
    .filter((piece) => !/[\n\u2028\u0085]/.test(piece))
    .map((piece, index) => {
      const text = JSON.stringify(piece.replace("*\\/", "*/")).replaceAll("*/", "*\\/");
      return `  /** @default ${text} */\n  d${index}?: string;\n  /** @pattern ^[${piece.replace(/[\\\]^-]/g, "\\$&").replaceAll("*\\\\/", "*\\/")}]$ */\n  p${index}?: string;\n  l${index}?: ${JSON.stringify(piece)} | "x";`;
    });
  const { spec } = await readSpecs({ spec: `interface Spec {\n${fields.join("\n")}\n}` });
  expectWhole(spec.resource === undefined ? [] : [spec.resource]);
});

test("an interface of a thousand fields is read, and of ten thousand too", async () => {
  for (const count of [1_000, 10_000]) {
    const fields = Array.from(
      { length: count },
      (_each, index) => `  /** Field ${index}.\n   * @minimum ${index} */\n  f${index}?: Int32;`,
    );
    const { spec } = await readSpecs({ spec: `interface Spec {\n${fields.join("\n")}\n}` });
    expect(spec.lines).toEqual([]);
    expect(Object.keys(spec.spec?.properties ?? {})).toHaveLength(count);
    if (count === 1_000) expectWhole(spec.resource === undefined ? [] : [spec.resource]);
  }
});

test("nothing that stands in a types file makes the reader fail", async () => {
  const fragments = [
    "interface Spec {",
    "}",
    "f: ",
    "string",
    "[",
    "]",
    "<",
    ">",
    "extends ",
    "CustomResource<Spec>",
    "export ",
    "interface Ship ",
    "{}",
    ";",
    "/** @",
    "minimum",
    " */",
    "|",
    "&",
    "null",
    "typeof ",
    "keyof ",
    "T",
    "import(",
    '"',
    "'",
    "`",
    "any",
    "=>",
    "()",
    "?",
    ":",
    ",",
    "@resource scope=",
    "=",
    "\n",
    "enum E {",
    "1",
  ];
  const sources = fc
    .sample(fc.array(fc.constantFrom(...fragments), { maxLength: 25 }), { numRuns: 150, seed: 7 })
    .map((parts) => parts.join(""));
  const files = sources.map((source, index) => [
    `api/v1/f${index}.types.ts`,
    `import type { CustomResource } from "@kubescaffold/runtime/api";\n${source}\n`,
  ]);
  const { resources, diagnostics } = await readFiles(Object.fromEntries(files) as Record<string, string>);
  expect(diagnostics.every(({ place }) => place.line > 0 && place.column > 0)).toBe(true);
  expect(resources.length + diagnostics.length).toBeGreaterThan(0);
});
