import type { FieldError } from "./field-errors.ts";
import type { AdmissionRequest } from "./request.ts";
import type { AdmissionResponse } from "./response.ts";

/** Decides about requests by itself: of any kind, any operation. */
export interface AdmissionHandler {
  /** A throw refuses the request with code 500. */
  handle(request: AdmissionRequest): AdmissionResponse | Promise<AdmissionResponse>;
}

/** Fills in what the user left open. */
export interface Defaulter<T> {
  /**
   * Called when an object is created or updated. Change the object as you like; a patch of what is different then is the answer.
   * It must be right to be called twice: the API server may call again after other webhooks. A throw refuses the request with code 500.
   */
  default(object: T, request: AdmissionRequest<T>): void | Promise<void>;
}

/** What a validator says: the fields that are wrong, none or `undefined` when all is well; or a refusal of its own, see `denied`. */
export type Verdict = readonly FieldError[] | AdmissionResponse | undefined;

/** Says what is wrong. Each method is optional: without it, the operation is allowed. A throw refuses the request with code 500. */
export interface Validator<T> {
  validateCreate?(object: T, request: AdmissionRequest<T>): Verdict | Promise<Verdict>;
  validateUpdate?(object: T, old: T, request: AdmissionRequest<T>): Verdict | Promise<Verdict>;
  /** @param object as it is before it goes */
  validateDelete?(object: T, request: AdmissionRequest<T>): Verdict | Promise<Verdict>;
}
