import type { DiagnosticCode } from "./diagnostic.ts";
import { violations } from "./violations.ts";
import { readPattern } from "./re2.ts";
import type { Schema } from "./schema.ts";

/** Something that makes one schema (not those inside it) useless or unacceptable to an API server. */
export interface SchemaProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly instead: string;
  /** The marker that it is about. */
  readonly keyword: string;
}

/** Checks a schema after all markers were applied; the schemas of its fields and items were checked before. */
export function* schemaProblems(schema: Schema): Generator<SchemaProblem> {
  yield* boundProblems(schema);
  yield* patternProblems(schema);
  yield* listProblems(schema);
  if (schema.default !== undefined) {
    const [first] = violations(withoutDefault(schema), schema.default);
    if (first !== undefined) {
      yield {
        code: "bad-default",
        keyword: "default",
        message: `the default ${JSON.stringify(schema.default)} breaks the schema: ${first.message}`,
        instead: "change the default or the bound",
      };
    }
  }
}

function withoutDefault({ default: _default, ...schema }: Schema): Schema {
  return schema;
}

const bounds = [
  ["minimum", "maximum"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
  ["minProperties", "maxProperties"],
] as const;

function* boundProblems(schema: Schema): Generator<SchemaProblem> {
  for (const [low, high] of bounds) {
    const [least, most] = [schema[low], schema[high]];
    if (least !== undefined && most !== undefined && least > most) {
      yield {
        code: "bad-marker",
        keyword: high,
        message: `@${low} ${least} is above @${high} ${most}`,
        instead: "no value can meet both: change one",
      };
    }
  }
}

function* patternProblems({ pattern }: Schema): Generator<SchemaProblem> {
  if (pattern === undefined) return;
  const read = readPattern(pattern);
  if ("problem" in read) yield { code: "bad-pattern", keyword: "pattern", message: `@pattern ${read.problem}`, instead: read.instead };
}

function* listProblems(schema: Schema): Generator<SchemaProblem> {
  const type = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  if (type !== "map") {
    if (keys !== undefined)
      yield { code: "bad-marker", keyword: "listMapKey", message: "@listMapKey needs @listType map", instead: "write both" };
    if (type === "set" && isGranular(schema.items)) {
      yield {
        code: "bad-marker",
        keyword: "listType",
        message: "@listType set needs items that are compared as one value",
        instead: "write @listType map with @listMapKey, or @listType atomic",
      };
    }
    return;
  }
  if (keys === undefined) {
    yield {
      code: "bad-marker",
      keyword: "listType",
      message: "@listType map needs the fields that identify an item",
      instead: "add a line such as @listMapKey name",
    };
    return;
  }
  for (const key of keys) {
    const field =
      schema.items?.properties !== undefined && Object.hasOwn(schema.items.properties, key) ? schema.items.properties[key] : undefined;
    const of = { code: "bad-marker", keyword: "listMapKey" } as const;
    if (field === undefined) {
      yield {
        ...of,
        message: `the items have no field ${JSON.stringify(key)}`,
        instead: `write one of ${Object.keys(schema.items?.properties ?? {}).join(", ") || "the fields of an interface"}`,
      };
    } else if (field.type === "object" || field.type === "array") {
      yield { ...of, message: `the key ${key} is no plain value`, instead: "write a field that is a string, a number or a boolean" };
    } else if (field.default === undefined && schema.items?.required?.includes(key) !== true) {
      yield { ...of, message: `the key ${key} may be absent`, instead: "make the field required, or give it a @default" };
    }
  }
}

/** Items that server-side apply would merge field by field cannot be members of a set. */
function isGranular(items: Schema | undefined): boolean {
  if (items?.type === "object") return items["x-kubernetes-map-type"] !== "atomic";
  return items?.type === "array" && items["x-kubernetes-list-type"] !== "atomic";
}
