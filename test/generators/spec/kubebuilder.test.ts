import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Schema } from "../../../generators/model/index.ts";
import { readFiles, readSpecs, type Outcome } from "./cases.ts";

/** A field with markers as Go people write them, and the field's schema. */
const fields: Readonly<Record<string, readonly [source: string, schema: Schema]>> = {
  "bounds in line comments": [
    "// +kubebuilder:validation:Minimum=1\n  // +kubebuilder:validation:Maximum=5\n  //+kubebuilder:validation:MultipleOf=2\n f: Int32",
    { type: "integer", format: "int32", minimum: 1, maximum: 5, multipleOf: 2 },
  ],
  "an exclusive bound, in any order": [
    "// +kubebuilder:validation:ExclusiveMinimum=true\n// +kubebuilder:validation:Minimum=0\n// +kubebuilder:validation:ExclusiveMaximum=false\n f: number",
    { type: "number", minimum: 0, exclusiveMinimum: true },
  ],
  "lines in the doc comment, which are no part of the description": [
    "/** The name.\n * +kubebuilder:validation:MinLength=1\n * +kubebuilder:validation:MaxLength=9\n * +kubebuilder:validation:Pattern=`^[a-z]+$` */ f: string",
    { type: "string", description: "The name.", minLength: 1, maxLength: 9, pattern: "^[a-z]+$" },
  ],
  "both spellings together": [
    '/** @maxLength 3 */\n// +kubebuilder:default="x"\n f?: string',
    { type: "string", maxLength: 3, default: "x" },
  ],
  "a pattern in quotes of Go": ['// +kubebuilder:validation:Pattern="^a\\\\.b$"\n f: string', { type: "string", pattern: "^a\\.b$" }],
  "an enum": ["// +kubebuilder:validation:Enum=a;b;c\n f: string", { type: "string", enum: ["a", "b", "c"] }],
  "an enum of numbers": ["// +kubebuilder:validation:Enum={1;2}\n f: Int32", { type: "integer", format: "int32", enum: [1, 2] }],
  items: [
    "// +kubebuilder:validation:items:MaxLength=3\n// +kubebuilder:validation:items:Enum=a;b\n// +kubebuilder:validation:MinItems=1\n f: string[]",
    { type: "array", minItems: 1, items: { type: "string", maxLength: 3, enum: ["a", "b"] } },
  ],
  "numbers of keys": [
    "// +kubebuilder:validation:MinProperties=1\n// +kubebuilder:validation:MaxProperties=2\n f: Record<string, string>",
    { type: "object", additionalProperties: { type: "string" }, minProperties: 1, maxProperties: 2 },
  ],
  "a type": ["// +kubebuilder:validation:Minimum=1\n// +kubebuilder:validation:Type=integer\n f: number", { type: "integer", minimum: 1 }],
  "a format": ["// +kubebuilder:validation:Format=uuid\n f: string", { type: "string", format: "uuid" }],
  "an int or string": [
    "// +kubebuilder:validation:XIntOrString\n f: string",
    { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
  ],
  "nullable and optional": ["// +nullable\n// +optional\n f?: string", { type: "string", nullable: true }],
  required: ["// +kubebuilder:validation:Required\n// +required\n f: string", { type: "string" }],
  "a default number": ["// +kubebuilder:default:=3\n f?: Int32", { type: "integer", format: "int32", default: 3 }],
  "a default list": ["// +kubebuilder:default={a,b}\n f?: string[]", { type: "array", items: { type: "string" }, default: ["a", "b"] }],
  "a default object": [
    '// +default={"a": 1}\n f?: { a: number }',
    { type: "object", properties: { a: { type: "number" } }, required: ["a"], default: { a: 1 } },
  ],
  "an example and a title": [
    "// +kubebuilder:example=5\n// +kubebuilder:title=Size\n f: Int32",
    { type: "integer", format: "int32", example: 5, title: "Size" },
  ],
  "a list of keys": [
    "// +listMapKey=name\n// +listType=map\n f: { name: string }[]",
    {
      type: "array",
      items: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    },
  ],
  "an atomic struct": [
    "// +structType=atomic\n f: { a: string }",
    { type: "object", properties: { a: { type: "string" } }, required: ["a"], "x-kubernetes-map-type": "atomic" },
  ],
  "unknown fields and embedded resources": [
    "// +kubebuilder:pruning:PreserveUnknownFields\n// +kubebuilder:validation:EmbeddedResource\n f: { a?: string }",
    {
      type: "object",
      properties: { a: { type: "string" } },
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
    },
  ],
  "a rule": [
    '// +kubebuilder:validation:XValidation:rule="self.a <= self.b, or \\"x\\"",message="a, b",reason=FieldValueInvalid,optionalOldSelf=true\n f: { a: number; b: number }',
    {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
      "x-kubernetes-validations": [
        { rule: 'self.a <= self.b, or "x"', message: "a, b", reason: "FieldValueInvalid", optionalOldSelf: true },
      ],
    },
  ],
  "declarative validation of Kubernetes": [
    "// +k8s:immutable\n// +k8s:listType=map\n// +k8s:listMapKey=a\n// +k8s:maxItems=3\n// +k8s:required\n f: { a: string }[]",
    {
      type: "array",
      items: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      maxItems: 3,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a"],
      "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "field is immutable" }],
    },
  ],
  "bounds of declarative validation": [
    "// +k8s:minimum=-1\n// +k8s:maximum=3\n f: Int32",
    { type: "integer", format: "int32", minimum: -1, maximum: 3 },
  ],
  "an enum, which the type is": ['// +k8s:enum\n f: "a" | "b"', { type: "string", enum: ["a", "b"] }],
  "items of a number or a text": [
    "// +kubebuilder:validation:items:XIntOrString\n// +kubebuilder:validation:items:MaxLength=3\n f: IntOrString[]",
    {
      type: "array",
      items: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true, maxLength: 3 },
    },
  ],
  "what says nothing here": ["// +k8s:openapi-gen=true\n// +genclient\n// + not a marker\n// +1 for this\n f: string", { type: "string" }],
};

const refused: Readonly<Record<string, readonly [source: string, ...lines: string[]]>> = {
  "an unknown marker": [
    "// +kubebuilder:validation:Minimun=1\n f: Int32",
    "2:4: there is no marker +kubebuilder:validation:Minimun; write one of",
  ],
  "an enum that the type is not": ["// +k8s:enum\n f: string", "2:4: there is no marker @enum; write a union of literals as the type"],
  "optional against the type": ["// +optional\n f: string", "2:4: there is no marker @optional; write ? after the field's name"],
  "unique items": [
    "// +kubebuilder:validation:UniqueItems=true\n f: string[]",
    "2:4: API servers refuse unique items; write +listType=set",
  ],
  "a wrong sort": [
    "// +kubebuilder:validation:MaxLength=1\n f: Int32",
    "2:4: @maxLength is for strings and int-or-strings, and spec.f is an integer; write @maximum",
  ],
  "an unknown argument": ["// +kubebuilder:validation:XValidation:rul=x\n f: Int32", "2:4: it has no rul; write rule"],
};

let outcomes: Record<string, Outcome>;

beforeAll(async () => {
  const sources = [...Object.entries(fields), ...Object.entries(refused)].map(([name, [source]]) => [
    name,
    `interface Spec {\n${source}\n}`,
  ]);
  outcomes = await readSpecs(Object.fromEntries(sources) as Record<string, string>);
});

describe("a marker of controller-gen becomes part of the schema", () => {
  test.each(Object.keys(fields))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual([]);
    expect(outcomes[name]?.spec?.properties?.["f"]).toEqual(fields[name]?.[1]);
  });
});

describe("a wrong one is an error with its place", () => {
  test.each(Object.keys(refused))("%s", (name) => {
    expect(outcomes[name]?.lines).toEqual((refused[name] ?? []).slice(1).map((line) => expect.stringContaining(line)));
  });
});

test("a kind's markers give names, columns and subresources", async () => {
  const { resources, diagnostics } = await readFiles({
    "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
// +genclient
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.crew,statuspath=.status.crew,selectorpath=.status.selector
// +kubebuilder:resource:path=ships,shortName=sh;shp,categories=all;fleet,scope=Cluster,singular=vessel
// +kubebuilder:printcolumn:name="Crew",type=integer,JSONPath=\`.spec.crew\`,description="a, b",priority=1
// +kubebuilder:selectablefield:JSONPath=.spec.name
// +kubebuilder:storageversion
// +kubebuilder:unservedversion
// +kubebuilder:deprecatedversion:warning="use v2"
// +kubebuilder:metadata:labels="team=fleet",annotations="a/b=c"
// +kubebuilder:validation:XValidation:rule="true"

/** A ship. */
export interface Ship extends CustomResource<{ crew: number; name: string }, { crew: number; selector?: string }> {}
`,
  });
  expect(diagnostics).toEqual([]);
  expect(resources).toMatchObject([
    {
      plural: "ships",
      singular: "vessel",
      shortNames: ["sh", "shp"],
      categories: ["all", "fleet"],
      scope: "Cluster",
      labels: { team: "fleet" },
      annotations: { "a/b": "c" },
      versions: [
        {
          served: false,
          storage: true,
          deprecated: { warning: "use v2" },
          status: true,
          scale: { specReplicasPath: ".spec.crew", statusReplicasPath: ".status.crew", labelSelectorPath: ".status.selector" },
          printColumns: [{ name: "Crew", type: "integer", jsonPath: ".spec.crew", description: "a, b", priority: 1 }],
          selectableFields: [".spec.name"],
          schema: { description: "A ship.", "x-kubernetes-validations": [{ rule: "true" }] },
        },
      ],
    },
  ]);
});

test("access rules are read from line comments", async () => {
  const { accessRules, diagnostics } = await readFiles({
    "controllers/ship.controller.ts": `export class A {
  // +kubebuilder:rbac:groups=apps,resources=deployments;replicasets,verbs=get;list
  // +kubebuilder:rbac:groups="",resources=pods,verbs=get,namespace=ships
  // +kubebuilder:rbac:urls=/metrics,verbs=get

  reconcile() {}
}`,
  });
  expect(diagnostics).toEqual([]);
  expect(accessRules).toMatchObject([
    { groups: ["apps"], resources: ["deployments", "replicasets"], verbs: ["get", "list"], place: { line: 2, column: 6 } },
    { groups: [""], resources: ["pods"], verbs: ["get"], namespace: "ships" },
    { groups: [], urls: ["/metrics"], verbs: ["get"] },
  ]);
});
