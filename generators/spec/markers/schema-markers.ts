import { knownFormats, type Schema } from "../../model/index.ts";
import { celName } from "../cel-names.ts";
import { immutableRule } from "../immutable.ts";
import { parseLiteral } from "../literals.ts";
import { nullableSchema } from "../well-known.ts";
import { count as wholeNumber, json, line, nearest, none, number, oneOf, pairs, type Argument } from "./arguments.ts";
import { keywords, schemaProblem } from "./schema-shape.ts";

/** What sort of value a schema describes, as markers distinguish them. */
export type Sort = "string" | "integer" | "number" | "boolean" | "array" | "object" | "int-or-string" | "any";

/** A marker for fields, and for the named types of fields. */
export interface SchemaMarker {
  readonly name: string;
  /** The sorts of value that it is for; absent means all. */
  readonly on?: readonly Sort[];
  /** May stand more than once on one declaration. */
  readonly repeatable?: true;
  /** One sentence for the reference page. */
  readonly summary: string;
  readonly example: string;
  /** What the marker makes of the schema so far. */
  apply(text: string, schema: Schema, sort: Sort): Argument<Schema>;
}

const numbers: readonly Sort[] = ["integer", "number"];

function setting<T>(parse: (text: string) => Argument<T>, set: (value: T, schema: Schema) => Schema): SchemaMarker["apply"] {
  return (text, schema) => {
    const argument = parse(text);
    return "problem" in argument ? argument : { value: { ...schema, ...set(argument.value, schema) } };
  };
}

/** Every marker of the schema kind; the reference page lists them in this order. */
export const schemaMarkers: readonly SchemaMarker[] = [
  {
    name: "minimum",
    on: numbers,
    summary: "The least value that is allowed.",
    example: "@minimum 1",
    apply: setting(number, (minimum) => ({ minimum })),
  },
  {
    name: "maximum",
    on: numbers,
    summary: "The greatest value that is allowed.",
    example: "@maximum 5",
    apply: setting(number, (maximum) => ({ maximum })),
  },
  {
    name: "exclusiveMinimum",
    on: numbers,
    summary: "Values must be greater than this one. Without a number, the value of `@minimum` itself is not allowed.",
    example: "@exclusiveMinimum 0",
    apply: exclusive("minimum", "exclusiveMinimum"),
  },
  {
    name: "exclusiveMaximum",
    on: numbers,
    summary: "Values must be less than this one. Without a number, the value of `@maximum` itself is not allowed.",
    example: "@exclusiveMaximum 100",
    apply: exclusive("maximum", "exclusiveMaximum"),
  },
  {
    name: "multipleOf",
    on: numbers,
    summary: "Values must be a multiple of this one.",
    example: "@multipleOf 5",
    apply: (text, schema) => {
      const argument = number(text);
      if ("problem" in argument) return argument;
      if (argument.value <= 0) return { problem: "needs a number above 0" };
      // kube-openapi truncates the factor for a value without a fraction, and 0 divides nothing.
      if (!Number.isInteger(argument.value))
        return { problem: "needs a whole number, as API servers refuse whole values under a fraction" };
      return { value: { ...schema, multipleOf: argument.value } };
    },
  },
  {
    name: "minLength",
    on: ["string", "int-or-string"],
    summary: "The least number of characters.",
    example: "@minLength 1",
    apply: setting(wholeNumber, (minLength) => ({ minLength })),
  },
  {
    name: "maxLength",
    on: ["string", "int-or-string"],
    summary: "The greatest number of characters.",
    example: "@maxLength 63",
    apply: setting(wholeNumber, (maxLength) => ({ maxLength })),
  },
  {
    name: "pattern",
    on: ["string", "int-or-string"],
    summary: "An RE2 regular expression that the value must contain a match of: write `^` and `$` to match all of it.",
    example: "@pattern ^[a-z]+$",
    apply: setting(pattern, (value) => ({ pattern: value })),
  },
  {
    name: "format",
    on: ["string", "integer", "number"],
    summary: "A named format, such as `ipv4`, `uuid` or `date-time`; the API server ignores names that it does not know.",
    example: "@format ipv4",
    apply: setting(format, (value) => ({ format: value })),
  },
  {
    name: "minItems",
    on: ["array"],
    summary: "The least number of items.",
    example: "@minItems 1",
    apply: setting(wholeNumber, (minItems) => ({ minItems })),
  },
  {
    name: "maxItems",
    on: ["array"],
    summary: "The greatest number of items.",
    example: "@maxItems 16",
    apply: setting(wholeNumber, (maxItems) => ({ maxItems })),
  },
  {
    name: "minProperties",
    on: ["object"],
    summary: "The least number of fields or keys.",
    example: "@minProperties 1",
    apply: setting(wholeNumber, (minProperties) => ({ minProperties })),
  },
  {
    name: "maxProperties",
    on: ["object"],
    summary: "The greatest number of fields or keys.",
    example: "@maxProperties 8",
    apply: setting(wholeNumber, (maxProperties) => ({ maxProperties })),
  },
  {
    name: "default",
    summary: "The value that the API server fills in where the field is absent.",
    example: "@default 3",
    apply: (text, schema, sort) => {
      const argument = json(text, expectedText(sort));
      return "problem" in argument ? argument : { value: { ...schema, default: argument.value } };
    },
  },
  {
    name: "example",
    summary: "A value for documentation, and for the sample. Code, as JSDoc has it after `@example`, is left alone.",
    example: "@example memcached:1.6",
    apply: (text, schema, sort) => {
      const argument = json(text, text.includes("\n") ? "any" : expectedText(sort));
      return { value: "problem" in argument || schema.example !== undefined ? schema : { ...schema, example: argument.value } };
    },
    repeatable: true,
  },
  {
    name: "nullable",
    summary: "The field may be null. A union with null says the same.",
    example: "@nullable",
    apply: (text, schema) => {
      const argument = none(text);
      if ("problem" in argument) return argument;
      const value = nullableSchema(schema);
      return value === undefined ? { problem: "makes no sense here, as API servers refuse null for an enum" } : { value };
    },
  },
  {
    name: "listType",
    on: ["array"],
    summary: "How server-side apply merges the list: `atomic`, `set` or `map` (which needs `@listMapKey`).",
    example: "@listType map",
    apply: setting(oneOf(["atomic", "set", "map"]), (value) => ({ "x-kubernetes-list-type": value })),
  },
  {
    name: "listMapKey",
    on: ["array"],
    summary: "A field of the items that identifies an item of a `@listType map`; several markers make a combined key.",
    example: "@listMapKey type",
    repeatable: true,
    apply: setting(line, (key, schema) => ({ "x-kubernetes-list-map-keys": [...(schema["x-kubernetes-list-map-keys"] ?? []), key] })),
  },
  {
    name: "mapType",
    on: ["object"],
    summary: "Whether server-side apply merges the object field by field (`granular`) or as one value (`atomic`).",
    example: "@mapType atomic",
    apply: setting(oneOf(["atomic", "granular"]), (value) => ({ "x-kubernetes-map-type": value })),
  },
  {
    name: "validation",
    summary: "A CEL rule; `self` is the value, `oldSelf` the value before an update.",
    example: '@validation rule="self.min <= self.max" message="min must not be above max"',
    repeatable: true,
    apply: setting(validation, (rule, schema) => ({ "x-kubernetes-validations": [...(schema["x-kubernetes-validations"] ?? []), rule] })),
  },
  {
    name: "exactlyOneOf",
    on: ["object"],
    summary: "Of these fields one is set, and no other.",
    example: "@exactlyOneOf file url",
    repeatable: true,
    apply: choice("exactly one", (fields) => `${count(fields)} == 1`),
  },
  {
    name: "atMostOneOf",
    on: ["object"],
    summary: "Of these fields no two are set at once.",
    example: "@atMostOneOf file url",
    repeatable: true,
    apply: choice("at most one", (fields) => `${count(fields)} <= 1`),
  },
  {
    name: "atLeastOneOf",
    on: ["object"],
    summary: "Of these fields at least one is set.",
    example: "@atLeastOneOf file url",
    repeatable: true,
    apply: choice("at least one", (fields) => fields.map(isSet).join("||")),
  },
  {
    name: "immutable",
    summary: "The value cannot be changed once it is set.",
    example: "@immutable",
    apply: setting(none, (_true, schema) => ({
      "x-kubernetes-validations": [...(schema["x-kubernetes-validations"] ?? []), immutableRule],
    })),
  },
  {
    name: "preserveUnknownFields",
    on: ["object", "array", "any"],
    summary: "Fields that the type does not name are kept, and a type that contains itself is cut here.",
    example: "@preserveUnknownFields",
    apply: setting(none, (_true, schema) => preserving(schema)),
  },
  {
    name: "embeddedResource",
    on: ["object", "any"],
    summary: "The value is a whole Kubernetes object with apiVersion, kind and metadata.",
    example: "@embeddedResource",
    apply: setting(none, () => ({ type: "object", "x-kubernetes-embedded-resource": true })),
  },
  {
    name: "intOrString",
    summary: "The value is a whole number or a string; for `string | number`. The type IntOrString says the same.",
    example: "@intOrString",
    apply: setting(none, () => ({})),
  },
  {
    name: "type",
    summary: "The schema's type, where it is to be another than the one that the TypeScript type gives.",
    example: "@type string",
    apply: setting(oneOf(["string", "integer", "number", "boolean", "object", "array"]), (type) => ({ type })),
  },
  {
    name: "title",
    summary: "The schema's title.",
    example: "@title Image name",
    apply: setting(line, (title) => ({ title })),
  },
  {
    name: "externalDocs",
    summary: "Where to read more.",
    example: '@externalDocs url=https://example.com/docs description="The manual"',
    apply: setting(
      (text) => pairs(text, { url: { required: true }, description: {} }),
      (found) => {
        const description = found.get("description")?.[0];
        return { externalDocs: { url: found.get("url")?.[0] ?? "", ...(description === undefined ? {} : { description }) } };
      },
    ),
  },
  {
    name: "description",
    summary: "The description, where the comment's own text cannot say it; in quotes, with escapes, or as it stands.",
    example: '@description "Ends with */ and begins with @"',
    apply: (_text, schema) => ({ value: schema }), // docs.ts takes it as the comment's text
  },
  {
    name: "schema",
    summary: "What no other marker says, as a JSON merge patch of the schema: `allOf`, `anyOf`, `oneOf`, `not`; null takes a keyword out.",
    repeatable: true,
    example: '@schema { oneOf: [{ required: ["file"] }, { required: ["url"] }] }',
    apply: patched,
  },
];

/** Markers for schemas that make sense on a kind too. */
export function isRootMarker(name: string): boolean {
  return ["validation", "externalDocs", "title", "preserveUnknownFields", "schema"].includes(name);
}

function patched(text: string, schema: Schema): Argument<Schema> {
  const patch = parseLiteral(text)?.value;
  if (!isObject(patch)) return { problem: "needs an object of the schema's keywords" };
  const odd = Object.keys(patch).find((keyword) => !keywords.includes(keyword));
  if (odd !== undefined)
    return { problem: `has no ${JSON.stringify(odd)}: write ${nearest(odd, keywords) ?? "a keyword of a structural schema"}` };
  const problem = schemaProblem(patch);
  if (problem !== undefined) return { problem };
  return { value: merged(schema, patch) };
}

/** RFC 7386: maps are merged, null removes, all else replaces. */
function merged(target: object, patch: object): object {
  const result = new Map<string, unknown>(Object.entries(target));
  for (const [key, value] of Object.entries(patch) as [string, unknown][]) {
    const before = result.get(key);
    if (value === null) result.delete(key);
    else result.set(key, isObject(value) && isObject(before) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function exclusive(bound: "minimum" | "maximum", flag: "exclusiveMinimum" | "exclusiveMaximum"): SchemaMarker["apply"] {
  return (text, schema) => {
    if (text === "") {
      return schema[bound] === undefined ? { problem: `needs a number, or @${bound} above it` } : { value: { ...schema, [flag]: true } };
    }
    const argument = number(text);
    return "problem" in argument ? argument : { value: { ...schema, [bound]: argument.value, [flag]: true } };
  };
}

/** A CEL rule about which of some optional fields are set. Rules and messages are controller-gen's, so that a CRD that moves over stays the same. */
function choice(words: string, rule: (fields: readonly string[]) => string): SchemaMarker["apply"] {
  return (text, schema) => {
    const fields = text.split(/[\s,]+/).filter((field) => field !== "");
    if (new Set(fields).size < 2 || new Set(fields).size < fields.length) return { problem: "needs the names of two or more fields" };
    const absent = fields.find((field) => !Object.hasOwn(schema.properties ?? {}, field));
    if (absent !== undefined)
      return {
        problem: `names ${absent}, which is no field: write ${nearest(absent, Object.keys(schema.properties ?? {})) ?? "one that is"}`,
      };
    const always = fields.find((field) => schema.required?.includes(field));
    if (always !== undefined) return { problem: `names ${always}, which is always set: write ? after the field's name` };
    const message = `${words} of the fields in [${fields.join(" ")}] ${words === "at most one" ? "may" : "must"} be set`;
    return {
      value: { ...schema, "x-kubernetes-validations": [...(schema["x-kubernetes-validations"] ?? []), { rule: rule(fields), message }] },
    };
  };
}

function isSet(field: string): string {
  return `has(self.${celName(field)})`;
}

function count(fields: readonly string[]): string {
  return fields.map((field) => `(${isSet(field)}?1:0)`).join("+");
}

function expectedText(sort: Sort): "text" | "text or number" | "any" {
  return sort === "string" ? "text" : sort === "int-or-string" ? "text or number" : "any";
}

/** Of a list, it is about the items. */
function preserving(schema: Schema): Schema {
  if (schema.type !== "array") return { "x-kubernetes-preserve-unknown-fields": true };
  return { items: { ...schema.items, ...preserving(schema.items ?? {}) } };
}

/** Names that the server does not know are allowed, but not those that look like a slip. */
function format(text: string): Argument<string> {
  const argument = line(text);
  if ("problem" in argument || knownFormats.includes(argument.value)) return argument;
  const near = nearest(argument.value, knownFormats);
  return near === undefined ? argument : { problem: `has a format that API servers do not know, ${argument.value}: write ${near}` };
}

function pattern(text: string): Argument<string> {
  const argument = line(text);
  if ("problem" in argument) return argument;
  const unquoted = /^`(.*)`$/.exec(text)?.[1];
  if (unquoted !== undefined) return { value: unquoted };
  if (/^(["'])(\^.*|.*\$)\1$/.test(text)) return { problem: "takes its quotes as part of the pattern: leave them out" };
  return argument;
}

const ruleKeys = { rule: { required: true }, message: {}, messageExpression: {}, reason: {}, fieldPath: {}, optionalOldSelf: {} } as const;
const reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

function validation(text: string): Argument<NonNullable<Schema["x-kubernetes-validations"]>[number]> {
  const argument = pairs(text, ruleKeys);
  if ("problem" in argument) return argument;
  const get = (key: keyof typeof ruleKeys): string | undefined => argument.value.get(key)?.[0];
  const reason = get("reason");
  if (reason !== undefined && !reasons.includes(reason)) return { problem: `needs a reason out of ${reasons.join(", ")}` };
  const old = get("optionalOldSelf");
  if (old !== undefined && old !== "true" && old !== "false") return { problem: "needs optionalOldSelf=true or optionalOldSelf=false" };
  const [message, messageExpression, fieldPath] = [get("message"), get("messageExpression"), get("fieldPath")];
  return {
    value: {
      rule: get("rule") ?? "",
      ...(message === undefined ? {} : { message }),
      ...(messageExpression === undefined ? {} : { messageExpression }),
      ...(reason === undefined ? {} : { reason }),
      ...(fieldPath === undefined ? {} : { fieldPath }),
      ...(old === "true" ? { optionalOldSelf: true } : {}),
    },
  };
}
