import { ApiError, ConnectionError } from "./errors.ts";
import type { Request } from "./transport.ts";

/** Tries of one call, the first one included. */
const MAX_TRIES = 5;

/** First pause before a retry when the server names none, in milliseconds; it doubles with each. */
const FIRST_PAUSE = 100;

/**
 * How long to wait before a call is sent again, in milliseconds; `undefined` when it is not. As client-go and Go's own HTTP client do:
 *
 * - 429 and 503 with `Retry-After`: the server has not begun, so that any call may be sent again. Other 5xx that name a time: calls that may be repeated.
 * - A connection that broke before anything of the call was sent (while it was made, or when the server had closed it meanwhile): any call.
 * - A connection that broke later: calls that may be repeated. Of a POST whose bytes went out nobody knows whether the server has read them.
 *
 * A connection that cannot be made, a server that is not trusted and an answer that does not come in time are not tried again: whoever called
 * decides when.
 *
 * @param attempt 1 after the first try
 */
export function retryDelay(request: Request, error: unknown, attempt: number, random: () => number): number | undefined {
  if (attempt >= MAX_TRIES) return undefined;
  const jitter = 1 + random() / 2;
  const pause = FIRST_PAUSE * 2 ** (attempt - 1);
  if (error instanceof ApiError && error.retryAfter !== undefined) {
    const isMeant = error.status === 429 || error.status === 503 || (error.status >= 500 && isRepeatable(request));
    return isMeant ? Math.max(error.retryAfter, pause) * jitter : undefined;
  }
  if (error instanceof ConnectionError && isBroken(error.cause) && (error.nothingSent || isRepeatable(request))) return pause * jitter;
  return undefined;
}

function isRepeatable({ method, contentType, repeatable }: Request): boolean {
  return repeatable ?? (method === "GET" || method === "PUT" || contentType === "application/apply-patch+yaml");
}

/** True when a connection broke, or what came over it was no HTTP. */
function isBroken(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "ECONNRESET" || code === "EPIPE" || code.startsWith("HPE_");
}

/** The time of a `Retry-After` header (RFC 9110, 10.2.3), which is seconds or a date, in milliseconds from `now`. */
export function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}
