/**
 * Field errors in the API server's words: what `causes` of a 422 Status carry.
 */
import { goJson, goNumber, goQuote } from "./gotext.ts";
import type { JsonValue } from "./json.ts";

/** The reasons that the API server gives for a wrong field (`metav1.CauseType`). */
export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueDuplicate"
  | "FieldValueForbidden"
  | "FieldValueNotFound"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

/** One wrong field; of an error that is about the whole object it is `<nil>`. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** As the API server writes it: `spec.ports[0].name`, `metadata.labels[app]`. */
  readonly field: string;
  /** Without the field, for instance `Invalid value: 7: must be odd`. */
  readonly message: string;
}

function withDetail(text: string, detail: string): string {
  return detail === "" ? text : `${text}: ${detail}`;
}

/** A value as it stands in a message: strings quoted, numbers and booleans plain, the rest as JSON. */
function shown(value: JsonValue | undefined): string {
  if (typeof value === "string") return goQuote(value);
  if (typeof value === "number") return goNumber(value);
  return goJson(value);
}

/** `Required value`. */
export function required(field: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", field, message: withDetail("Required value", detail) };
}

/** `Invalid value: …`. */
export function invalidValue(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, message: withDetail(`Invalid value: ${shown(value)}`, detail) };
}

/** `Invalid value: …` for a value whose text is not that of its JSON with sorted keys (Go structs keep their own order). */
export function invalidText(field: string, text: string, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, message: withDetail(`Invalid value: ${text}`, detail) };
}

/** `Invalid value: …` for a value of the wrong JSON type. */
export function typeInvalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { type: "FieldValueTypeInvalid", field, message: withDetail(`Invalid value: ${shown(value)}`, detail) };
}

/** `Unsupported value: "x": supported values: "a", "b"`. */
export function notSupported(field: string, value: JsonValue | undefined, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? "" : `supported values: ${supported.map(goQuote).join(", ")}`;
  return { type: "FieldValueNotSupported", field, message: withDetail(`Unsupported value: ${shown(value)}`, detail) };
}

/** `Duplicate value: …`. */
export function duplicate(field: string, value: JsonValue | undefined): FieldError {
  return { type: "FieldValueDuplicate", field, message: `Duplicate value: ${shown(value)}` };
}

/** `Forbidden: …`. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, message: withDetail("Forbidden", detail) };
}

/** `Not found: …`. */
export function notFound(field: string, value: JsonValue | undefined): FieldError {
  return { type: "FieldValueNotFound", field, message: `Not found: ${shown(value)}` };
}

/** `Too long: may not be more than n bytes`. */
export function tooLong(field: string, limit: number): FieldError {
  return { type: "FieldValueTooLong", field, message: `Too long: may not be more than ${limit} ${limit === 1 ? "byte" : "bytes"}` };
}

/** `Too many: n: must have at most m items`. */
export function tooMany(field: string, actual: number, limit: number): FieldError {
  return {
    type: "FieldValueTooMany",
    field,
    message: `Too many: ${actual}: must have at most ${limit} ${limit === 1 ? "item" : "items"}`,
  };
}
