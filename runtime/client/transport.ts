import http from "node:http";
import https from "node:https";
import type { ConnectionConfig } from "./kubeconfig.ts";
import { ApiError, ClientError, ConnectionError, InvalidResponseError, type Status } from "./errors.ts";
import { sleep, systemClock, type Clock } from "../object/index.ts";

export interface Request {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query below the server's URL. */
  path: string;
  body?: unknown;
  /** Media type of the body; `application/json` unless said otherwise. */
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** An open response, of which the caller reads as much as it likes. */
export interface Stream {
  body: http.IncomingMessage;
}

export interface TransportOptions {
  /** Sent with every request and seen in audit logs; also the default name in `managedFields`. */
  userAgent?: string;
  /** Connections for ordinary calls; watches have their own. Default 32. */
  maxConnections?: number;
  /** How long an ordinary call may wait for its answer, in milliseconds. Default 60 s. */
  timeout?: number;
  clock?: Clock;
  /** A number in [0, 1) for the jitter of retries. */
  random?: () => number;
  /** Called once for each `Warning:` header text that the server sends (RFC 9110, KEP-1693). */
  onWarning?: (text: string) => void;
}

const MAX_TRIES = 5;
/** First delay before a retry when the server names none, in milliseconds; doubles with each. */
const RETRY_DELAY = 100;

type SecureOptions = Pick<https.AgentOptions, "ca" | "cert" | "key" | "servername" | "rejectUnauthorized">;

/** What is known once the credentials are read. */
interface Link {
  config: ConnectionConfig;
  base: URL;
  tls: SecureOptions;
  calls: http.Agent;
  streams: http.Agent;
}

/** Speaks HTTP/1.1 with one API server over kept-alive connections. One instance serves a whole process. */
export class Transport {
  readonly #connect: () => Promise<ConnectionConfig>;
  readonly #maxConnections: number;
  readonly #userAgent: string;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onWarning: ((text: string) => void) | undefined;
  readonly #warned = new Set<string>();
  #link: Promise<Link> | undefined;

  /** @param connect finds the API server; called when the first request is sent, and again after a failure of its own */
  constructor(connect: () => Promise<ConnectionConfig>, options: TransportOptions = {}) {
    this.#connect = connect;
    this.#maxConnections = options.maxConnections ?? 32;
    this.#userAgent = options.userAgent ?? "kubescaffold";
    this.#timeout = options.timeout ?? 60_000;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#onWarning = options.onWarning;
  }

  /**
   * Sends a request and returns the parsed answer. 429 and 503 with `Retry-After` are retried for every method (the
   * server has not begun), broken connections only for calls that may be repeated.
   *
   * @throws ApiError, ConnectionError, InvalidResponseError, or the signal's reason
   */
  async json(request: Request): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request);
      } catch (error) {
        const delay = attempt < MAX_TRIES && request.signal?.aborted !== true ? this.#retryDelay(request, error, attempt) : undefined;
        if (delay === undefined) throw error;
        await sleep(this.#clock, delay, request.signal);
      }
    }
  }

  async #once(request: Request): Promise<unknown> {
    const link = await this.#linked();
    const response = await this.#open(link, request, link.calls, this.#timeout);
    const text = await this.#text(request, response);
    if (response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300) {
      try {
        return JSON.parse(text);
      } catch (cause) {
        throw new InvalidResponseError(`${describe(request)}: the answer is not JSON: ${text.slice(0, 100)}`, cause);
      }
    }
    throw apiError(request, response, text);
  }

  /** Sends a request whose answer has no end, such as a watch. Throws as {@link json} does, without retries. */
  async stream(request: Request): Promise<Stream> {
    const link = await this.#linked();
    const response = await this.#open(link, request, link.streams);
    if (response.statusCode === 200) return { body: response };
    throw apiError(request, response, await this.#text(request, response));
  }

  /** Closes idle connections. Calls under way end by their own signals. */
  close(): void {
    void this.#link?.then(({ calls, streams }) => {
      calls.destroy();
      streams.destroy();
    });
  }

  #linked(): Promise<Link> {
    return (this.#link ??= this.#makeLink().catch((error: unknown) => {
      this.#link = undefined;
      throw error;
    }));
  }

  async #makeLink(): Promise<Link> {
    const config = await this.#connect();
    const { ca, cert, key, serverName, insecure } = config.tls;
    const base = new URL(config.server);
    const secure = base.protocol === "https:";
    const tls: SecureOptions = secure
      ? {
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
          ...(serverName !== undefined && { servername: serverName }),
          rejectUnauthorized: insecure !== true,
        }
      : {};
    const agent = (limits: http.AgentOptions) => (secure ? new https.Agent({ ...limits, ...tls }) : new http.Agent(limits));
    const calls = agent({ keepAlive: true, maxSockets: this.#maxConnections, scheduling: "lifo" });
    return { config, base, tls, calls, streams: agent({ keepAlive: false }) };
  }

  async #open(link: Link, request: Request, agent: http.Agent, timeout?: number): Promise<http.IncomingMessage> {
    const { base, config, tls } = link;
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept ?? "application/json",
      "user-agent": this.#userAgent,
      ...(await config.authenticate()),
      ...(body && { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
    };
    const options: https.RequestOptions = {
      ...tls,
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      path: base.pathname.replace(/\/$/, "") + request.path,
      method: request.method,
      agent,
      headers,
      ...(request.signal && { signal: request.signal }),
      ...(timeout !== undefined && { timeout }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = (base.protocol === "https:" ? https : http).request(options, (response) => {
        this.#noteWarnings(response);
        resolve(response);
      });
      outgoing.on("error", (cause) => reject(broken(request, cause, base)));
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${(timeout ?? 0) / 1000} s`)));
      outgoing.end(body);
    });
  }

  async #text(request: Request, response: http.IncomingMessage): Promise<string> {
    response.setEncoding("utf8");
    let text = "";
    try {
      for await (const part of response) text += part as string;
    } catch (cause) {
      throw broken(request, cause);
    }
    return text;
  }

  #retryDelay(request: Request, error: unknown, attempt: number): number | undefined {
    const jitter = 1 + this.#random() / 2;
    if (error instanceof ApiError && (error.status === 429 || error.status === 503) && error.retryAfter !== undefined)
      return error.retryAfter * jitter;
    const repeatable = request.method === "GET" || request.method === "PUT" || request.contentType === "application/apply-patch+yaml";
    if (repeatable && error instanceof ClientError && error.code === "connection" && !isRefused(error.cause)) {
      return RETRY_DELAY * 2 ** (attempt - 1) * jitter;
    }
    return undefined;
  }

  #noteWarnings(response: http.IncomingMessage): void {
    const header = response.headers["warning"] as string | string[] | undefined;
    if (header === undefined || this.#onWarning === undefined) return;
    for (const match of String(header).matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const text = (match[1] ?? "").replace(/\\(.)/g, "$1");
      if (this.#warned.has(text) || this.#warned.size >= 1000) continue;
      this.#warned.add(text);
      this.#onWarning(text);
    }
  }
}

function describe(request: Request): string {
  return `${request.method} ${request.path.split("?")[0] ?? ""}`;
}

function apiError(request: Request, response: http.IncomingMessage, text: string): ApiError {
  let body: Status = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) body = parsed;
  } catch {
    body = { message: text.trim().slice(0, 500) || `HTTP ${response.statusCode ?? 0}` }; // a proxy's page, or plain text
  }
  const seconds = Number(response.headers["retry-after"]);
  return new ApiError(response.statusCode ?? 0, body, describe(request), Number.isFinite(seconds) ? seconds * 1000 : undefined);
}

function broken(request: Request, cause: unknown, base?: URL): Error {
  if (request.signal?.aborted === true) return request.signal.reason as Error;
  const where = base === undefined ? "the connection to the API server broke" : `cannot reach the API server at ${base.origin}`;
  return new ConnectionError(`${where}: ${connectionFault(cause)}`, cause);
}

function connectionFault(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const nested = cause instanceof AggregateError ? (cause.errors as unknown[])[0] : undefined;
  return cause.message || (nested instanceof Error ? nested.message : cause.name);
}

/** A refused connection is no passing fault within a call's patience: whoever called decides when to try again. */
function isRefused(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ECONNREFUSED" || cause.code === "ENOTFOUND");
}
