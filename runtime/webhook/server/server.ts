import { constants } from "node:crypto";
import type { Http2SecureServer } from "node:http2";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { SecureContextOptions } from "node:tls";
import {
  milliseconds,
  sleep,
  systemClock,
  type Clock,
  type DurationLike,
  type KindToken,
  type Logger,
  type ObjectOf,
} from "../../object/index.ts";
import { AdmissionEndpoint, type AdmissionHandler, type Defaulter, type Validator } from "../admission/index.ts";
import { AuthenticationEndpoint, type TokenAuthenticator } from "../authentication/index.ts";
import { Conversion, CONVERT_PATH, ConversionEndpoint, type Converter } from "../conversion/index.ts";
import { Calls, NO_WEBHOOK_METRICS, type Call, type ReviewEndpoint, type WebhookMetrics } from "../review/index.ts";
import { BODY_LIMIT, readBody, refuseHeaders, type Refusal } from "./body.ts";
import type { CertificateSource, ServingPair } from "./certificate-files.ts";
import { connectionsOf, createListener, type Connections, type Incoming, type Outgoing } from "./listener.ts";

export interface WebhookServerOptions {
  /** 0 for any free port. */
  port: number;
  /** Default: all addresses of the machine. */
  host?: string;
  certificates: CertificateSource;
  log: Logger;
  clock?: Clock;
  metrics?: WebhookMetrics;
  /** Bytes a request's body may have. Default 3 MiB. */
  bodyLimit?: number;
  /** How long a request may take to come in. Default `30s`, the longest that the API server waits for an answer. */
  receiveTimeout?: DurationLike;
  /**
   * Offer HTTP/2 as well. Default false: an API server asks little enough for HTTP/1.1, and whoever reaches the port can make a server of
   * HTTP/2 work harder (CVE-2023-44487, CVE-2023-39325).
   */
  http2?: boolean;
}

export interface StopOptions {
  /** How long requests under way may take to be answered; then they are broken off. Default `30s`. */
  grace?: DurationLike;
  /**
   * How long the server goes on to take requests before that, each answer closing its connection. In a cluster it takes a moment until
   * nobody sends requests here any more. Default 0.
   */
  drain?: DurationLike;
}

/** Connections that nothing was ever asked by are closed so long after the server takes no more of them: the first request may be on its way. */
const UNUSED_CONNECTION = 100;

/**
 * Idle connections are closed when nothing was asked for so long (ms): where requests come in a burst, more connections are in use than at other
 * times, and one that has been idle may be about to be. Nobody waits longer for it than that.
 */
const LULL = 25;
const LONGEST_WAIT_FOR_LULL = 1000;

/**
 * Lets what has come in by now be read, before connections that look idle are closed: a busy process may not have looked at its sockets for
 * a while. Node looks at them between two turns of its event loop, each of which ends with what `setImmediate` asked for.
 */
async function readSockets(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Serves webhooks over HTTPS. Paths are added before or after it starts. */
export class WebhookServer {
  readonly #options: WebhookServerOptions;
  readonly #clock: Clock;
  readonly #metrics: WebhookMetrics;
  readonly #endpoints = new Map<string, ReviewEndpoint>();
  readonly #calls: Calls;
  readonly #life = new AbortController();
  #conversions: ConversionEndpoint | undefined;
  #server: Server | Http2SecureServer | undefined;
  #connections: Connections | undefined;
  #stopped: Promise<void> | undefined;
  /** When the last request came, by the clock's {@link Clock.monotonic}. */
  #lastAsked = -Infinity;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? NO_WEBHOOK_METRICS;
    this.#calls = new Calls({ clock: this.#clock, log: options.log });
  }

  /** Asks a defaulter about a kind's objects, at a path that other kinds may share. */
  mutate<K extends KindToken>(path: string, kind: K, defaulter: Defaulter<ObjectOf<K>>): this {
    // A request's kind decides which handlers get its object, so the object is of the handler's type.
    this.#admission(path)
      .of(kind)
      .defaulters.push(defaulter as Defaulter<never>);
    return this;
  }

  /** Asks a validator about a kind's objects, at a path that other kinds may share. */
  validate<K extends KindToken>(path: string, kind: K, validator: Validator<ObjectOf<K>>): this {
    this.#admission(path)
      .of(kind)
      .validators.push(validator as Validator<never>);
    return this;
  }

  /**
   * Asks a handler about everything that comes to a path. Several are asked in order.
   *
   * @example
   * server.handle("/validate", { handle: (request) => (request.dryRun ? allowed() : denied("not today")) });
   */
  handle(path: string, handler: AdmissionHandler): this {
    this.#admission(path).add(handler);
    return this;
  }

  /** Converts between a kind's versions, of which the given one is the hub, at `/convert`. */
  convert<K extends KindToken>(hub: K, converter: Converter<ObjectOf<K>>): this {
    if (this.#conversions === undefined)
      this.serve(CONVERT_PATH, (this.#conversions = new ConversionEndpoint(() => this.#metrics.conversionPanicked())));
    this.#conversions.add(new Conversion(hub, converter as Converter<never>));
    return this;
  }

  /** Serves a token authenticator at a path (`authentication.k8s.io TokenReview`). */
  authenticate(path: string, authenticator: TokenAuthenticator): this {
    return this.serve(path, new AuthenticationEndpoint(authenticator, () => this.#metrics.panicked()));
  }

  /** Serves anything that answers reviews at a path. @throws TypeError when the path is taken, or is none */
  serve(path: string, endpoint: ReviewEndpoint): this {
    if (!/^\/[^?#\s]*$/.test(path)) throw new TypeError(`"${path}" is no path; write it like "/mutate"`);
    if (this.#endpoints.has(path)) throw new TypeError(`${path} serves something else already`);
    this.#endpoints.set(path, endpoint);
    this.#metrics.served(path);
    return this;
  }

  /** Everything that is served. */
  get paths(): readonly string[] {
    return [...this.#endpoints.keys()];
  }

  /** The port that is listened on. */
  get port(): number | undefined {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port;
  }

  /** The kinds that are converted here, each as its hub. */
  get convertedKinds(): KindToken[] {
    return this.#conversions?.hubs ?? [];
  }

  /** A readiness check. @throws Error while the server takes no requests, or its certificate is not trusted yet */
  check(): void {
    if (!this.#server?.listening || this.#stopped !== undefined) throw new Error("the webhook server does not listen");
    this.#options.certificates.check?.();
  }

  /**
   * Tries the samples of all converters, reads the certificate and listens.
   *
   * @param signal ends the wait for a certificate
   * @throws ConversionError, or Error when the certificate cannot be used, or the port not be listened on
   */
  async start(signal?: AbortSignal): Promise<void> {
    this.#conversions?.checkSamples();
    const { certificates, port, host, receiveTimeout = "30s", http2 = false } = this.#options;
    const server = await createListener({
      secureContext: secure(await certificates.load(signal)),
      http2,
      receiveTimeout: Math.round(milliseconds(receiveTimeout)),
      onRequest: (request, response) => this.#receive(request, response),
    });
    this.#connections = connectionsOf(server);
    await new Promise<void>((resolve, reject) => {
      // Once it listens, an error is of a single connection and must not end the process.
      server.on("error", reject);
      server.listen({ port, ...(host !== undefined && { host }) }, resolve);
    });
    this.#server = server;
    certificates.watch((pair) => server.setSecureContext(secure(pair)), this.#life.signal);
    this.#options.log.info("Serving webhook server", { port: this.port });
  }

  /** Takes no more requests, and resolves when those under way are answered. Calling it again returns the same promise. */
  stop(options: StopOptions = {}): Promise<void> {
    return (this.#stopped ??= this.#stop(options));
  }

  #admission(path: string): AdmissionEndpoint {
    const known = this.#endpoints.get(path);
    if (known instanceof AdmissionEndpoint) return known;
    const endpoint = new AdmissionEndpoint(() => this.#metrics.panicked());
    this.serve(path, endpoint);
    return endpoint;
  }

  async #stop({ grace = "30s", drain = 0 }: StopOptions): Promise<void> {
    const server = this.#server;
    this.#life.abort();
    if (server === undefined) return;
    if (milliseconds(drain) > 0) {
      await sleep(this.#clock, milliseconds(drain));
      await this.#lull();
    }
    const closed = new Promise((resolve) => server.close(resolve));
    const timers = [
      this.#clock.setTimeout(() => this.#connections?.destroyAll(), milliseconds(grace)),
      this.#clock.setTimeout(() => this.#connections?.destroyUnused(), UNUSED_CONNECTION),
    ];
    await closed;
    for (const timer of timers) timer.cancel();
    this.#calls.close();
  }

  async #lull(): Promise<void> {
    const end = this.#clock.monotonic() + LONGEST_WAIT_FOR_LULL;
    for (;;) {
      await readSockets();
      const now = this.#clock.monotonic();
      const left = this.#lastAsked + LULL - now;
      if (left <= 0 || now >= end) return;
      await sleep(this.#clock, left);
    }
  }

  #receive(request: Incoming, response: Outgoing): void {
    this.#lastAsked = this.#clock.monotonic();
    const { url = "/" } = request;
    this.#connections?.use(request.socket);
    const question = url.indexOf("?");
    const path = question < 0 ? url : url.slice(0, question);
    const endpoint = this.#endpoints.get(path);
    if (endpoint === undefined) {
      this.#refuse(response, { code: 404, message: "no webhook is served here" });
      return;
    }
    const began = performance.now();
    const timeout = question < 0 ? undefined : timeoutIn(url.slice(question + 1));
    const call = this.#calls.begin(path, timeout);
    this.#metrics.started(path);
    response.on("close", () => {
      this.#metrics.ended(path);
      if (response.writableFinished) this.#metrics.answered(path, response.statusCode, (performance.now() - began) / 1000);
      else call.end("the caller has gone away");
      // Not while it drains: the next request may be on its way over a connection that looks idle.
      if (this.#server?.listening === false) this.#connections?.closeIdle();
    });
    const refusal = refuseHeaders(request);
    if (refusal !== undefined) {
      this.#refuse(response, refusal);
      return;
    }
    readBody(request, this.#options.bodyLimit ?? BODY_LIMIT, (body) => {
      if (Buffer.isBuffer(body)) void this.#answer(endpoint, body, call, response);
      else this.#refuse(response, body);
    });
  }

  async #answer(endpoint: ReviewEndpoint, body: Buffer, call: Call, response: Outgoing): Promise<void> {
    try {
      const answer = await endpoint.answer(body, call);
      this.#send(response, 200, "application/json", answer);
    } catch (error) {
      call.log.error("a webhook could not be answered", error);
      this.#refuse(response, { code: 500, message: "the webhook failed" });
    }
  }

  /** Whatever is left of the request is not read any more, so the connection cannot be used again. */
  #refuse(response: Outgoing, { code, message }: Refusal): void {
    if (code === 405) response.setHeader("allow", "POST");
    if ("shouldKeepAlive" in response) response.shouldKeepAlive = response.req.complete;
    this.#send(response, code, "text/plain; charset=utf-8", `${message}\n`);
  }

  #send(response: Outgoing, code: number, type: string, body: string): void {
    if (this.#stopped !== undefined && "shouldKeepAlive" in response) response.shouldKeepAlive = false;
    const length = Buffer.byteLength(body);
    // ASCII, as nearly every answer, is written faster as Latin-1, which is the same then.
    response.writeHead(code, { "content-type": type, "content-length": length });
    response.end(body, length === body.length ? "latin1" : "utf8");
  }
}

function secure(pair: ServingPair): SecureContextOptions {
  return { cert: pair.cert, key: pair.key, minVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

function timeoutIn(query: string): string | undefined {
  return query === "timeout=10s" ? "10s" : (new URLSearchParams(query).get("timeout") ?? undefined);
}
