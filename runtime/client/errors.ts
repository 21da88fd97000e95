import { missingRule } from "./access-rule.ts";

/** One reason among several why an object was refused (`metav1.StatusCause`). */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The body of a failed request (`metav1.Status`). */
export interface Status {
  kind?: string;
  apiVersion?: string;
  metadata?: { continue?: string };
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { name?: string; group?: string; kind?: string; uid?: string; causes?: StatusCause[]; retryAfterSeconds?: number };
}

/** Stable names of what can go wrong on the way to an answer. */
export type ClientErrorCode = "api" | "connection" | "fenced" | "read-only" | "no-kind-match" | "kubeconfig" | "invalid-response";

/** What every error of the client has in common: a stable `code`, and the `cause` where there is one. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The API server answered, and the answer is no. `reason` is its machine-readable word for why (`metav1.StatusReason`). */
export class ApiError extends ClientError {
  readonly status: number;
  readonly reason: string;
  readonly details: NonNullable<Status["details"]>;
  /** How long the server asks to wait before another try, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: Status, request: string, retryAfter?: number) {
    const rule = status === 403 ? missingRule(body.message ?? "") : undefined;
    super("api", `${request}: ${body.message ?? `HTTP ${status}`}${rule === undefined ? "" : `; add the access rule ${rule}`}`);
    this.status = status;
    this.reason = body.reason ?? reasonOf(status);
    this.details = body.details ?? {};
    this.retryAfter = retryAfter ?? (body.details?.retryAfterSeconds === undefined ? undefined : body.details.retryAfterSeconds * 1000);
  }
}

/** The API server could not be reached, or the connection broke before the answer was whole. */
export class ConnectionError extends ClientError {
  constructor(message: string, cause: unknown) {
    super("connection", message, { cause });
  }
}

/** The client belongs to a reconcile that was timed out, or whose leadership was lost: it must not act any more. */
export class FencedError extends ClientError {
  constructor(cause: unknown) {
    super("fenced", "this run was ended; its client takes no more calls", { cause });
  }
}

/** The client only reads. */
export class ReadOnlyError extends ClientError {
  constructor(method: string, path: string) {
    super("read-only", `${method} ${path.split("?")[0] ?? ""}: this client only reads`);
  }
}

/** The API server serves no such kind. */
export class NoKindMatchError extends ClientError {
  constructor(apiVersion: string, kind: string) {
    super(
      "no-kind-match",
      `the API server has no kind ${kind} in ${apiVersion}; if it is a custom resource, install its CRD: kubectl apply -f config/crd/bases`,
    );
  }
}

/** The kubeconfig, or the credentials it names, cannot be used. */
export class KubeconfigError extends ClientError {
  constructor(message: string, cause?: unknown) {
    super("kubeconfig", message, cause === undefined ? undefined : { cause });
  }
}

/** The answer is not what the Kubernetes API promises. */
export class InvalidResponseError extends ClientError {
  constructor(message: string, cause?: unknown) {
    super("invalid-response", message, cause === undefined ? undefined : { cause });
  }
}

function reasonOf(status: number): string {
  switch (status) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 422:
      return "Invalid";
    case 429:
      return "TooManyRequests";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    default:
      return status >= 500 ? "InternalError" : "BadRequest";
  }
}

const hasReason =
  (...reasons: string[]) =>
  (error: unknown): boolean =>
    error instanceof Error && "reason" in error && typeof error.reason === "string" && reasons.includes(error.reason);

/** The object, or the resource it is asked of, does not exist. */
export const isNotFound = hasReason("NotFound");
/** The object was changed by somebody else in between (or a server-side apply met another manager's field). */
export const isConflict = hasReason("Conflict");
/** An object of this name exists. */
export const isAlreadyExists = hasReason("AlreadyExists");
/** The object was refused by validation; `details.causes` says which fields. */
export const isInvalid = hasReason("Invalid");
/** The credentials are good but do not allow this. */
export const isForbidden = hasReason("Forbidden");
/** The credentials are not accepted. */
export const isUnauthorized = hasReason("Unauthorized");
/** The server asks for patience; see `retryAfter`. */
export const isTooManyRequests = hasReason("TooManyRequests");
/** The resource version is too old to be listed or watched from. */
export const isExpired = hasReason("Expired", "Gone");
/** The API server could not be reached or did not answer. */
export const isConnectionError = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "connection";
