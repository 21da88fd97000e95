import type { FieldError, FieldErrorType } from "../../schema/index.ts";

export type { FieldError, FieldErrorType } from "../../schema/index.ts";

/**
 * Makes field errors in the API server's words. Fields are written as the API server writes them: `spec.ports[0].name`.
 *
 * @example
 * if (object.spec.size % 2 === 0) return [fieldError.invalid("spec.size", object.spec.size, "must be an odd number")];
 */
export const fieldError = {
  /** The field must be there. */
  required: (field: string, detail?: string): FieldError => make("FieldValueRequired", field, "Required value", detail),
  /** The value is wrong. Give no Secret's data here: it is repeated in the message. */
  invalid: (field: string, value: unknown, detail: string): FieldError =>
    make("FieldValueInvalid", field, `Invalid value: ${shown(value)}`, detail),
  /** The value is none of a list. */
  notSupported: (field: string, value: unknown, supported: readonly string[]): FieldError =>
    make("FieldValueNotSupported", field, `Unsupported value: ${shown(value)}`, `supported values: ${supported.map(shown).join(", ")}`),
  /** The value occurs twice where it may occur once. */
  duplicate: (field: string, value: unknown): FieldError => make("FieldValueDuplicate", field, `Duplicate value: ${shown(value)}`),
  /** The field may not be set, or not be changed, as things are. */
  forbidden: (field: string, detail: string): FieldError => make("FieldValueForbidden", field, "Forbidden", detail),
  /** The value names something that does not exist. */
  notFound: (field: string, value: unknown): FieldError => make("FieldValueNotFound", field, `Not found: ${shown(value)}`),
  /** @param limit the most bytes */
  tooLong: (field: string, limit: number): FieldError =>
    make("FieldValueTooLong", field, "Too long", `may not be more than ${limit} ${limit === 1 ? "byte" : "bytes"}`),
  /** @param limit the most items */
  tooMany: (field: string, actual: number, limit: number): FieldError =>
    make("FieldValueTooMany", field, `Too many: ${actual}`, `must have at most ${limit} ${limit === 1 ? "item" : "items"}`),
  /** The value is of another type than it should be. */
  typeInvalid: (field: string, value: unknown, detail: string): FieldError =>
    make("FieldValueTypeInvalid", field, `Invalid value: ${shown(value)}`, detail),
} as const;

/** All errors in one text: a single one as it is, several in brackets, none twice. */
export function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}

function make(type: FieldErrorType, field: string, problem: string, detail = ""): FieldError {
  return { type, field, message: detail === "" ? problem : `${problem}: ${detail}` };
}

function shown(value: unknown): string {
  return value === undefined ? "null" : JSON.stringify(value);
}
