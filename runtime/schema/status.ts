import type { FieldError } from "./fielderrors.ts";

/** One entry of `details.causes`. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** `meta/v1 Status` of a failure: the body of every answer that is not 2xx. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, never>;
  status: "Failure";
  message: string;
  reason?: string;
  details?: { name?: string; group?: string; kind?: string; uid?: string; causes?: StatusCause[]; retryAfterSeconds?: number };
  code: number;
}

/** A request that is refused; `status` is the whole answer, `status.code` the HTTP code. */
export class StatusFailure extends Error {
  override readonly name = "StatusFailure";
  /** The answer's body. */
  readonly status: Status;
  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

/** A failure with any code (`reason` `""`: none), for instance `failure(409, "Conflict", "…", { name, kind })`. */
export function failure(code: number, reason: string, message: string, details?: Status["details"]): StatusFailure {
  return new StatusFailure({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}

/** 400: the body cannot be understood. */
export function badRequest(message: string): StatusFailure {
  return failure(400, "BadRequest", message);
}

/** 422: the object is understood but wrong; one cause per field error, and all of them in the message. */
export function invalid(kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): StatusFailure {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const messages = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const text = messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(", ")}]`;
  return failure(422, "Invalid", errors.length === 0 ? `${qualified} "${name}" is invalid` : `${qualified} "${name}" is invalid: ${text}`, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    ...(kind.kind === "" ? {} : { kind: kind.kind }),
    ...(errors.length === 0 ? {} : { causes: errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })) }),
  });
}
