import http from "node:http";
import https from "node:https";
import { makeAgents, type Agents } from "./agents.ts";
import type { ConnectionConfig } from "./kubeconfig.ts";
import { ApiError, ConnectionError, InvalidResponseError, type Status } from "./errors.ts";
import type { ObservedCall } from "./observer.ts";
import { Patience } from "./patience.ts";
import { retryAfterOf, retryDelay } from "./retries.ts";
import { parseJson, sameJson, sleep, stringifyJson, systemClock, type Clock } from "../object/index.ts";

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
  /**
   * How long an ordinary call waits for its answer, and for each further part of it, in milliseconds; and how long all its pauses between tries may be,
   * where the server asks for them. Default 60 s.
   */
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

/** How often it is looked whether certificate files were replaced, in milliseconds. */
const TLS_CHECK = 60_000;

/** What is known once the credentials are read. */
interface Link extends Agents {
  config: ConnectionConfig;
  /** When the files of the certificates were last looked at. */
  checkedAt: number;
  origin: string;
  host: string;
  /** What all requests have in common. */
  target: Pick<https.RequestOptions, "protocol" | "hostname" | "port">;
  /** What the server's address has before the paths of the API. */
  prefix: string;
}

/** What proves who we are, in the headers of a request. */
type Credentials = Awaited<ReturnType<ConnectionConfig["authenticate"]>>;

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
  #renewing: Promise<Link> | undefined;

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
   * Sends a request and returns the answer's text. What failed for the moment is tried again, see {@link retryDelay}.
   *
   * @throws ApiError, ConnectionError, or the signal's reason
   */
  async text(request: Request): Promise<string> {
    let patience = this.#timeout;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request);
      } catch (error) {
        const delay = request.signal?.aborted === true ? undefined : retryDelay(request, error, attempt, this.#random);
        if (delay === undefined || delay > patience) throw error;
        patience -= delay;
        await sleep(this.#clock, delay, request.signal);
      }
    }
  }

  async #once(request: Request): Promise<string> {
    const patience = new Patience(this.#clock, this.#timeout);
    try {
      const response = await this.#openAuthenticated(request, "calls", patience);
      const text = await this.#text(request, response, patience);
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) throw this.#apiError(request, response, text);
      return text;
    } finally {
      patience.end();
    }
  }

  /** Sends a request whose answer has no end, such as a watch. Throws as {@link json} does, without retries. */
  async stream(request: Request): Promise<Stream> {
    const response = await this.#openAuthenticated(request, "streams");
    if (response.statusCode === 200) return { body: response };
    throw this.#apiError(request, response, await this.#text(request, response));
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
    return this.#clock.monotonic() - link.checkedAt > TLS_CHECK ? this.#renewed(link) : link;
  }

  /** The link with the certificates as they are now, for new connections. What is open, or cannot be renewed just now, stays as it is. */
  #renewed(link: Link): Promise<Link> {
    link.checkedAt = this.#clock.monotonic();
    return (this.#renewing ??= this.#withNewTls(link).finally(() => (this.#renewing = undefined)));
  }

  async #withNewTls(link: Link): Promise<Link> {
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
    const agents = makeAgents(config, this.#maxConnections, this.#idleConnection);
    const { protocol, hostname, port, pathname, origin, host } = new URL(config.server);
    const target = { protocol, hostname: hostname.replace(/^\[|\]$/g, ""), port };
    return { config, checkedAt: this.#clock.monotonic(), origin, host, target, prefix: pathname.replace(/\/$/, ""), ...agents };
  }

  /** Refused credentials are renewed once, and the call is sent again: the server did nothing but refuse it. */
  async #openAuthenticated(request: Request, use: "calls" | "streams", patience?: Patience): Promise<http.IncomingMessage> {
    const link = await this.#linked();
    const credentials = await link.config.authenticate();
    const response = await this.#open(link, request, link[use], credentials, patience);
    if (response.statusCode !== 401) return response;
    const renewed = await this.#reauthenticated(link, credentials);
    if (renewed === undefined) return response;
    response.resume();
    return this.#open(renewed.link, request, renewed.link[use], renewed.credentials, patience);
  }

  /** Credentials that differ from those that were refused, in headers or certificate; `undefined` when there are none. */
  async #reauthenticated(link: Link, refused: Credentials): Promise<{ link: Link; credentials: Credentials } | undefined> {
    // Of many calls that are refused at once the first one renews, and the others find what it got.
    let credentials = await link.config.authenticate();
    if (sameJson(credentials, refused)) credentials = await link.config.authenticate(true);
    const current = await this.#linked();
    const linkNow = current === link ? await this.#renewed(link) : current;
    return linkNow === link && sameJson(credentials, refused) ? undefined : { link: linkNow, credentials };
  }

  async #open(
    link: Link,
    request: Request,
    agent: http.Agent,
    credentials: Credentials,
    patience?: Patience,
  ): Promise<http.IncomingMessage> {
    const { origin, target, prefix } = link;
    const { signal } = request;
    signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(stringifyJson(request.body));
    const headers: http.OutgoingHttpHeaders = {
      accept: request.accept ?? "application/json",
      "user-agent": this.#userAgent,
      ...request.observed?.headers,
      ...credentials,
      ...(body && { "content-type": request.contentType ?? "application/json", "content-length": body.length }),
    };
    const options: https.RequestOptions = {
      ...target,
      path: prefix + request.path,
      method: request.method,
      agent,
      headers,
    };
    const secure = target.protocol === "https:";
    let answered = false;
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request(options, (response) => {
        const { statusCode = 0 } = response;
        answered = true;
        this.#onRequest?.({ method: request.method, host: link.host, code: String(statusCode) });
        request.observed?.answered?.(statusCode);
        this.#noteWarnings(response);
        resolve(response);
      });
      const nothingSent = watchSending(outgoing);
      outgoing.on("error", (cause) => {
        if (!answered) this.#onRequest?.({ method: request.method, host: link.host, code: "<error>" });
        reject(broken(request, cause, origin, nothingSent()));
      });
      if (signal !== undefined) {
        const onAbort = () => outgoing.destroy();
        signal.addEventListener("abort", onAbort);
        outgoing.once("close", () => signal.removeEventListener("abort", onAbort));
      }
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
    // An iterator over the parts would cost more than all else that is done with a small answer.
    return new Promise((resolve, reject) => {
      let text = "";
      response.on("data", (part: string) => {
        patience?.progress();
        text += part;
      });
      response.on("end", () => resolve(text));
      const onBroken = (cause: unknown) => reject(broken(request, patience?.fault ?? cause));
      response.on("error", onBroken);
      response.on("close", () => {
        if (!response.readableEnded) onBroken("it was closed");
      });
    });
  }

  #apiError(request: Request, response: http.IncomingMessage, text: string): ApiError {
    const status = response.statusCode ?? 0;
    const retryAfter = retryAfterOf(response.headers["retry-after"], this.#clock.now());
    return new ApiError(status, statusBody(status, text), describe(request), retryAfter);
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

/** False for a file that somebody is writing just now: OpenSSL would take it for one without certificates. */
function isWhole(pem: string | undefined): boolean {
  return pem === undefined || pem.includes("-----END ");
}

/**
 * Tells afterwards whether it is certain that nothing of a request went out. An idle connection that the server closes in the moment when we use it takes
 * the bytes, so that only what broke before any was written is certain, as in Go's HTTP client.
 */
function watchSending(outgoing: http.ClientRequest): () => boolean {
  let sent = () => false;
  outgoing.once("socket", (socket) => {
    if (socket.connecting) {
      let connected = false;
      socket.once("encrypted" in socket ? "secureConnect" : "connect", () => (connected = true));
      sent = () => connected;
    } else {
      const before = socket.bytesWritten;
      sent = () => socket.bytesWritten > before;
    }
  });
  return () => !sent();
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

function broken(request: Request, cause: unknown, origin?: string, nothingSent = false): Error {
  if (request.signal?.aborted === true) return request.signal.reason as Error;
  const where = origin === undefined ? "the connection to the API server broke" : `cannot reach the API server at ${origin}`;
  return new ConnectionError(`${where}: ${faultOf(cause)}`, cause, nothingSent);
}

function faultOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const nested = cause instanceof AggregateError ? (cause.errors as unknown[])[0] : undefined;
  return cause.message || (nested instanceof Error ? nested.message : cause.name);
}
