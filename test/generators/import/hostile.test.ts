import { expect, jest, test } from "@jest/globals";
import { compileErrors, imported, readBack } from "./round-trip.ts";
import { comparable } from "./same-crd.ts";

// The compiler reads whatever was written.
jest.setTimeout(60_000);

type Crd = Readonly<Record<string, unknown>>;

function crdOf(kind: string, root: object): Crd {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: "object", ...root } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind, plural },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

const specOf = (kind: string, spec: object): Crd => crdOf(kind, { properties: { spec } });

/** Imports all, compiles what was written, and generates the CRDs again. */
async function roundTrip(crds: readonly Crd[]): Promise<void> {
  const all = crds.map(imported);
  const files = new Map(all.flatMap((each) => [...each.files]));
  expect(compileErrors(files)).toEqual([]);
  const back = await readBack(
    all.map(({ resource }) => resource),
    files,
  );
  expect(back.lines).toEqual([]);
  for (const [index, crd] of crds.entries()) expect(comparable(back.crds[index])).toEqual(comparable(crd));
}

const count = { type: "integer", format: "int32", default: 1 };

test("kinds may be called like what classes and types are made of", async () => {
  const kinds = [
    "Model",
    "ModelData",
    "TypeMetaGuard",
    "Omit",
    "Exclude",
    "Object",
    "Array",
    "Record",
    "Promise",
    "CustomResource",
    "Int32",
    "Symbol",
  ];
  await roundTrip(kinds.map((kind) => specOf(kind, { type: "object", properties: { count, list: { type: "array", items: count } } })));
});

test("fields may be called anything that objects are not called", async () => {
  const names = [
    "class",
    "new",
    "0",
    "-1",
    "a-b",
    "aB",
    "a_b",
    "A-B",
    "",
    " ",
    "💥",
    "\u202ertl",
    "\u2028",
    "*/",
    "`",
    "${x}",
    "{{y}}",
    "it's",
    'q"q',
    "a\\b",
    "a\nb",
    "@x",
    "#p",
    "prototype",
    "then",
    "default",
  ];
  const properties = Object.fromEntries(
    names.map((name, index) => [name, { type: "object", properties: { x: { type: "string", maxLength: index + 1 } }, required: ["x"] }]),
  );
  await roundTrip([specOf("Kite", { type: "object", properties, required: names.slice(0, 9) })]);
});

test.each(["__proto__", "constructor", "hasOwnProperty", "toString"])("but a field %s is refused", (name) => {
  const spec = { type: "object", properties: Object.fromEntries([[name, { type: "string" }]]) };
  expect(() => imported(specOf("Kite", spec))).toThrow(
    `The schema of kites.example.com v1.spec has a field ${name}, which is something else of every JavaScript object: it cannot be imported.`,
  );
});

test("nor may a field beside spec be called like a method of classes", () => {
  expect(() => imported(crdOf("Kite", { properties: { validate: { type: "string" } } }))).toThrow(
    "The CRD kites.example.com has a field validate in v1 beside spec, which is a method of every class: it cannot be imported.",
  );
});

test("texts may say anything, in descriptions, titles, defaults, enums, rules of several lines, and messages", async () => {
  const texts = [
    "*/", "/**", "*\\/", "\\u002a/", "* star", "@minimum 3", " @default 3", "+kubebuilder:validation:Minimum=3", "{{#if x}}", "${process.exit()}", "`x`",
    "emoji 😀", "\u202eleft", "a\u0000b", "---\nkind: X", "```\n@x", "~~~", "trailing \\", "a: b", "# no", "line\u2028line", "{@link X|y}", " lead", "\ttab",
    "// @ts-nocheck", "@ts-expect-error", "x".repeat(3000),
  ]; // prettier-ignore
  const properties = Object.fromEntries(
    texts.map((text, index) => [
      `f${index}`,
      {
        type: "string",
        description: text,
        title: text,
        default: text,
        example: text,
        enum: [text, "other"],
        "x-kubernetes-validations": [{ rule: `self != ${JSON.stringify(text)}\n  && self != 'x'`, message: text }],
      },
    ]),
  );
  await roundTrip([specOf("Kite", { type: "object", description: texts.join("\n"), properties })]);
});

test("enums of any values, null everywhere, free JSON at the root, whole objects inside, and choices", async () => {
  const anything = { "x-kubernetes-preserve-unknown-fields": true } as const;
  const whole = { type: "object", "x-kubernetes-embedded-resource": true, nullable: true, ...anything } as const;
  const choice = { "x-kubernetes-int-or-string": true, nullable: true } as const;
  const spec = {
    type: "object",
    nullable: true,
    properties: {
      mixed: { enum: ["a", 1, true, null, 1.5, { a: 1 }, [1]], ...anything },
      numbers: { type: "number", nullable: true, enum: [1, 1.5, -2, 1e21] },
      flag: { type: "boolean", enum: [true, false] },
      maybe: { type: "string", nullable: true, enum: ["a", null] },
      lists: {
        type: "array",
        nullable: true,
        items: { type: "array", nullable: true, items: { type: "string", nullable: true, enum: ["x"] } },
      },
      map: { type: "object", nullable: true, additionalProperties: { ...choice, pattern: "^a" } },
      whole,
      wholes: { type: "array", items: whole },
      old: { ...choice, allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { pattern: "^a" }] },
    },
    oneOf: [
      { required: ["flag"], not: { required: ["maybe"] } },
      { required: ["map"], properties: { map: { minProperties: 3 } } },
    ],
    anyOf: [{ required: ["flag"] }, { required: ["numbers"] }],
    not: { required: ["flag", "numbers"] },
  };
  await roundTrip([
    specOf("Kite", spec),
    crdOf("Free", anything),
    crdOf("Half", { properties: { data: { type: "object", additionalProperties: { type: "string" } } }, required: ["data"], ...anything }),
    specOf("Bare", anything),
    specOf("Text", { type: "string", enum: ["a"] }),
    specOf("List", { type: "array", items: spec }),
  ]);
});

test("ten thousand different objects take seconds, not minutes", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 10_000 }, (_each, index) => [
      `p${index}`,
      { type: "object", properties: { a: { type: "string", maxLength: index + 1 } } },
    ]),
  );
  const begin = performance.now();
  const { files } = imported(specOf("Kite", { type: "object", properties }));
  expect(files.get("api/example.com/v1/kite.types.ts")).toContain("export interface KiteP9999 {");
  expect(performance.now() - begin).toBeLessThan(50_000);
});
