/**
 * One violation of a schema: the text that tells it from others, and the field error that the server makes of it.
 */
import type { FieldError } from "./fielderrors.ts";
import { invalidValue, notSupported, required, tooLong, tooMany, typeInvalid } from "./fielderrors.ts";
import { goJson, goNumber, goQuote } from "./gotext.ts";
import type { JsonValue } from "./json.ts";

/** A violation, not yet at a place: schemas are also applied to a part of an object (its status). */
export interface Violation {
  /** What is wrong where; equal texts are one violation. */
  readonly text: string;
  at(base: string): FieldError;
}

/** The JSON type of a value, by the names of schemas. */
export function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? "integer" : "number";
  return typeof value === "object" ? "object" : typeof value;
}

function located(path: string, text: string, make: (field: string, text: string) => FieldError): Violation {
  return {
    text,
    at(base) {
      const own = path.startsWith(".") ? path.slice(1) : path;
      const field = own === "" ? base : base === "" ? own : `${base}.${own}`;
      return make(field === "" ? "<nil>" : field, text);
    },
  };
}

function invalid(path: string, value: JsonValue, what: string): Violation {
  return located(path, `${path} in body ${what}`, (field, text) => invalidValue(field, value, text));
}

/** An additional property where none is allowed. */
export function forbiddenProperty(path: string, key: string): Violation {
  return located(path, `${path}.${key} in body is a forbidden property`, (field, text) => invalidValue(field, key, text));
}

/** The violations, by kind. */
export const messages = {
  number: goNumber,
  invalid,
  type: (path: string, wanted: string, found: string): Violation =>
    located(path, `${path} in body must be of type ${wanted}: ${goQuote(found)}`, (field, text) => typeInvalid(field, found, text)),
  tooLong: (path: string, limit: number): Violation =>
    located(path, `${path} in body should be at most ${limit} chars long`, (field) => tooLong(field, limit)),
  tooMany: (path: string, actual: number, limit: number, what: string): Violation =>
    located(path, `${path} in body should have at most ${limit} ${what}`, (field) => tooMany(field, actual, limit)),
  required: (path: string): Violation => located(path, `${path} in body is required`, (field) => required(field)),
  choice: (path: string, value: JsonValue, values: readonly JsonValue[]): Violation =>
    located(path, `${path} in body should be one of ${goJson([...values])}`, (field) =>
      notSupported(
        field,
        value,
        values.map((known) => (typeof known === "string" ? known : goJson(known))),
      ),
    ),
  badFactor: (path: string, factor: number): Violation =>
    located(path, `factor MultipleOf declared for ${path} must be positive: ${goNumber(factor)}`, (field, text) =>
      invalidValue(field, factor, text),
    ),
  /** A violation that the server does not tie to a field. */
  plain: (text: string): Violation => ({ text, at: (base) => invalidValue(base === "" ? "<nil>" : base, "", text) }),
};
