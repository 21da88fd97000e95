import { ScaffoldError } from "../errors.ts";
import type { Json, Schema } from "../model/index.ts";
import { isRecord } from "./documents.ts";

/** How a keyword's value is checked, and what the model gets: undefined where the keyword says nothing (Go leaves such zero values out). */
type Reader = (value: unknown, at: string) => unknown;

const maxDepth = 100;

const keywords: Readonly<Record<string, Reader>> = {
  type: (value, at) =>
    ["object", "array", "string", "integer", "number", "boolean"].includes(text(value, at))
      ? value
      : refuse(at, "is no type of a structural schema"),
  format: unlessEmpty,
  title: unlessEmpty,
  description: folded,
  default: json,
  example: json,
  externalDocs: docs,
  nullable: whenTrue,
  enum: jsonList,
  minimum: number,
  maximum: number,
  exclusiveMinimum: whenTrue,
  exclusiveMaximum: whenTrue,
  multipleOf: number,
  minLength: number,
  maxLength: number,
  pattern: unlessEmpty,
  items: (value, at) => readSchema(value, at),
  minItems: number,
  maxItems: number,
  uniqueItems: whenTrue,
  properties: schemaMap,
  required: texts,
  additionalProperties: (value, at) => (typeof value === "boolean" ? value : readSchema(value, at)),
  minProperties: number,
  maxProperties: number,
  allOf: schemaList,
  anyOf: schemaList,
  oneOf: schemaList,
  not: (value, at) => readSchema(value, at),
  "x-kubernetes-preserve-unknown-fields": whenTrue,
  "x-kubernetes-embedded-resource": whenTrue,
  "x-kubernetes-int-or-string": whenTrue,
  "x-kubernetes-list-type": text,
  "x-kubernetes-list-map-keys": texts,
  "x-kubernetes-map-type": text,
  "x-kubernetes-validations": rules,
};

/**
 * Checks a schema as a CRD carries it. Values that mean the same as their absence are left out, and so is white space at the ends of
 * a description and of its lines.
 *
 * @param at where the schema stands, for messages: `v1: spec.items`
 * @throws ScaffoldError `bad-crd` for what `apiextensions.k8s.io/v1` does not allow: `$ref`, `definitions`, unknown keywords, wrong types
 */
export function readSchema(value: unknown, at: string): Schema {
  if (!isRecord(value)) return refuse(at, "is no schema");
  if (at.split(/[.[]/).length > maxDepth) return refuse(at.slice(0, 60), `is nested more than ${maxDepth} levels deep`);
  const found: Record<string, unknown> = {};
  for (const [keyword, each] of inOrder(value)) {
    if (each === null && keyword !== "default" && keyword !== "example") continue;
    const reader = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (reader === undefined) return refuse(at, `has ${JSON.stringify(keyword)}, which a structural schema cannot have`);
    const read = reader(each, keyword === "properties" ? at : `${at}.${keyword}`);
    if (read !== undefined) found[keyword] = read;
  }
  // The boundary: each keyword has been checked above to have the type that it has in Schema.
  return withChoice(found);
}

/** Whether `anyOf` is spelt out or implied, an int-or-string is the same. */
function withChoice(schema: Schema): Schema {
  const { anyOf, allOf } = schema;
  if (schema["x-kubernetes-int-or-string"] !== true || anyOf !== undefined || allOf?.some((each) => each.anyOf !== undefined) === true)
    return schema;
  return { anyOf: [{ type: "integer" }, { type: "string" }], ...schema };
}

/** By name, as API servers give them: a file and a cluster lead to the same types. */
function inOrder(map: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function refuse(at: string, what: string): never {
  throw new ScaffoldError("bad-crd", `The schema of ${at} ${what}: an API server would not accept this CRD.`);
}

function text(value: unknown, at: string): string {
  return typeof value === "string" ? value.toWellFormed() : refuse(at, "is no text");
}

function unlessEmpty(value: unknown, at: string): string | undefined {
  return text(value, at) === "" ? undefined : text(value, at);
}

function folded(value: unknown, at: string): string | undefined {
  const lines = text(value, at)
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd());
  return unlessEmpty(lines.join("\n").trim(), at);
}

function number(value: unknown, at: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : refuse(at, "is no number");
}

function whenTrue(value: unknown, at: string): true | undefined {
  return value === true ? true : value === false ? undefined : refuse(at, "is neither true nor false");
}

function list(value: unknown, at: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(at, "is no list");
}

function texts(value: unknown, at: string): readonly string[] | undefined {
  const found = list(value, at).map((each) => text(each, at));
  return found.length === 0 ? undefined : found;
}

function jsonList(value: unknown, at: string): readonly Json[] {
  return list(value, at).map((each) => json(each, at));
}

function json(value: unknown, at: string): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return number(value, at);
  if (Array.isArray(value)) return value.map((each) => json(each, at));
  if (isRecord(value)) return Object.fromEntries(inOrder(value).map(([key, each]) => [key, json(each, at)]));
  return refuse(at, "is no JSON");
}

function schemaList(value: unknown, at: string): readonly Schema[] | undefined {
  const found = list(value, at).map((each, index) => readSchema(each, `${at}[${index}]`));
  return found.length === 0 ? undefined : found;
}

function schemaMap(value: unknown, at: string): Readonly<Record<string, Schema>> | undefined {
  if (!isRecord(value)) return refuse(at, "has properties that are no map");
  const found = inOrder(value).map(([name, each]) => {
    if (name in Object.prototype)
      throw new ScaffoldError(
        "bad-crd",
        `The schema of ${at} has a field ${name}, which is something else of every JavaScript object: it cannot be imported.`,
      );
    return [name.toWellFormed(), readSchema(each, `${at}.${name}`)] as const;
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function docs(value: unknown, at: string): Schema["externalDocs"] {
  if (!isRecord(value)) return refuse(at, "is no map");
  const { url, description } = value;
  return {
    ...(url === undefined ? {} : { url: text(url, at) }),
    ...(description === undefined ? {} : { description: text(description, at) }),
  };
}

const ruleWords: readonly string[] = ["message", "messageExpression", "reason", "fieldPath"];

function rules(value: unknown, at: string): Schema["x-kubernetes-validations"] {
  const found = list(value, at).map((each) => {
    if (!isRecord(each)) return refuse(at, "holds something that is no rule");
    const { rule, optionalOldSelf, ...others } = each;
    const odd = Object.keys(others).find((key) => !ruleWords.includes(key));
    if (odd !== undefined) return refuse(at, `has ${JSON.stringify(odd)}`);
    const words = ruleWords.flatMap((key) => {
      const read = others[key] === undefined ? undefined : unlessEmpty(others[key], at);
      return read === undefined ? [] : [[key, read] as const];
    });
    const old = optionalOldSelf === undefined ? undefined : whenTrue(optionalOldSelf, at);
    return { rule: text(rule, at), ...Object.fromEntries(words), ...(old === undefined ? {} : { optionalOldSelf: old }) };
  });
  return found.length === 0 ? undefined : found;
}
