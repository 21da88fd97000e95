import { describeRule, missingRule, type AccessRule } from "./access-rule.ts";
import { statusText } from "./status-text.ts";

/** One reason among several why an object was refused (`metav1.StatusCause`). */
export interface StatusCause {
  /** What is wrong, in one word: `FieldValueInvalid`, `FieldValueRequired`, `FieldValueDuplicate`, `FieldValueNotSupported` and others. */
  reason?: string;
  message?: string;
  /** The field that is wrong, as a path: `spec.template.spec.containers[0].image`. */
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
  /** The RBAC rule that the credentials lack, when that is why the answer is no. */
  readonly missingRule: AccessRule | undefined;
  /**
   * True for a 404 of the path itself, not of the object: the kind is not served there any more, or has no such subresource, or what answered is
   * no API server. It says nothing of whether the object exists.
   */
  readonly pathNotFound: boolean;

  constructor(status: number, body: Status, request: string, retryAfter?: number) {
    const { message = `HTTP ${status}`, reason, details = {} } = body;
    const rule = status === 403 ? missingRule(body) : undefined;
    super("api", `${request}: ${statusText(message)}${rule === undefined ? "" : `; add the access rule ${describeRule(rule)}`}`);
    this.status = status;
    this.reason = reason ?? reasonOf(status, request, message);
    const causes = details.causes?.map((cause) => (cause.message === undefined ? cause : { ...cause, message: statusText(cause.message) }));
    this.details = causes === undefined ? details : { ...details, causes };
    this.retryAfter = retryAfter ?? (details.retryAfterSeconds === undefined ? undefined : details.retryAfterSeconds * 1000);
    this.missingRule = rule;
    this.pathNotFound = status === 404 && (body.kind !== "Status" || body.message === UNKNOWN_PATH);
  }

  /** What is wrong with the object, field by field, where the server says that. */
  get causes(): readonly StatusCause[] {
    return this.details.causes ?? [];
  }
}

/** The API server could not be reached, or the connection broke before the answer was whole. */
export class ConnectionError extends ClientError {
  /** True when it is certain that nothing of the request went out, so that the server cannot have done anything. */
  readonly nothingSent: boolean;

  constructor(message: string, cause: unknown, nothingSent = false) {
    super("connection", message, { cause });
    this.nothingSent = nothingSent;
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

/** What kube-apiserver says of a path where it serves nothing, when it does not say it as plain text. */
const UNKNOWN_PATH = "the server could not find the requested resource";

/**
 * What a bare status code means, which a proxy or a server about to stop sends without a `Status` (apimachinery's NewGenericServerResponse). kube-apiserver
 * gives no reason either where it hands on an error from below, as its own fault though it is the caller's.
 */
function reasonOf(status: number, request: string, message: string): string {
  if (status === 409) return request.startsWith("POST ") ? "AlreadyExists" : "Conflict";
  if (status === 500 && message.startsWith("failed to create typed patch object")) return "BadRequest"; // of an apply
  if (status === 500 && /request is too large|trying to send message larger than max/.test(message)) return "RequestEntityTooLarge"; // of etcd
  return REASONS[status] ?? (status >= 500 ? "InternalError" : "BadRequest");
}

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  408: "Timeout",
  410: "Gone",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
  504: "Timeout",
};

// The predicates look at fields and not at classes, so that they hold for errors of another copy of this package, too.
const hasReason =
  (...reasons: string[]) =>
  (error: unknown): boolean =>
    error instanceof Error && "reason" in error && typeof error.reason === "string" && reasons.includes(error.reason);

const hasCode =
  (code: ClientErrorCode) =>
  (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === code;

/**
 * True when a refusal names this cause, such as `NamespaceTerminating` of a create in a namespace that is being deleted (client-go's HasStatusCause).
 *
 * @example if (hasStatusCause(error, "NamespaceTerminating")) return done();
 */
export function hasStatusCause(error: unknown, reason: string): boolean {
  if (!(error instanceof Error) || !("causes" in error) || !Array.isArray(error.causes)) return false;
  return (error.causes as StatusCause[]).some((cause) => cause.reason === reason);
}

/** The object, or the resource it is asked of ({@link ApiError.pathNotFound}), does not exist. */
export const isNotFound = hasReason("NotFound");
/** The object was changed by somebody else in between (or a server-side apply met another manager's field). */
export const isConflict = hasReason("Conflict");
/** An object of this name exists. */
export const isAlreadyExists = hasReason("AlreadyExists");
/** The object was refused by validation; {@link ApiError.causes} says which fields. */
export const isInvalid = hasReason("Invalid");
/** The request makes no sense to the server: an unknown field, a value of another type, a bad selector. */
export const isBadRequest = hasReason("BadRequest");
/** The credentials are good but do not allow this ({@link ApiError.missingRule}), or an admission rule, a quota or the namespace's end forbids it. */
export const isForbidden = hasReason("Forbidden");
/** The credentials are not accepted. */
export const isUnauthorized = hasReason("Unauthorized");
/** The server asks for patience; see {@link ApiError.retryAfter}. */
export const isTooManyRequests = hasReason("TooManyRequests");
/** The server began, and did not end in its time: whether anything was written is not known. A call that got no answer at all is a connection error. */
export const isTimeout = hasReason("Timeout", "ServerTimeout");
/** The resource version, or the `continue` token, is too old to be listed or watched from. */
export const isExpired = hasReason("Expired", "Gone");
/** The server, or the one behind it that serves this API, is not up. */
export const isServiceUnavailable = hasReason("ServiceUnavailable");
/** The server met a fault of its own. */
export const isInternalError = hasReason("InternalError");
/** The resource does not have this verb, or not now: nothing is created while its CustomResourceDefinition is being deleted. */
export const isMethodNotSupported = hasReason("MethodNotAllowed");
/** The object is larger than the server, or its store, takes. */
export const isRequestEntityTooLarge = hasReason("RequestEntityTooLarge");
/** The API server could not be reached or did not answer. */
export const isConnectionError = hasCode("connection");
/** The API server serves no such kind: its CRD is not installed, or not in this version. */
export const isNoKindMatch = hasCode("no-kind-match");
