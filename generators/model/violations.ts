import { formats } from "./formats.ts";
import { readPattern } from "./re2.ts";
import type { Json, Schema } from "./schema.ts";

/** One way in which a value breaks a schema. */
export interface Violation {
  /** As API servers write it: `spec.items[0].name`; "" for the value itself. */
  readonly path: string;
  readonly keyword: string;
  readonly message: string;
}

/**
 * Checks a value against a schema, for defaults and samples while generating, in words that fit beside a marker. Operators say it in the
 * API server's words (`@kubescaffold/runtime/validation`); a test holds the two together. CEL rules are not asked.
 */
export function violations(schema: Schema, value: Json, path = ""): Violation[] {
  const found: Violation[] = [];
  visit(schema, value, path, (at, keyword, message) => found.push({ path: at, keyword, message }));
  return found;
}

type Add = (path: string, keyword: string, message: string) => void;

function visit(schema: Schema, value: Json, path: string, add: Add): void {
  if (value === null) {
    if (schema.nullable !== true && (schema.type !== undefined || schema["x-kubernetes-int-or-string"] === true))
      add(path, "type", "null is not allowed");
    return;
  }
  if (!isOfType(schema, value)) {
    add(
      path,
      "type",
      `${JSON.stringify(value)} is not of type ${schema["x-kubernetes-int-or-string"] === true ? "integer or string" : (schema.type ?? "any")}`,
    );
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((each) => JSON.stringify(each) === JSON.stringify(value))) {
    add(path, "enum", `${JSON.stringify(value)} is none of ${schema.enum.map((each) => JSON.stringify(each)).join(", ")}`);
  }
  if (typeof value === "number") visitNumber(schema, value, path, add);
  else if (typeof value === "string") visitText(schema, value, path, add);
  else if (isList(value)) visitList(schema, value, path, add);
  else if (typeof value === "object") visitObject(schema, value, path, add);
}

function isOfType(schema: Schema, value: Exclude<Json, null>): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) return typeof value === "string" || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
      return true;
    case "integer":
      return isInteger(value);
    case "array":
      return isList(value);
    case "object":
      return typeof value === "object" && !isList(value);
    default:
      return typeof value === schema.type;
  }
}

/** A number beyond 64 bits is no integer for an API server. */
function isInteger(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function visitNumber(schema: Schema, value: number, path: string, add: Add): void {
  const { multipleOf } = schema;
  const [minimum, maximum] = [schema.minimum, schema.maximum].map((limit) =>
    limit !== undefined && Number.isInteger(value) ? Math.trunc(limit) : limit,
  );
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    add(path, "minimum", `${value} is not ${schema.exclusiveMinimum === true ? "greater than" : "at least"} ${minimum}`);
  }
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    add(path, "maximum", `${value} is not ${schema.exclusiveMaximum === true ? "less than" : "at most"} ${maximum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    add(path, "multipleOf", `${value} is not a multiple of ${multipleOf}`);
}

function visitText(schema: Schema, value: string, path: string, add: Add): void {
  const { minLength, maxLength, pattern, format } = schema;
  const length = Array.from(value).length;
  if (minLength !== undefined && length < minLength) add(path, "minLength", `${JSON.stringify(value)} is shorter than ${minLength}`);
  if (maxLength !== undefined && length > maxLength) add(path, "maxLength", `${JSON.stringify(value)} is longer than ${maxLength}`);
  const read = pattern === undefined ? undefined : readPattern(pattern);
  if (read !== undefined && !("problem" in read) && read.source !== undefined && !new RegExp(read.source, read.flags).test(value)) {
    add(path, "pattern", `${JSON.stringify(value)} does not match ${pattern ?? ""}`);
  }
  const test = format === undefined ? undefined : formats.get(format);
  if (test !== undefined && !test.test(value)) add(path, "format", `${JSON.stringify(value)} is no ${format ?? ""}`);
}

function visitList(schema: Schema, value: readonly Json[], path: string, add: Add): void {
  if (schema.minItems !== undefined && value.length < schema.minItems) add(path, "minItems", `it has fewer than ${schema.minItems} items`);
  if (schema.maxItems !== undefined && value.length > schema.maxItems) add(path, "maxItems", `it has more than ${schema.maxItems} items`);
  value.forEach((item, index) => {
    if (schema.items !== undefined) visit(schema.items, item, `${path}[${index}]`, add);
  });
  for (const [index, identity] of repeated(schema, value)) add(`${path}[${index}]`, "unique", `${identity} stands twice`);
}

/** The second of equal items of a set, and of items with equal keys. */
function* repeated(schema: Schema, value: readonly Json[]): Generator<readonly [index: number, identity: string]> {
  const type = schema["x-kubernetes-list-type"];
  if (type !== "set" && (type !== "map" || !value.every(isObject))) return;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const counts = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    // As an object, so that a key that is missing is not one that is null.
    const keysOf = (of: { readonly [key: string]: Json }) =>
      Object.fromEntries(keys.map((key) => [key, of[key] ?? member(schema.items ?? {}, key)?.default ?? of[key]]));
    const identity = JSON.stringify(isObject(item) && type === "map" ? keysOf(item) : item);
    const count = (counts.get(identity) ?? 0) + 1;
    counts.set(identity, count);
    if (count === 2) yield [index, identity];
  }
}

function visitObject(schema: Schema, value: { readonly [key: string]: Json }, path: string, add: Add): void {
  const dropsNull = typeof schema.additionalProperties !== "object" || schema.additionalProperties.nullable !== true;
  const count = Object.values(value).filter((each) => each !== null || !dropsNull).length;
  if (schema.minProperties !== undefined && count < schema.minProperties)
    add(path, "minProperties", `it has fewer than ${schema.minProperties} fields`);
  if (schema.maxProperties !== undefined && count > schema.maxProperties)
    add(path, "maxProperties", `it has more than ${schema.maxProperties} fields`);
  const prefix = path === "" ? "" : `${path}.`;
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  for (const name of new Set([...(schema.required ?? []), ...(embedded ? ["apiVersion", "kind"] : [])])) {
    const property = member(schema, name);
    if (isAbsent(value, name, property) && property?.default === undefined) add(`${prefix}${name}`, "required", `${name} is required`);
  }
  for (const name of Object.keys(value)) {
    const property = member(schema, name) ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
    if (property !== undefined) {
      if (!isAbsent(value, name, property)) visit(property, value[name] ?? null, `${prefix}${name}`, add);
    } else if (schema.properties !== undefined && schema["x-kubernetes-preserve-unknown-fields"] !== true && !embedded) {
      add(`${prefix}${name}`, "unknown", `there is no field ${name}`);
    }
  }
}

function member(schema: Schema, name: string): Schema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
}

/** API servers drop a null that the schema does not allow, before they look for required fields. */
function isAbsent(value: { readonly [key: string]: Json }, name: string, property: Schema | undefined): boolean {
  return !Object.hasOwn(value, name) || (value[name] === null && property?.nullable !== true);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !isList(value);
}
