import type { Schema } from "../../../generators/model/index.ts";

/** A field with its comment, and what the comment adds to the schema. */
export const appliedMarkers: Readonly<Record<string, readonly [field: string, schema: Schema]>> = {
  "bounds of an integer": [
    "/** @minimum 1\n * @maximum 5\n * @multipleOf 2 */ f: Int32",
    { type: "integer", format: "int32", minimum: 1, maximum: 5, multipleOf: 2 },
  ],
  "negative bounds and exponents": [
    "/** @minimum -1.5e3\n * @maximum +1_000 */ f: number",
    { type: "number", minimum: -1500, maximum: 1000 },
  ],
  "exclusive bounds with a number": [
    "/** @exclusiveMinimum 0\n@exclusiveMaximum 1 */ f: number",
    { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true },
  ],
  "exclusive bounds beside a bound": [
    "/** @minimum 0\n@exclusiveMinimum */ f: number",
    { type: "number", minimum: 0, exclusiveMinimum: true },
  ],
  lengths: ["/** @minLength 1\n * @maxLength 63 */ f: string", { type: "string", minLength: 1, maxLength: 63 }],
  "a pattern, to the end of its line": ["/** @pattern ^[a-z @]+(a|b)$ */ f: string", { type: "string", pattern: "^[a-z @]+(a|b)$" }],
  "a pattern in backticks": ["/** @pattern `^ a $` */ f: string", { type: "string", pattern: "^ a $" }],
  "a pattern with the end of a comment in it": ["/** @pattern ^(a*\\/)?b$ */ f: string", { type: "string", pattern: "^(a*/)?b$" }],
  "a format": ["/** @format ipv4 */ f: string", { type: "string", format: "ipv4" }],
  "numbers of items": [
    "/** @minItems 1\n * @maxItems 3 */ f: string[]",
    { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
  ],
  "numbers of keys": [
    "/** @minProperties 1\n * @maxProperties 3 */ f: Record<string, string>",
    { type: "object", additionalProperties: { type: "string" }, minProperties: 1, maxProperties: 3 },
  ],
  "a default number": ["/** @default 3 */ f?: Int32", { type: "integer", format: "int32", default: 3 }],
  "a default word": ["/** @default hello world */ f?: string", { type: "string", default: "hello world" }],
  "a default text in quotes": ['/** @default "a\\n\\u{1F600}" */ f?: string', { type: "string", default: "a\n😀" }],
  "a default number of a text": ["/** @default 11211 */ f?: string", { type: "string", default: "11211" }],
  "a default of an enum": ['/** @default b */ f?: "a" | "b"', { type: "string", enum: ["a", "b"], default: "b" }],
  "a default boolean": ["/** @default false */ f?: boolean", { type: "boolean", default: false }],
  "a default list": ["/** @default ['a', \"b\"] */ f?: string[]", { type: "array", items: { type: "string" }, default: ["a", "b"] }],
  "a default object over two lines": [
    "/** @default { a: 1,\n *   'b': [true, null], } */ f?: unknown",
    { "x-kubernetes-preserve-unknown-fields": true, default: { a: 1, b: [true, null] } },
  ],
  "a default quantity": ["/** @default 500m */ f?: Quantity", { default: "500m" }],
  "a default port by number": ["/** @default 80 */ f?: IntOrString", { default: 80 }],
  "an example": ["/** @example 5 */ f?: Int32", { type: "integer", format: "int32", example: 5 }],
  "an example that is code is left alone": [
    "/** @example\n * ```ts\n * const x = 1;\n * ``` */ f?: Int32",
    { type: "integer", format: "int32" },
  ],
  nullable: ["/** @nullable */ f?: string", { type: "string", nullable: true }],
  "a nullable choice is a pattern, as API servers refuse null for an enum": [
    '/** @nullable */ f?: "a" | "b.c"',
    { type: "string", pattern: "^(?:a|b\\.c)$", nullable: true },
  ],
  "a set": ["/** @listType set */ f?: string[]", { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" }],
  "a list with two keys": [
    "/** @listType map\n * @listMapKey a\n * @listMapKey b */ f?: { a: string; /** @default 1 */ b?: Int32 }[]",
    {
      type: "array",
      items: {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "integer", format: "int32", default: 1 } },
        required: ["a"],
      },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["a", "b"],
    },
  ],
  "an atomic map": [
    "/** @mapType atomic */ f?: Record<string, string>",
    { type: "object", additionalProperties: { type: "string" }, "x-kubernetes-map-type": "atomic" },
  ],
  rules: [
    `/** @validation rule="self.a <= self.b" message='a must not be above "b"' reason=FieldValueInvalid fieldPath=.a
      * @validation rule="has(self.a) || oldSelf.hasValue()" messageExpression="'no a'" optionalOldSelf=true */ f?: { a?: Int32; b?: Int32 }`,
    {
      type: "object",
      properties: { a: { type: "integer", format: "int32" }, b: { type: "integer", format: "int32" } },
      "x-kubernetes-validations": [
        { rule: "self.a <= self.b", message: 'a must not be above "b"', reason: "FieldValueInvalid", fieldPath: ".a" },
        { rule: "has(self.a) || oldSelf.hasValue()", messageExpression: "'no a'", optionalOldSelf: true },
      ],
    },
  ],
  "a choice of fields": [
    "/** @exactlyOneOf a b\n * @atMostOneOf b, c\n * @atLeastOneOf a c */ f?: { a?: string; b?: string; c?: string }",
    {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" }, c: { type: "string" } },
      "x-kubernetes-validations": [
        { rule: "(has(self.a)?1:0)+(has(self.b)?1:0) == 1", message: "exactly one of the fields in [a b] must be set" },
        { rule: "(has(self.b)?1:0)+(has(self.c)?1:0) <= 1", message: "at most one of the fields in [b c] may be set" },
        { rule: "has(self.a)||has(self.c)", message: "at least one of the fields in [a c] must be set" },
      ],
    },
  ],
  immutable: [
    "/** @immutable */ f: string",
    { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "field is immutable" }] },
  ],
  "a choice of fields whose names are words of CEL": [
    "/** @exactlyOneOf namespace a-b */ f?: { namespace?: string; 'a-b'?: string }",
    {
      type: "object",
      properties: { namespace: { type: "string" }, "a-b": { type: "string" } },
      "x-kubernetes-validations": [
        {
          rule: "(has(self.__namespace__)?1:0)+(has(self.a__dash__b)?1:0) == 1",
          message: "exactly one of the fields in [namespace a-b] must be set",
        },
      ],
    },
  ],
  "immutable fields that may be absent, which cannot be taken out either": [
    "f: { /** @immutable */ a?: string; /** @immutable */ b: string; /** @immutable */ if?: Int32 }",
    {
      type: "object",
      properties: {
        a: { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "field is immutable" }] },
        b: { type: "string", "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "field is immutable" }] },
        if: {
          type: "integer",
          format: "int32",
          "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "field is immutable" }],
        },
      },
      required: ["b"],
      "x-kubernetes-validations": [
        { rule: "!has(oldSelf.a) || has(self.a)", message: "field a is immutable once set" },
        { rule: "!has(oldSelf.__if__) || has(self.__if__)", message: "field if is immutable once set" },
      ],
    },
  ],
  "unknown fields that are kept": [
    "/** @preserveUnknownFields */ f?: { a?: string }",
    { type: "object", properties: { a: { type: "string" } }, "x-kubernetes-preserve-unknown-fields": true },
  ],
  "an embedded resource": [
    "/** @embeddedResource */ f?: unknown",
    { type: "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-embedded-resource": true },
  ],
  "text or number": [
    "/** @intOrString */ f?: string | number",
    { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
  ],
  "values of text and of number": [
    '/** @intOrString\n * @maxLength 5 */ f?: 80 | "http" | "https"',
    { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true, enum: [80, "http", "https"], maxLength: 5 },
  ],
  "a title and documentation": [
    '/** @title The field\n * @externalDocs url=https://example.com/x description="More of it" */ f?: string',
    { type: "string", title: "The field", externalDocs: { url: "https://example.com/x", description: "More of it" } },
  ],
  "a description above the markers": [
    "/** First line,\n *   second line.\n *\n * Third.\n * @minLength 1 */ f?: string",
    { type: "string", description: "First line,\n  second line.\n\nThird.", minLength: 1 },
  ],
  "a description with links, braces, quotes, markup, emoji and other directions": [
    "/** See {@link Foo} or {@link Bar | the bar}: {{ x }} # - * & ! % @ `a` 😀 \u200fעברית */ f?: string",
    { type: "string", description: "See Foo or the bar: {{ x }} # - * & ! % @ `a` 😀 \u200fעברית" },
  ],
  "the end of a comment in a description": ["/** One *\\/ two. */ f?: string", { type: "string", description: "One */ two." }],
  "an @ within a fence is text": [
    "/** Example:\n * ```\n * @minimum 3\n * ``` */ f?: string",
    { type: "string", description: "Example:\n```\n@minimum 3\n```" },
  ],
  "an @ within a line is text": [
    "/** Mail me@example.com or ask @someone. */ f?: string",
    { type: "string", description: "Mail me@example.com or ask @someone." },
  ],
  "documentation tags": [
    "/** Text.\n * @deprecated use g\n * @see https://example.com\n * @remarks long\n * @since 1.0\n * @author Me\n * @link x\n * @throws {Error} never */ f?: string",
    { type: "string", description: "Text." },
  ],
  "windows line ends": ["/**\r\n * Text.\r\n * @minLength 2\r\n */ f?: string", { type: "string", description: "Text.", minLength: 2 }],
  "the last of two comments": ["/** Old. */\n/** New. */\nf?: string", { type: "string", description: "New." }],
  "a plain comment says nothing": ["// @minimum 3\n/* @maximum 4 */ f?: Int32", { type: "integer", format: "int32" }],
};

/** A field with its comment, and the lines that it gets. The field stands on line 2. */
export const refusedMarkers: Readonly<Record<string, readonly [field: string, ...lines: string[]]>> = {
  "a spelling mistake": ["/** @minimun 1 */ f: Int32", "2:5: there is no marker @minimun; write @minimum"],
  "another case": ["/** @MaxLength 1 */ f: string", "2:5: there is no marker @MaxLength; write @maxLength"],
  "something quite different": [
    "/** @flavour sweet */ f: string",
    "2:5: there is no marker @flavour; take it out, or put a word before the @ where it is meant as text",
  ],
  "what Go writes": [
    "/** @optional\n@enum a,b */ f: string",
    "2:5: there is no marker @optional; write ? after the field's name",
    "3:1: there is no marker @enum; write a union of literals as the type",
  ],
  uniqueItems: [
    "/** @uniqueItems */ f: string[]",
    "2:5: there is no marker @uniqueItems; write @listType set, since API servers refuse uniqueItems",
  ],
  "a bound of a number on a text": [
    "/** @minimum 1 */ f: string",
    "2:5: @minimum is for integers and numbers, and spec.f is a string; write @minLength",
  ],
  "a length on a list": [
    "/** @maxLength 1 */ f: string[]",
    "2:5: @maxLength is for strings and int-or-strings, and spec.f is an array; write @maxItems",
  ],
  "a list type on a map": [
    "/** @listType map */ f: Record<string, string>",
    "2:5: @listType is for arrays, and spec.f is an object; write @mapType",
  ],
  "a pattern on a number": [
    "/** @pattern a */ f: Int32",
    "2:5: @pattern is for strings and int-or-strings, and spec.f is an integer; take it out",
  ],
  "a marker of the kind": [
    "/** @printColumn name=A type=string jsonPath=.a */ f: string",
    "2:5: @printColumn is for the interface of a kind; move it to the interface that extends CustomResource",
  ],
  "an access rule": [
    "/** @rbac verbs=get */ f: string",
    "2:5: @rbac is for the code that needs the access; move it to the reconciler's class in controllers/",
  ],
  "twice the same": ["/** @minLength 1\n * @minLength 2 */ f: string", "3:4: @minLength stands twice on spec.f; keep one of them"],
  "no number": ["/** @minimum */ f: Int32", "2:5: @minimum needs a number; write it like @minimum 1"],
  "a word for a number": ["/** @minimum one */ f: Int32", '2:5: @minimum needs a number, not "one"; write it like @minimum 1'],
  "two markers on one line": [
    "/** @minimum 1 @maximum 3 */ f: Int32",
    '2:5: @minimum needs a number, not "1 @maximum 3"; write it like @minimum 1',
  ],
  "a fraction for a length": [
    "/** @maxLength 1.5 */ f: string",
    '2:5: @maxLength needs a whole number from 0, not "1.5"; write it like @maxLength 63',
  ],
  "a negative length": [
    "/** @minItems -1 */ f: string[]",
    '2:5: @minItems needs a whole number from 0, not "-1"; write it like @minItems 1',
  ],
  "a multiple of nothing": ["/** @multipleOf 0 */ f: Int32", "2:5: @multipleOf needs a number above 0; write it like @multipleOf 5"],
  "a multiple of a fraction": [
    "/** @multipleOf 0.5 */ f: number",
    "2:5: @multipleOf needs a whole number, as API servers refuse whole values under a fraction; write it like @multipleOf 5",
  ],
  "bounds that exclude each other": [
    "/** @minimum 5\n * @maximum 1 */ f: Int32",
    "3:4: spec.f: @minimum 5 is above @maximum 1; no value can meet both: change one",
  ],
  "a default out of bounds": [
    "/** @maximum 5\n * @default 6 */ f?: Int32",
    "3:4: spec.f: the default 6 breaks the schema: 6 is not at most 5; change the default or the bound",
  ],
  "a default of another type": [
    "/** @default three */ f?: Int32",
    '2:5: @default needs a value as TypeScript or JSON writes it, not "three"; write it like @default 3',
  ],
  "a default that is not in the enum": [
    '/** @default c */ f?: "a" | "b"',
    '2:5: spec.f: the default "c" breaks the schema: "c" is none of "a", "b"; change the default or the bound',
  ],
  "a default with a field that is not there": [
    "/** @default { b: 1 } */ f?: { a?: Int32 }",
    '2:5: spec.f: the default {"b":1} breaks the schema: there is no field b; change the default or the bound',
  ],
  "a default without a required field": [
    "/** @default {} */ f?: { a: Int32 }",
    "2:5: spec.f: the default {} breaks the schema: a is required; change the default or the bound",
  ],
  "a pattern that looks ahead": [
    "/** @pattern ^(?=a)b */ f: string",
    "2:5: spec.f: @pattern looks ahead or behind, which RE2 cannot; say it without lookaround, or with @validation",
  ],
  "a pattern that refers back": [
    "/** @pattern (a)\\1 */ f: string",
    "2:5: spec.f: @pattern refers back to a group with \\1, which RE2 cannot; say it without backreferences, or with @validation",
  ],
  "a pattern in quotes": [
    '/** @pattern "^a$" */ f: string',
    "2:5: @pattern takes its quotes as part of the pattern: leave them out; write it like @pattern ^[a-z]+$",
  ],
  "an unknown list type": [
    "/** @listType list */ f: string[]",
    '2:5: @listType needs one of atomic, set, map, not "list"; write it like @listType map',
  ],
  "a list of items without their key": [
    "/** @listType map */ f: { a: string }[]",
    "2:5: spec.f: @listType map needs the fields that identify an item; add a line such as @listMapKey name",
  ],
  "a key that is not there": [
    "/** @listType map\n@listMapKey nam */ f: { name: string }[]",
    '3:1: spec.f: the items have no field "nam"; write one of name',
  ],
  "a key that may be absent": [
    "/** @listType map\n@listMapKey name */ f: { name?: string }[]",
    "3:1: spec.f: the key name may be absent; make the field required, or give it a @default",
  ],
  "a key that is an object": [
    "/** @listType map\n@listMapKey o */ f: { o: { a: string } }[]",
    "3:1: spec.f: the key o is no plain value; write a field that is a string, a number or a boolean",
  ],
  "a key without a list type": [
    "/** @listMapKey name */ f: { name: string }[]",
    "2:5: spec.f: @listMapKey needs @listType map; write both",
  ],
  "a set of objects": [
    "/** @listType set */ f: { a: string }[]",
    "2:5: spec.f: @listType set needs items that are compared as one value; write @listType map with @listMapKey, or @listType atomic",
  ],
  "a rule without a rule": [
    '/** @validation message="x" */ f: string',
    '2:5: @validation needs rule=…; write it like @validation rule="self.min <= self.max" message="min must not be above max"',
  ],
  "a rule that says nothing": [
    '/** @validation rule=" " */ f: string',
    '2:5: @validation needs rule=…; write it like @validation rule="self.min <= self.max" message="min must not be above max"',
  ],
  "a default beyond 64 bits": [
    "/** @default 99999999999999999999 */ f?: Int64",
    "2:5: spec.f: the default 100000000000000000000 breaks the schema: 100000000000000000000 is not of type integer; change the default or the bound",
  ],
  "a schema of no type": [
    '/** @schema { type: "strin" } */ f: string',
    '2:5: @schema needs one of string, integer, number, boolean, object, array for type; write it like @schema { oneOf: [{ required: ["file"] }, { required: ["url"] }] }',
  ],
  "a list for a schema": [
    "/** @schema { properties: { a: { items: [] } } } */ f: { a: string }",
    '2:5: @schema needs an object of the schema\'s keywords for properties.a.items; write it like @schema { oneOf: [{ required: ["file"] }, { required: ["url"] }] }',
  ],
  "a number for alternatives": [
    "/** @schema { allOf: 1 } */ f: string",
    '2:5: @schema needs a list of schemas for allOf; write it like @schema { oneOf: [{ required: ["file"] }, { required: ["url"] }] }',
  ],
  "a keyword further down that is none": [
    '/** @schema { not: { requierd: ["a"] } } */ f: { a?: string }',
    '2:5: @schema has no "not.requierd"; write it like @schema { oneOf: [{ required: ["file"] }, { required: ["url"] }] }',
  ],
  "a rule with a word that is not there": [
    '/** @validation rul="x" */ f: string',
    '2:5: @validation has no "rul": write rule; write it like @validation rule="self.min <= self.max" message="min must not be above max"',
  ],
  "a rule that is not in quotes": [
    "/** @validation self.a */ f: string",
    '2:5: @validation needs key=value, not "self.a"; write it like @validation rule="self.min <= self.max" message="min must not be above max"',
  ],
  "a format with a slip": [
    "/** @format ip-v4 */ f: string",
    "2:5: @format has a format that API servers do not know, ip-v4: write ipv4; write it like @format ipv4",
  ],
  "a nullable choice of numbers": [
    "/** @nullable */ f: 1 | 2",
    "2:5: @nullable makes no sense here, as API servers refuse null for an enum; write it like @nullable",
  ],
  "a choice of fields that are not there": [
    "/** @exactlyOneOf name other */ f: { name?: string; othr?: string }",
    "2:5: @exactlyOneOf names other, which is no field: write othr; write it like @exactlyOneOf file url",
  ],
  "a choice of a field that is always set": [
    "/** @exactlyOneOf a b */ f: { a?: string; b: string }",
    "2:5: @exactlyOneOf names b, which is always set: write ? after the field's name; write it like @exactlyOneOf file url",
  ],
  "a choice of one": [
    "/** @atMostOneOf a */ f: { a?: string }",
    "2:5: @atMostOneOf needs the names of two or more fields; write it like @atMostOneOf file url",
  ],
  "an argument too many": ["/** @nullable yes */ f: string", "2:5: @nullable takes no argument; write it like @nullable"],
};

/** The declaration of `Spec` with a field of a case. */
export function markerSource(field: string): string {
  return `interface Spec {\n${field} }`;
}
