import type { Status } from "../../client/index.ts";
import type { KubernetesObject } from "../../object/index.ts";
import { createPatch, type JsonValue, type PatchOperation } from "../json/index.ts";
import { aggregate, type FieldError } from "./field-errors.ts";
import type { AdmissionRequest } from "./request.ts";

/** What a webhook decides about a request. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  /** Why not, as the client of the API server gets to see it; also the message of an allowed request, for audit logs. */
  readonly status?: Status;
  /** What shall be changed. Only mutating webhooks may return one. */
  readonly patch?: readonly PatchOperation[];
  /** Shown to the client. The API server cuts each at 256 characters and drops what exceeds 4096 in all. */
  readonly warnings?: readonly string[];
  /** For the audit log; the API server puts the webhook's name before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export interface DenialOptions {
  /** A machine-readable word. Default `Forbidden`. */
  reason?: string;
  /** HTTP status that the API server answers with. Default 403. */
  code?: number;
}

/** The request may go on. */
export function allowed(message?: string): AdmissionResponse {
  return message === undefined ? ALLOWED : { allowed: true, status: { code: 200, message } };
}

const ALLOWED: AdmissionResponse = Object.freeze({ allowed: true });

/**
 * The request is refused, with what the client gets to read.
 *
 * @example
 * return denied(`missing ${missing.join(", ")}`, { reason: "required labels are not set" });
 */
export function denied(message: string, options: DenialOptions = {}): AdmissionResponse {
  const { reason = "Forbidden", code = 403 } = options;
  return { allowed: false, status: { status: "Failure", message, reason, code } };
}

/** The request could not be judged, and is refused for that. @param code HTTP status: 400 for a request that is wrong, 500 for a failure here */
export function errored(code: number, message: string): AdmissionResponse {
  return { allowed: false, status: { status: "Failure", message, reason: REASONS[code] ?? "InternalError", code } };
}

const REASONS: Readonly<Record<number, string>> = { 400: "BadRequest", 500: "InternalError", 504: "Timeout" };

/** The request is refused because of some fields, in the form in which the API server's own validation does it (reason `Invalid`, code 422). */
export function invalid(request: AdmissionRequest, errors: readonly FieldError[]): AdmissionResponse {
  const { group, kind } = request.kind;
  const name = nameOf(request);
  const subject = `${group === "" ? kind : `${kind}.${group}`} ${JSON.stringify(name)}`;
  const causes = errors.map(({ type, field, message }) => ({ reason: type, message, field }));
  const details = { ...(name !== "" && { name }), ...(group !== "" && { group }), kind, causes };
  const message = `${subject} is invalid: ${aggregate(errors)}`;
  return { allowed: false, status: { status: "Failure", message, reason: "Invalid", code: 422, details } };
}

/** Allows a request with the patch that turns its object into another one. */
export function patched(before: unknown, after: unknown): AdmissionResponse {
  const patch = createPatch(before as JsonValue, after);
  return patch.length === 0 ? ALLOWED : { allowed: true, patch };
}

/** A created object may have its name from `generateName` later, so that the request has none. */
function nameOf(request: AdmissionRequest<KubernetesObject>): string {
  return request.object?.metadata?.name ?? request.oldObject?.metadata?.name ?? request.name;
}
