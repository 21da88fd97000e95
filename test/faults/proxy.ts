import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { KubernetesObject } from "@kubescaffold/runtime";
import type { ConnectionConfig } from "../../runtime/client/index.ts";
import { ANSWER_LOST, type Fate, type Plan, type CallFault } from "./plan.ts";
import { passWatch } from "./watch-faults.ts";

/** A write that reached the API server. */
export interface Write {
  what: string;
  /** The resource versions before and after; equal when it changed nothing. */
  changed: boolean;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** Called around each write of objects (not of events and leases). May power the proxy off. */
export type WriteHook = (proxy: FaultProxy, moment: "before" | "after") => void;

export interface ProxyOptions {
  upstream: ConnectionConfig;
  plan?: Plan | undefined;
  onWrite?: WriteHook | undefined;
  /** Told each fault as it happens. */
  onFault: (text: string) => void;
}

/** Milliseconds; many seconds in the time of the operator. */
const LONGEST_DELAY = 150;

/** Stands between one life of an operator and the API server, and does to the operator's calls what its plan says. */
export class FaultProxy {
  readonly #options: ProxyOptions;
  readonly #server: http.Server;
  readonly #life = new AbortController();
  readonly #agent: http.Agent;
  /** Collections whose history is forgotten: their watches get 410 until somebody lists them anew, also when the faults have stopped. */
  readonly #forgotten = new Set<string>();
  #calm = false;
  /** All writes of objects that the server has answered with success. */
  readonly writes: Write[] = [];
  /** Writes that were worked on and whose answers did not arrive. */
  lostAnswers = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    const { tls, server } = options.upstream;
    this.#agent = server.startsWith("https:")
      ? new https.Agent({ keepAlive: true, ca: tls.ca, cert: tls.cert, key: tls.key, rejectUnauthorized: tls.insecure !== true })
      : new http.Agent({ keepAlive: true });
    this.#server = http.createServer((request, response) => {
      this.#handle(request, response).catch(() => response.socket?.destroy());
    });
    this.#server.keepAliveTimeout = 120_000;
  }

  static async start(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** No more faults from here on. What is silent stays so: the operator has to notice by itself. */
  calm(): void {
    this.#calm = true;
  }

  /** Nothing passes any more, in either direction: for the API server the operator has died, in the middle of whatever it did. */
  powerOff(): void {
    this.#life.abort(new Error("the proxy is off"));
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  isOff(): boolean {
    return this.#life.signal.aborted;
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const body = await bodyOf(request);
    const { method = "GET", url: path = "/" } = request;
    const url = new URL(path, "http://proxy");
    const query = url.searchParams;
    if (query.get("watch") === "true") return this.#watch(request, response, url);
    const isList = query.has("limit");
    if (isList && !this.#calm && this.#options.plan) query.set("limit", "1"); // so that lists have pages
    const isWrite = method !== "GET" && !/\/(events|leases)(\/|$)/.test(url.pathname);
    const what = `${method} ${url.pathname}`;
    const fate = this.#calm ? undefined : this.#options.plan?.call(what, isList);
    if (fate) this.#options.onFault(`${fate.fault}: ${what}`);

    const fault = fate?.fault;
    if (fault === "cut before the server") {
      response.destroy();
      return;
    }
    if (fault === "silence before the server") return;
    if (fate?.fault === "late request") await wait(LONGEST_DELAY * fate.extent, undefined, { signal: this.#life.signal });
    const refusal = fate && refusalOf(fate.fault);
    if (refusal) {
      answer(response, refusal);
      return;
    }
    if (isList) this.#forgotten.delete(url.pathname);
    const before = isWrite ? await this.#versionOf(method, url) : undefined;
    if (isWrite) this.#options.onWrite?.(this, "before");
    if (this.isOff()) return;
    const result = await this.#forward(request, method, url.pathname + url.search, body);
    if (isWrite && result.status < 300) {
      this.writes.push({ what, changed: method === "DELETE" || before === undefined || before !== versionIn(result.body) });
      // On a busy machine the operator may have given up waiting by now, without a fault of the plan.
      if ((fault !== undefined && ANSWER_LOST.has(fault)) || response.destroyed) this.lostAnswers++;
    }
    if (isWrite) this.#options.onWrite?.(this, "after");
    if (this.isOff()) return;
    if (fault === "silence after the server") return;
    if (fate?.fault === "late answer") await wait(LONGEST_DELAY * fate.extent, undefined, { signal: this.#life.signal });
    deliver(response, result, fate);
  }

  async #watch(request: http.IncomingMessage, response: http.ServerResponse, url: URL): Promise<void> {
    const streamed = url.searchParams.get("sendInitialEvents") === "true";
    const what = `WATCH ${url.pathname}`;
    const fate = this.#calm ? undefined : this.#options.plan?.watch(what, streamed);
    if (fate) this.#options.onFault(`${fate.fault}: ${what}`);
    if (fate?.fault === "cut before the server") {
      response.destroy();
      return;
    }
    if (fate?.fault === "410" || fate?.fault === "watch 410") this.#forgotten.add(url.pathname);
    if (!streamed && fate?.fault !== "watch 410" && this.#forgotten.has(url.pathname)) {
      answer(response, failure(410, "Expired"));
      return;
    }
    const refusal = fate && (fate.fault === "no streaming lists" ? failure(422, "Invalid") : refusalOf(fate.fault));
    if (refusal) {
      answer(response, refusal);
      return;
    }
    if (streamed && fate?.fault !== "watch 410") this.#forgotten.delete(url.pathname);
    const upstream = await this.#open(request, "GET", url.pathname + url.search, undefined);
    response.on("close", () => upstream.destroy());
    const isCalm = () => this.#calm;
    await passWatch({ upstream, response, fate, longestDelay: LONGEST_DELAY, signal: this.#life.signal, isCalm });
  }

  /** The version of the object that a write is about to change. */
  async #versionOf(method: string, url: URL): Promise<string | undefined> {
    if (method !== "PATCH" && method !== "PUT") return undefined;
    const current = await this.#forward(undefined, "GET", url.pathname.replace(/\/status$/, ""), undefined);
    return current.status === 200 ? versionIn(current.body) : undefined;
  }

  async #forward(request: http.IncomingMessage | undefined, method: string, path: string, body: Buffer | undefined): Promise<Answer> {
    const upstream = await this.#open(request, method, path, body);
    return { status: upstream.statusCode ?? 0, headers: upstream.headers, body: await bodyOf(upstream) };
  }

  async #open(request: http.IncomingMessage | undefined, method: string, path: string, body: Buffer | undefined) {
    const { server, authenticate } = this.#options.upstream;
    const { host: _host, connection: _connection, ...passed } = request?.headers ?? {};
    const headers = { ...passed, ...(await authenticate()) };
    return new Promise<http.IncomingMessage>((resolve, reject) => {
      const { request: send } = server.startsWith("https:") ? https : http;
      const outgoing = send(new URL(path, server), { method, headers, agent: this.#agent, signal: this.#life.signal }, resolve);
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

async function bodyOf(message: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The resource version; none for an object that this write let go, whose version need not have changed. */
function versionIn(body: Buffer): string | undefined {
  const { metadata = {} } = JSON.parse(body.toString()) as KubernetesObject;
  const isGone = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
  return isGone ? undefined : metadata.resourceVersion;
}

function failure(code: number, reason: string, retryAfter?: string): Answer {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: "a fault of the test", reason, code };
  const headers = { "content-type": "application/json", ...(retryAfter !== undefined && { "retry-after": retryAfter }) };
  return { status: code, headers, body: Buffer.from(JSON.stringify(status)) };
}

/** Faults that are answers. */
function refusalOf(fault: string): Answer | undefined {
  const [code, ...more] = fault.split(" ");
  const reason = { "410": "Expired", "429": "TooManyRequests", "500": "InternalError", "503": "ServiceUnavailable" }[code ?? ""];
  return reason === undefined ? undefined : failure(Number(code), reason, more.length > 0 ? "1" : undefined);
}

function answer(response: http.ServerResponse, { status, headers, body }: Answer): void {
  const { "transfer-encoding": _coding, connection: _connection, ...passed } = headers;
  response.writeHead(status, { ...passed, "content-length": body.length }).end(body);
}

/** Hands an answer on, or what the fault leaves of it. */
function deliver(response: http.ServerResponse, result: Answer, fate: Fate<CallFault> | undefined): void {
  const { socket } = response;
  const { body } = result;
  const some = Math.floor(body.length * (fate?.extent ?? 0));
  const head = (header: string) => `HTTP/1.1 ${result.status} OK\r\nContent-Type: application/json\r\n${header}\r\n\r\n`;
  const raw = (...parts: (string | Buffer)[]) => socket?.end(Buffer.concat(parts.map((part) => Buffer.from(part))));
  switch (fate?.fault) {
    case "cut after the server":
      socket?.destroy();
      break;
    case "cut in mid-answer":
      socket?.write(Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`)), body.subarray(0, some)]), () => socket.destroy());
      break;
    case "garbage for an answer":
      answer(response, { ...result, body: Buffer.concat([body.subarray(0, some), Buffer.from([0xff, 0x00, 0x7b, 0xfe])]) });
      break;
    case "garbage for HTTP":
      raw(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0d, 0x0a]), body.subarray(0, some));
      break;
    case "content-length too long":
      raw(head(`Content-Length: ${body.length + 10}`), body);
      break;
    case "content-length too short":
      raw(head(`Content-Length: ${Math.min(some, body.length - 1)}`), body);
      break;
    case "broken chunk":
      raw(head("Transfer-Encoding: chunked"), "5\r\n", body.subarray(0, 5), "\r\nnonsense\r\n", body.subarray(5));
      break;
    default:
      answer(response, result);
  }
}
