import fc from "fast-check";

const word = fc.constantFrom(
  "a",
  "b-c",
  "x.y/z",
  "class",
  "0",
  "it's",
  'say "no"',
  "*/",
  "@at",
  "new\nline",
  "emoji 😀",
  "\u202eleft",
  "`tick`",
  " blank ",
  "*\\/",
  "${x}",
  "{{y}}",
);
const description = fc.oneof(
  word,
  fc
    .array(fc.oneof(word, fc.constantFrom("```", "~~~", "@minimum 3", "+kubebuilder:x", "", "  indented", "{@link Foo}", "text")), {
      maxLength: 4,
    })
    .map((lines) => lines.join("\n")),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const name = fc.constantFrom(
  "a",
  "size",
  "odd.name/with",
  "class",
  "0",
  "type",
  "with space",
  "quote'\"",
  "_x",
  "$y",
  "Ünïcode",
  "a-b",
  "__z",
);
const numbers = fc.constantFrom(0, 1, -1, 5, 1.5, 1e-7, 1e21, 2 ** 40);
const count = fc.nat(9);
const rule = fc.record(
  {
    rule: fc.oneof(word, fc.constant("self == oldSelf")),
    message: word,
    reason: fc.constantFrom("FieldValueInvalid", "FieldValueRequired"),
    fieldPath: fc.constant(".a"),
    optionalOldSelf: fc.boolean(),
  },
  { requiredKeys: ["rule"] },
);

/** What may stand on any schema. */
const anywhere = {
  description,
  title: word,
  nullable: fc.boolean(),
  "x-kubernetes-validations": fc.array(rule, { minLength: 1, maxLength: 2 }),
  externalDocs: fc.record({ url: word, description: word }, { requiredKeys: [] }),
};

/** Odd combinations that a marker cannot say, and a merge patch can. */
const logic = {
  allOf: fc.array(fc.record({ minLength: count, pattern: fc.constant("^a") }, { requiredKeys: ["minLength"] }), {
    minLength: 1,
    maxLength: 2,
  }),
  oneOf: fc.constantFrom(
    [{ required: ["a"] }, { required: ["size"] }],
    [{ properties: { a: { enum: [1] } } }, { not: { required: ["a"] } }],
  ),
  not: fc.constant({ required: ["b"] }),
};

function some(fixed: Record<string, unknown>, optional: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({ ...anywhere, ...logic, ...optional }, { requiredKeys: [] }).map((found) => ({ ...found, ...fixed }));
}

/** Any schema that a CRD may carry, and many that make little sense. */
export const schemas: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ schema: Record<string, unknown> }>((tie) => {
  const inner = tie("schema");
  const text = some(
    { type: "string" },
    {
      default: word,
      example: word,
      enum: fc.array(word, { minLength: 1, maxLength: 3 }),
      format: fc.constantFrom("date-time", "byte", "ipv4", "my-own", "int32"),
      pattern: fc.constantFrom("^a+$", "^`x`$", '"^y$"', " z ", "a*\\/", "\\p{Greek}"),
      minLength: count,
      maxLength: count,
      minimum: numbers,
    },
  );
  const number = fc.constantFrom("integer", "number").chain((type) =>
    some(
      { type },
      {
        default: numbers,
        example: numbers,
        enum: fc.array(numbers, { minLength: 1, maxLength: 3 }),
        format: fc.constantFrom("int32", "int64", "float", "double", "uint8", "byte"),
        minimum: numbers,
        maximum: numbers,
        exclusiveMinimum: fc.boolean(),
        multipleOf: numbers,
        maxLength: count,
      },
    ),
  );
  const other = fc.oneof(
    some({ type: "boolean" }, { default: fc.boolean(), enum: fc.constantFrom([true], [false], [true, false]) }),
    some({ "x-kubernetes-int-or-string": true }, { default: fc.oneof(word, fc.nat(9)), pattern: fc.constant("^a") }),
    some({ "x-kubernetes-preserve-unknown-fields": true }, { default: fc.constantFrom({ a: [1, { b: "*/" }] }, 3, "x") }),
    some(
      { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      { "x-kubernetes-embedded-resource": fc.boolean(), additionalProperties: fc.constant(true) },
    ),
    some(
      { type: "object" },
      { default: fc.constant({}), "x-kubernetes-map-type": fc.constantFrom("atomic", "granular"), maxProperties: count },
    ),
  );
  const list = inner.chain((items) =>
    some(
      { type: "array", items },
      {
        minItems: count,
        "x-kubernetes-list-type": fc.constantFrom("atomic", "set", "map"),
        "x-kubernetes-list-map-keys": fc.array(word, { minLength: 1, maxLength: 2 }),
        default: fc.constant([]),
      },
    ),
  );
  const map = inner.chain((additionalProperties) =>
    some({ type: "object", additionalProperties }, { minProperties: count, "x-kubernetes-preserve-unknown-fields": fc.boolean() }),
  );
  const fields = fc.dictionary(name, inner, { maxKeys: 4, noNullPrototype: true }).chain((properties) =>
    some(
      { type: "object", properties },
      {
        required: fc.subarray([...Object.keys(properties), "absent"]),
        "x-kubernetes-map-type": fc.constantFrom("atomic", "granular"),
        "x-kubernetes-preserve-unknown-fields": fc.boolean(),
        "x-kubernetes-embedded-resource": fc.boolean(),
      },
    ),
  );
  return { schema: fc.oneof({ maxDepth: 3 }, fc.oneof(text, number, other), list, map, fields) };
}).schema;
