/**
 * One custom resource definition and many objects, right and wrong: what a real kube-apiserver answers to their creation and change is in
 * `answers.jsonl`.
 */
import type { JsonObject, JsonSchema, JsonValue } from "../../../runtime/schema/index.ts";
import type { Step } from "../testing/embedded/apply/replica.ts";

const text: JsonSchema = { type: "string" };
const whole: JsonSchema = { type: "integer" };
const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: "array", items, ...more });

/** The schema of `spec`: every keyword that a CRD may use. */
const properties: Record<string, JsonSchema> = {
  bounded: { type: "integer", minimum: 1, maximum: 5 },
  open: { type: "number", minimum: 0.5, maximum: 9.5, exclusiveMinimum: true, exclusiveMaximum: true },
  even: { type: "integer", multipleOf: 2 },
  quarters: { type: "number", multipleOf: 0.25 },
  short: { type: "string", minLength: 2, maxLength: 4 },
  pattern: { type: "string", pattern: "^[a-z]+(-[0-9]{1,3})?$" },
  insensitive: { type: "string", pattern: "(?i)^abc[[:digit:]]$" },
  choice: { type: "string", enum: ["a", "b"] },
  numbers: { type: "integer", enum: [1, 2] },
  optional: { type: "string", nullable: true },
  flag: { type: "boolean", default: true },
  port: { "x-kubernetes-int-or-string": true },
  textList: list(text, { minItems: 1, maxItems: 3 }),
  set: list(text, { "x-kubernetes-list-type": "set" }),
  map: list(
    { type: "object", required: ["name"], properties: { name: text, kind: { type: "string", default: "x" }, value: whole } },
    { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "kind"] },
  ),
  single: list(
    { type: "object", required: ["name"], properties: { name: text, value: { type: "integer", maximum: 5 } } },
    { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] },
  ),
  labels: { type: "object", additionalProperties: { type: "string", maxLength: 3 }, minProperties: 1, maxProperties: 2 },
  closed: { type: "object", required: ["a", "b"], properties: { a: text, b: whole } },
  any: {
    type: "object",
    properties: { one: text, two: text, three: text },
    anyOf: [{ required: ["one"] }, { required: ["two", "three"] }],
  },
  exactlyOne: { type: "object", properties: { one: text, two: text }, oneOf: [{ required: ["one"] }, { required: ["two"] }] },
  all: { type: "string", allOf: [{ minLength: 2 }, { pattern: "^a" }] },
  not: { type: "string", not: { enum: ["forbidden"] } },
  nested: {
    type: "object",
    default: {},
    properties: {
      deep: {
        type: "object",
        default: { level: 1 },
        properties: { level: { type: "integer", default: 9 }, name: { type: "string", default: "n" } },
      },
    },
  },
  list: list({ type: "object", properties: { a: { type: "string", default: "d" } } }),
  entries: { type: "object", additionalProperties: { type: "object", properties: { a: { type: "integer", default: 7 } } } },
  preserved: {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    properties: { known: { type: "object", properties: { a: text } } },
  },
  anything: { "x-kubernetes-preserve-unknown-fields": true },
  embedded: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
};
const formats = [
  "date-time",
  "date",
  "duration",
  "email",
  "uri",
  "hostname",
  "ipv4",
  "ipv6",
  "cidr",
  "mac",
  "uuid",
  "byte",
  "int32",
  "hexcolor",
  "isbn",
  "ssn",
  "password",
  "k8s-short-name",
  "k8s-long-name",
  "unknown",
];
for (const format of formats) properties[`format-${format}`] = { type: "string", format };

/** The definition, defaulted as the server stores it. */
export const definition: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "samples.validation.example.com" },
  spec: {
    group: "validation.example.com",
    scope: "Namespaced",
    names: { plural: "samples", singular: "sample", kind: "Sample", listKind: "SampleList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties } as unknown as JsonObject,
              status: {
                type: "object",
                properties: { replicas: { type: "integer", minimum: 0 }, phase: { type: "string", enum: ["On", "Off"] } },
              },
            },
          },
        },
        subresources: { status: {}, scale: { specReplicasPath: ".spec.bounded", statusReplicasPath: ".status.replicas" } },
      },
    ],
  },
};

/** Path of the collection. */
export const collection = "/apis/validation.example.com/v1/namespaces/default/samples";

const head: JsonObject = { apiVersion: "validation.example.com/v1", kind: "Sample", metadata: { name: "sample", namespace: "default" } };
const sample = (spec: JsonObject): JsonObject => ({ ...head, spec });

/** Values of single fields; each is a create of its own. */
const values: readonly (readonly [string, JsonValue])[] = [
  ["bounded", 0],
  ["bounded", 5],
  ["bounded", 6],
  ["bounded", 1.5],
  ["bounded", 2.0],
  ["bounded", "3"],
  ["bounded", true],
  ["bounded", []],
  ["bounded", {}],
  ["bounded", null],
  ["bounded", -3],
  ["open", 0.5],
  ["open", 9.5],
  ["open", 9.49],
  ["open", 1],
  ["open", "x"],
  ["open", 1e21],
  ["even", 3],
  ["even", 4],
  ["quarters", 0.3],
  ["quarters", 0.75],
  ["short", "a"],
  ["short", "abcde"],
  ["short", "ääää"],
  ["short", "😀"],
  ["short", ""],
  ["short", 7],
  ["pattern", "abc-12"],
  ["pattern", "ABC"],
  ["pattern", 'a"b'],
  ["insensitive", "ABC1"],
  ["insensitive", "abcd"],
  ["choice", "a"],
  ["choice", "c"],
  ["choice", ""],
  ["choice", null],
  ["choice", 1],
  ["numbers", 3],
  ["numbers", "1"],
  ["optional", null],
  ["optional", 1],
  ["flag", null],
  ["flag", false],
  ["flag", "true"],
  ["port", 80],
  ["port", "http"],
  ["port", 1.5],
  ["port", true],
  ["port", {}],
  ["textList", []],
  ["textList", ["a", "b", "c", "d"]],
  ["textList", ["a", 1, null]],
  ["textList", "a"],
  ["textList", {}],
  ["set", ["a", "b"]],
  ["set", ["a", "b", "a", "a", "b"]],
  ["map", [{ name: "a" }, { name: "a", kind: "x" }]],
  ["map", [{ name: "a" }, { name: "a", kind: "y" }]],
  ["map", [{ kind: "x" }, "a"]],
  ["single", [{ name: "a" }, { name: "a", value: 9 }, { name: "b" }]],
  ["single", [null, { name: "a" }]],
  ["labels", {}],
  ["labels", { a: "1", b: "2", c: "3" }],
  ["labels", { a: "long", b: 1 }],
  ["closed", {}],
  ["closed", { a: "x", b: 1, c: 2 }],
  ["closed", { a: null, b: 1 }],
  ["any", {}],
  ["any", { two: "x" }],
  ["any", { one: "x" }],
  ["any", { one: 1 }],
  ["exactlyOne", {}],
  ["exactlyOne", { one: "a", two: "b" }],
  ["exactlyOne", { one: "a" }],
  ["all", "b"],
  ["all", "bc"],
  ["all", "ab"],
  ["not", "forbidden"],
  ["not", "allowed"],
  ["nested", {}],
  ["nested", { deep: {} }],
  ["nested", { deep: null }],
  ["nested", { deep: { level: null, name: "m" } }],
  ["nested", null],
  ["list", [{}, { a: "b" }, { a: null }]],
  ["entries", { x: {}, y: { a: 1 }, z: null }],
  ["preserved", { foo: { bar: 1 }, known: { a: "x", b: 2 } }],
  ["anything", { a: [1, { b: null }] }],
  ["anything", "text"],
  ["embedded", { apiVersion: "v1", kind: "Pod", metadata: { name: "a", foo: 1 }, spec: { x: 1 } }],
  ["embedded", {}],
  ["embedded", { apiVersion: "", kind: "bad kind", metadata: { labels: { "bad key": "x" } } }],
  ["embedded", { apiVersion: "a/b/c", kind: "Pod" }],
  ["unknown", 1],
];

const formatted: Readonly<Record<string, readonly JsonValue[]>> = {
  "date-time": ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123+02:00", "2026-01-02 03:04:05", "2026-13-02T03:04:05Z", 5],
  date: ["2026-02-28", "2026-02-30", "26-01-01"],
  duration: ["1h30m", "22 ns", "5 apples", "", "1.5s"],
  email: ["a@example.com", "A <a@example.com>", "a@", "a"],
  uri: ["https://example.com/x?y#z", "/path", "mailto:a", "example.com", "http://exa mple.com", ""],
  hostname: ["example.com", "-a.com", "a..b", "localhost", "a_b"],
  ipv4: ["10.0.0.1", "10.0.0.256", "::1", "010.0.0.1"],
  ipv6: ["::1", "10.0.0.1", "fe80::1%eth0", "::g"],
  cidr: ["10.0.0.0/8", "10.0.0.0", "10.0.0.0/33", "fe80::/64"],
  mac: ["00:11:22:33:44:55", "00-11-22-33-44-55", "0011.2233.4455", "00:11:22"],
  uuid: ["123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000", "123e4567"],
  byte: ["YQ==", "YQ", "?", ""],
  int32: ["x"],
  hexcolor: ["#fff", "ffffff", "#ffff"],
  isbn: ["0321751043", "978-0321751041", "1234567890"],
  ssn: ["111-22-3333", "111"],
  password: ["x"],
  "k8s-short-name": ["abc-1", "ABC", "a.b"],
  "k8s-long-name": ["a.b-c", "A.b", "a..b"],
  unknown: ["x"],
};

const create = (body: JsonValue, validation: NonNullable<Step["validation"]> = "Ignore"): Step => ({
  op: "create",
  manager: "tester",
  body,
  validation,
});

/** A name, and the requests in order; the answer to the last is compared. */
export interface SequenceCase {
  readonly name: string;
  readonly steps: readonly Step[];
}

const change = (before: JsonObject, after: JsonObject, subresource?: "status"): readonly Step[] => [
  create(sample(before)),
  { op: "merge", manager: "tester", body: after, ...(subresource === undefined ? {} : { subresource }) },
];

/** All cases. */
export const validationCases: readonly SequenceCase[] = [
  ...values.map(([field, value]) => ({ name: `${field}: ${JSON.stringify(value)}`, steps: [create(sample({ [field]: value }))] })),
  ...Object.entries(formatted).flatMap(([format, list]) =>
    list.map((value) => ({ name: `format ${format}: ${JSON.stringify(value)}`, steps: [create(sample({ [`format-${format}`]: value }))] })),
  ),
  {
    name: "several errors",
    steps: [create(sample({ bounded: 9, short: "a", closed: { b: "x" }, labels: { a: "long" }, set: ["a", "a"] }))],
  },
  { name: "no spec", steps: [create(head)] },
  { name: "spec of another type", steps: [create({ ...head, spec: "x" })] },
  { name: "spec null", steps: [create({ ...head, spec: null })] },
  { name: "another kind", steps: [create({ ...head, kind: "Other" })] },
  { name: "another version", steps: [create({ ...head, apiVersion: "validation.example.com/v2" })] },
  {
    name: "unknown fields, strict",
    steps: [
      create(
        {
          ...sample({ foo: 1, closed: { a: "x", b: 1, c: 1 }, list: [{ b: 1 }], preserved: { known: { b: 1 } } }),
          bar: {},
          metadata: { name: "sample", foo: 1 },
        },
        "Strict",
      ),
    ],
  },
  { name: "unknown fields, ignored", steps: [create({ ...sample({ foo: 1 }), bar: {}, metadata: { name: "sample", foo: 1 } })] },
  { name: "bad metadata", steps: [create({ ...head, metadata: { name: "Sample_", labels: { a: "b c" }, finalizers: ["x y"] } })] },
  { name: "metadata of a wrong type", steps: [create({ ...head, metadata: { name: "sample", labels: "x" } })] },
  { name: "number in a label", steps: [create({ ...head, metadata: { name: "sample", labels: { a: 1 } } })] },
  { name: "status is dropped", steps: [create({ ...sample({ bounded: 2 }), status: { phase: "On" } })] },
  { name: "changed to something wrong", steps: change({ bounded: 2 }, { spec: { bounded: 9 } }) },
  { name: "null removes a field", steps: change({ bounded: 2, short: "abc" }, { spec: { short: null } }) },
  { name: "null brings the default back", steps: change({ flag: false }, { spec: { flag: null } }) },
  { name: "duplicates in a changed list", steps: change({ set: ["a"] }, { spec: { set: ["a", "a"] } }) },
  { name: "status by the main resource", steps: change({ bounded: 2 }, { status: { phase: "On" } }) },
  {
    name: "status",
    steps: change({ bounded: 2 }, { status: { phase: "On" }, spec: { bounded: 4 }, metadata: { labels: { a: "b" } } }, "status"),
  },
  { name: "wrong status", steps: change({ bounded: 2 }, { status: { phase: "Maybe", replicas: -1 } }, "status") },
  { name: "same object again", steps: change({ bounded: 2 }, { spec: { bounded: 2 } }) },
  { name: "another name", steps: change({ bounded: 2 }, { metadata: { generation: 7, creationTimestamp: "2020-01-01T00:00:00Z" } }) },
  {
    name: "JSON patch that removes what is required",
    steps: [
      create(sample({ closed: { a: "x", b: 1 } })),
      { op: "json", manager: "tester", body: [{ op: "remove", path: "/spec/closed/a" }] },
    ],
  },
];
