import { ApiError, ClientError, isExpired } from "../client/index.ts";
import type { LogFields, Logger } from "../object/index.ts";

/**
 * Tells once for each cause that a cache cannot follow the API server, and once that it can again, however often it is tried in between; every try
 * is a line for debugging. What a 403 lacks is part of its message: the access rule to add.
 */
export class FaultLog {
  readonly #log: Logger;
  readonly #fields: LogFields;
  readonly #told = new Set<string>();

  constructor(log: Logger, fields: LogFields) {
    this.#log = log;
    this.#fields = fields;
  }

  failed(error: unknown, delay: number): void {
    const message = error instanceof Error ? error.message : String(error);
    const fields = { ...this.#fields, error: message, retryInMs: Math.round(delay) };
    // A watch from too old a version is everyday; the list that follows mends it.
    if (isExpired(error)) {
      this.#log.debug("the cache is listed anew", fields);
      return;
    }
    const cause = causeOf(error);
    if (this.#told.has(cause)) {
      this.#log.debug("the cache can still not be kept up to date", fields);
      return;
    }
    this.#told.add(cause);
    if (error instanceof ApiError && error.pathNotFound)
      this.#log.warn("the kind is not served any more; it is watched again once it is", fields);
    else this.#log.warn("the cache cannot be kept up to date; trying again", fields);
  }

  recovered(): void {
    if (this.#told.size === 0) return;
    this.#told.clear();
    this.#log.info("the cache is up to date again", this.#fields);
  }
}

function causeOf(error: unknown): string {
  if (error instanceof ApiError) return error.status >= 500 ? "5xx" : String(error.status);
  if (error instanceof ClientError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
