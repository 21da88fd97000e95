import type { Json, Schema } from "../model/index.ts";
import { nearest } from "./markers/arguments.ts";

/** A field that the API does not have, or that has a value there which the API does not take. */
export interface FieldProblem {
  /** Names and positions from the value's root. */
  readonly path: Path;
  readonly message: string;
  readonly instead: string;
}

export type Path = readonly (string | number)[];

/** The name of a field in a message: `validations[0].message`. */
export function fieldName(path: Path): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/**
 * Compares a value with the schema of the API's own type: names, types and words of a choice.
 *
 * @param partly true for a patch: what is missing may be there already, and null takes away
 */
export function* fieldProblems(schema: Schema, value: Json, partly: boolean, path: Path = []): Generator<FieldProblem> {
  const expected = schema.type;
  if (expected === undefined || (value === null && partly)) return;
  const found = value === null ? "null" : isArray(value) ? "array" : typeof value;
  if (expected === "integer" ? !Number.isInteger(value) : found !== expected) {
    yield { path, message: `${fieldName(path)} is ${shown(value)}`, instead: `write ${article(expected)}` };
  } else if (schema.enum !== undefined && typeof value === "string" && !schema.enum.includes(value)) {
    const words = schema.enum.filter((word) => typeof word === "string");
    const near = words.find((word) => word.toLowerCase() === value.toLowerCase()) ?? nearest(value, words);
    yield { path, message: `${fieldName(path)} is ${shown(value)}`, instead: `write ${near ?? listed(words)}` };
  } else if (isArray(value)) {
    for (const [index, item] of value.entries()) yield* fieldProblems(schema.items ?? {}, item, partly, [...path, index]);
  } else if (isMap(value)) {
    yield* memberProblems(schema, value, partly, path);
  }
}

function* memberProblems(schema: Schema, value: JsonMap, partly: boolean, path: Path): Generator<FieldProblem> {
  const { properties, required = [] } = schema;
  const further = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  for (const [name, member] of Object.entries(value)) {
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : further;
    if (known !== undefined) yield* fieldProblems(known, member, partly, [...path, name]);
    else if (properties !== undefined) {
      const instead = `write ${nearest(name, Object.keys(properties)) ?? `one of ${Object.keys(properties).join(", ")}`}`;
      yield { path: [...path, name], message: `there is no field ${fieldName([...path, name])}`, instead };
    }
  }
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined && !partly) yield { path, message: `${fieldName([...path, missing])} is missing`, instead: `write ${missing}` };
}

export interface JsonMap {
  readonly [key: string]: Json;
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === "object" && value !== null && !isArray(value);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

function article(type: string): string {
  return `${/^[aio]/.test(type) ? "an" : "a"} ${type === "integer" ? "whole number" : type}`.replace("an whole", "a whole");
}
