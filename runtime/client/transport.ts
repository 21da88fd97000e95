import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import type { ConnectionConfig, TlsMaterial } from "./kubeconfig.ts";
import { ApiError, ConnectionError, InvalidResponseError, KubeconfigError, type Status } from "./errors.ts";
import type { ObservedCall } from "./observer.ts";
import { Patience } from "./patience.ts";
import { parseJson, sleep, stringifyJson, systemClock, type Clock } from "../object/index.ts";

export interface Request {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query below the server's URL. */
  path: string;
  body?: unknown;
  /** Media type of the body; `application/json` unless said otherwise. */
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
  /**
   * Called at the last moment, when the connection is there and the next thing is to send: a call may wait for its connection, or be tried
   * again. What it throws is what the call rejects with, and nothing is sent.
   */
  beforeSend?: (() => void) | undefined;
  /** Told of the answers; its headers are sent along. */
  observed?: ObservedCall | undefined;
  /** True when the call may be sent twice though its method says otherwise (a POST that creates nothing, such as a review). */
  repeatable?: boolean;
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
  /** How long an ordinary call waits for its answer, and for each further part of it, in milliseconds. Default 60 s. */
  timeout?: number;
  /**
   * How long a connection may be idle before it is closed, in milliseconds. Default 30 s. Leave it below the server's own limit (90 s in
   * kube-apiserver): a call that is sent while the server closes its connection fails, and a create cannot be repeated.
   */
  idleConnection?: number;
  clock?: Clock;
  /** A number in [0, 1) for the jitter of retries. */
  random?: () => number;
  /** Called for every request that was sent: `code` is the HTTP status, or `<error>` where there was no answer. */
  onRequest?: ((request: { method: string; host: string; code: string }) => void) | undefined;
  /** Called once for each `Warning:` header text that the server sends (RFC 9110, KEP-1693). */
  onWarning?: (text: string) => void;
}

const MAX_TRIES = 5;
/** First delay before a retry when the server names none, in milliseconds; doubles with each. */
const RETRY_DELAY = 100;
/** How often it is looked whether certificate files were replaced, in milliseconds. */
const TLS_CHECK = 60_000;

type SecureOptions = Pick<https.AgentOptions, "secureContext" | "servername" | "rejectUnauthorized">;

/** What is known once the credentials are read. */
interface Link {
  config: ConnectionConfig;
  /** When the files of the certificates were last looked at. */
  checkedAt: number;
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
  readonly #idleConnection: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onWarning: ((text: string) => void) | undefined;
  readonly #onRequest: TransportOptions["onRequest"];
  readonly #warned = new Set<string>();
  #link: Promise<Link> | undefined;

  /** @param connect finds the API server; called when the first request is sent, and again after a failure of its own */
  constructor(connect: () => Promise<ConnectionConfig>, options: TransportOptions = {}) {
    this.#connect = connect;
    this.#maxConnections = options.maxConnections ?? 32;
    this.#userAgent = options.userAgent ?? "kubescaffold";
    this.#timeout = options.timeout ?? 60_000;
    this.#idleConnection = options.idleConnection ?? 30_000;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#onWarning = options.onWarning;
    this.#onRequest = options.onRequest;
  }

  /** Sends a request and returns the parsed answer. Throws as {@link text} does, and InvalidResponseError for what is not JSON. */
  async json(request: Request): Promise<unknown> {
    return parseAnswer(request, await this.text(request));
  }

  /**
   * Sends a request and returns the answer's text. 429 and 503 with `Retry-After` are retried for every method (the
   * server has not begun), broken connections only for calls that may be repeated.
   *
   * @throws ApiError, ConnectionError, or the signal's reason
   */
  async text(request: Request): Promise<string> {
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

  async #once(request: Request): Promise<string> {
    const link = await this.#linked();
    const patience = new Patience(this.#clock, this.#timeout);
    try {
      const response = await this.#openAuthenticated(link, request, link.calls, patience);
      const text = await this.#text(request, response, patience);
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) throw apiError(request, response, text);
      return text;
    } finally {
      patience.end();
    }
  }

  /** Sends a request whose answer has no end, such as a watch. Throws as {@link json} does, without retries. */
  async stream(request: Request): Promise<Stream> {
    const link = await this.#linked();
    const response = await this.#openAuthenticated(link, request, link.streams);
    if (response.statusCode === 200) return { body: response };
    throw apiError(request, response, await this.#text(request, response));
  }

  /** Closes all connections; calls under way fail. */
  close(): void {
    void this.#link?.then(({ calls, streams }) => {
      calls.destroy();
      streams.destroy();
    });
  }

  async #linked(): Promise<Link> {
    const link = await (this.#link ??= this.#connect()
      .then((config) => this.#makeLink(config))
      .catch((error: unknown) => {
        this.#link = undefined;
        throw error;
      }));
    return this.#clock.now() - link.checkedAt > TLS_CHECK ? this.#renewed(link) : link;
  }

  /** The link with the certificates as they are now, for new connections. What is open, or cannot be renewed just now, stays as it is. */
  async #renewed(link: Link): Promise<Link> {
    link.checkedAt = this.#clock.now();
    const tls = await link.config.renewedTls?.().catch(() => undefined);
    if (tls === undefined || ![tls.ca, tls.cert, tls.key].every(isWhole)) return link;
    try {
      const renewed = this.#makeLink({ ...link.config, tls });
      this.#link = Promise.resolve(renewed);
      return renewed;
    } catch {
      // A new certificate beside an old key: the next file is about to follow, and the next check finds both.
      return link;
    }
  }

  #makeLink(config: ConnectionConfig): Link {
    const base = new URL(config.server);
    const secure = base.protocol === "https:";
    const { serverName, insecure } = config.tls;
    const tls: SecureOptions = secure
      ? {
          secureContext: secureContext(config.tls),
          ...(serverName !== undefined && { servername: serverName }),
          rejectUnauthorized: insecure !== true,
        }
      : {};
    const agent = (limits: http.AgentOptions) => (secure ? new https.Agent({ ...limits, ...tls }) : new http.Agent(limits));
    const calls = agent({ keepAlive: true, timeout: this.#idleConnection, maxSockets: this.#maxConnections, scheduling: "lifo" });
    return { config, checkedAt: this.#clock.now(), base, tls, calls, streams: agent({ keepAlive: false }) };
  }

  /** Refused credentials are renewed once, and the call is sent again: the server did nothing but refuse it. */
  async #openAuthenticated(link: Link, request: Request, agent: http.Agent, patience?: Patience): Promise<http.IncomingMessage> {
    const credentials = await link.config.authenticate();
    const response = await this.#open(link, request, agent, credentials, patience);
    if (response.statusCode !== 401) return response;
    const renewed = await link.config.authenticate(true);
    if (JSON.stringify(renewed) === JSON.stringify(credentials)) return response;
    response.resume();
    return this.#open(link, request, agent, renewed, patience);
  }

  async #open(
    link: Link,
    request: Request,
    agent: http.Agent,
    credentials: Readonly<Record<string, string>>,
    patience?: Patience,
  ): Promise<http.IncomingMessage> {
    const { base, tls } = link;
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(stringifyJson(request.body));
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept ?? "application/json",
      "user-agent": this.#userAgent,
      ...request.observed?.headers,
      ...credentials,
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
    };
    const secure = base.protocol === "https:";
    let answered = false;
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request(options, (response) => {
        const { statusCode = 0 } = response;
        answered = true;
        this.#onRequest?.({ method: request.method, host: base.host, code: String(statusCode) });
        request.observed?.answered?.(statusCode);
        this.#noteWarnings(response);
        resolve(response);
      });
      outgoing.on("error", (cause) => {
        if (!answered) this.#onRequest?.({ method: request.method, host: base.host, code: "<error>" });
        reject(broken(request, cause, base));
      });
      patience?.begin((fault) => outgoing.destroy(fault));
      const send = () => {
        try {
          request.beforeSend?.();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
          outgoing.destroy();
          return;
        }
        outgoing.end(body);
      };
      if (request.beforeSend === undefined) send();
      else outgoing.once("socket", (socket) => (socket.connecting ? socket.once(secure ? "secureConnect" : "connect", send) : send()));
    });
  }

  async #text(request: Request, response: http.IncomingMessage, patience?: Patience): Promise<string> {
    response.setEncoding("utf8");
    let text = "";
    try {
      for await (const part of response) {
        patience?.progress();
        text += part as string;
      }
    } catch (cause) {
      throw broken(request, patience?.fault ?? cause);
    }
    return text;
  }

  #retryDelay(request: Request, error: unknown, attempt: number): number | undefined {
    const jitter = 1 + this.#random() / 2;
    if (error instanceof ApiError && (error.status === 429 || error.status === 503) && error.retryAfter !== undefined)
      return error.retryAfter * jitter;
    if (isRepeatable(request) && error instanceof ConnectionError && isBroken(error.cause))
      return RETRY_DELAY * 2 ** (attempt - 1) * jitter;
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

/** Made once: with the PEM texts in their options, agents would build it for every connection and compare the texts for every call. */
function secureContext({ ca, cert, key }: TlsMaterial): tls.SecureContext {
  try {
    return tls.createSecureContext({
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    });
  } catch (cause) {
    throw new KubeconfigError(`the certificates or the key of the kubeconfig cannot be read: ${faultOf(cause)}`, cause);
  }
}

/** False for a file that somebody is writing just now: OpenSSL would take it for one without certificates. */
function isWhole(pem: string | undefined): boolean {
  return pem === undefined || pem.includes("-----END ");
}

function isRepeatable({ method, contentType, repeatable }: Request): boolean {
  return repeatable ?? (method === "GET" || method === "PUT" || contentType === "application/apply-patch+yaml");
}

/**
 * True when an open connection broke. One that could not be made, a server that is not trusted, or an answer that did not come in time
 * are no passing faults within a call's patience: whoever called decides when to try again.
 */
function isBroken(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "ECONNRESET" || code === "EPIPE" || code.startsWith("HPE_");
}

/** @throws InvalidResponseError when the text is not JSON */
export function parseAnswer(request: Request, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Neither the text nor the parser's message, which quotes it: it may be part of a Secret.
    throw new InvalidResponseError(`${describe(request)}: the answer of ${text.length} characters is not JSON`);
  }
}

function describe(request: Request): string {
  return `${request.method} ${request.path.split("?")[0] ?? ""}`;
}

function apiError(request: Request, response: http.IncomingMessage, text: string): ApiError {
  const status = response.statusCode ?? 0;
  const seconds = Number(response.headers["retry-after"] ?? Number.NaN);
  return new ApiError(status, statusBody(status, text), describe(request), Number.isFinite(seconds) ? seconds * 1000 : undefined);
}

function statusBody(status: number, text: string): Status {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // a proxy's page, or plain text
  }
  const line = text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  return { message: line === "" ? `HTTP ${status}` : `HTTP ${status}: ${line}` };
}

function broken(request: Request, cause: unknown, base?: URL): Error {
  if (request.signal?.aborted === true) return request.signal.reason as Error;
  const where = base === undefined ? "the connection to the API server broke" : `cannot reach the API server at ${base.origin}`;
  return new ConnectionError(`${where}: ${faultOf(cause)}`, cause);
}

function faultOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const nested = cause instanceof AggregateError ? (cause.errors as unknown[])[0] : undefined;
  return cause.message || (nested instanceof Error ? nested.message : cause.name);
}
