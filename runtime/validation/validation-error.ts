import { invalid, type FieldError } from "../schema/index.ts";

/** What a {@link ValidationError} is about. */
export interface ValidationErrorOptions {
  readonly group: string;
  readonly kind: string;
  /** The object's name, or the empty text. */
  readonly name: string;
  readonly errors: readonly FieldError[];
}

/** An object breaks its schema. The message is the one that the API server has for it. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
  /** Each wrong field. A validating webhook may return them as they are. */
  readonly errors: readonly FieldError[];

  constructor({ group, kind, name, errors }: ValidationErrorOptions) {
    super(invalid({ group, kind }, name, errors).message);
    this.errors = errors;
  }
}
