import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RestMapper, Transport, type TransportOptions } from "../../runtime/client/index.ts";
import type { KubernetesObject } from "../../runtime/object/index.ts";

/** One request, and what a test does with it. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly bodyText: string;
  readonly socket: Socket;
  /** True once the client has gone away. */
  closed = false;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, body: string) {
    const url = new URL(request.url ?? "/", "http://fake");
    this.method = request.method ?? "";
    this.path = url.pathname;
    this.query = url.searchParams;
    this.headers = request.headers;
    this.socket = request.socket;
    this.bodyText = body;
    this.body = body === "" ? undefined : JSON.parse(body);
    this.#response = response;
    response.on("close", () => (this.closed = true));
  }

  get isWatch(): boolean {
    return this.query.get("watch") === "true";
  }

  answer(body: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.text(JSON.stringify(body), status, headers);
  }

  text(body: string, status = 200, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  }

  fail(status: number, reason: string, message = reason, headers: Record<string, string> = {}): void {
    this.answer({ kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message }, status, headers);
  }

  /** Sends events of a watch; the answer stays open. */
  events(...events: readonly [type: string, object: object][]): void {
    this.raw(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(""));
  }

  /** The whole initial state of a streamed list. */
  listed(resourceVersion: string, ...objects: readonly object[]): void {
    const metadata = { resourceVersion, annotations: { "k8s.io/initial-events-end": "true" } };
    this.events(...objects.map((object): [string, object] => ["ADDED", object]), ["BOOKMARK", { kind: "ConfigMap", metadata }]);
  }

  bookmark(resourceVersion: string): void {
    this.events(["BOOKMARK", { kind: "ConfigMap", metadata: { resourceVersion } }]);
  }

  /** Bytes as they are, after the head of a good answer. */
  raw(bytes: string | Buffer): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { "content-type": "application/json" });
    this.#response.write(bytes);
  }

  end(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { "content-type": "application/json" });
    this.#response.end();
  }

  /** Breaks the connection off. */
  cut(): void {
    this.socket.destroy();
  }
}

type Reply = (exchange: Exchange) => void;

const RESOURCES: Readonly<Record<string, object[]>> = {
  "/api/v1": [
    { name: "configmaps", kind: "ConfigMap", namespaced: true },
    { name: "namespaces", kind: "Namespace", namespaced: false },
    { name: "namespaces/status", kind: "Namespace", namespaced: false },
    { name: "pods", kind: "Pod", namespaced: true },
  ],
  "/apis/events.k8s.io/v1": [{ name: "events", kind: "Event", namespaced: true }],
  "/apis/coordination.k8s.io/v1": [{ name: "leases", kind: "Lease", namespaced: true }],
  "/apis/authentication.k8s.io/v1": [{ name: "tokenreviews", kind: "TokenReview", namespaced: false }],
  "/apis/authorization.k8s.io/v1": [{ name: "subjectaccessreviews", kind: "SubjectAccessReview", namespaced: false }],
};

/** Where the aggregated discovery documents are, which it has not. */
const ROOTS = ["/api", "/apis"];

/**
 * An API server that does nothing by itself but discovery: a test takes each request as it comes and says what goes over the wire.
 *
 * @example
 * const list = await server.next("GET /api/v1/configmaps");
 * list.listed("7", configMap("a"));
 */
export class FakeServer {
  readonly url: string;
  /** Every request so far but those of discovery. */
  readonly requests: Exchange[] = [];
  readonly #server: Server;
  readonly #replies: { pattern: string; reply: Reply }[] = [];
  readonly #unanswered: Exchange[] = [];
  readonly #waiting: { pattern: string; take: (exchange: Exchange) => void }[] = [];
  readonly #undo: (() => unknown)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<FakeServer> {
    const server = createServer();
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fake = new FakeServer(server);
    server.on("request", (request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (part: string) => (body += part));
      request.on("end", () => fake.#take(new Exchange(request, response, body)));
    });
    for (const root of ROOTS) fake.on(`GET ${root}`, (exchange) => exchange.fail(406, "NotAcceptable"));
    for (const [path, resources] of Object.entries(RESOURCES)) {
      fake.on(`GET ${path}`, (exchange) => exchange.answer({ kind: "APIResourceList", resources }));
    }
    return fake;
  }

  /** Answers every request of this method and path so. The last one said holds. */
  on(pattern: string, reply: Reply): void {
    this.#replies.unshift({ pattern, reply });
  }

  /** The next request of this method and path that nothing has answered yet. */
  next(pattern: string): Promise<Exchange> {
    const index = this.#unanswered.findIndex((exchange) => matches(exchange, pattern));
    const [found] = index < 0 ? [] : this.#unanswered.splice(index, 1);
    if (found) return Promise.resolve(found);
    return new Promise((take) => this.#waiting.push({ pattern, take }));
  }

  /** Requests of this method and path so far. */
  seen(pattern: string): Exchange[] {
    return this.requests.filter((exchange) => matches(exchange, pattern));
  }

  get writes(): Exchange[] {
    return this.requests.filter(({ method }) => method !== "GET");
  }

  transport(options: TransportOptions = {}): Transport {
    const config = { server: this.url, tls: {}, authenticate: () => Promise.resolve({}), namespace: "default" };
    const transport = new Transport(() => Promise.resolve(config), options);
    this.#undo.push(() => transport.close());
    return transport;
  }

  /** A transport and a REST mapper. */
  parts(options: TransportOptions = {}): { transport: Transport; mapper: RestMapper } {
    const transport = this.transport(options);
    return { transport, mapper: new RestMapper(transport) };
  }

  /** Writes a kubeconfig and returns its path. */
  async kubeconfig(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "kubescaffold-fake-"));
    this.#undo.push(() => rm(folder, { recursive: true }));
    const file = join(folder, "kubeconfig");
    const config = {
      "current-context": "fake",
      contexts: [{ name: "fake", context: { cluster: "fake" } }],
      clusters: [{ name: "fake", cluster: { server: this.url } }],
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  async stop(): Promise<void> {
    for (const undo of this.#undo) await undo();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #take(exchange: Exchange): void {
    if (RESOURCES[exchange.path] === undefined && !ROOTS.includes(exchange.path)) this.requests.push(exchange);
    const index = this.#waiting.findIndex(({ pattern }) => matches(exchange, pattern));
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1);
    const known = this.#replies.find(({ pattern }) => matches(exchange, pattern));
    if (waiting) waiting.take(exchange);
    else if (known) known.reply(exchange);
    else this.#unanswered.push(exchange);
  }
}

function matches(exchange: Exchange, pattern: string): boolean {
  return pattern === exchange.method || pattern === `${exchange.method} ${exchange.path}`;
}

/** A ConfigMap of the namespace `default`. Its uid is made from its name unless one is given. */
export function configMap(name: string, resourceVersion: string, data: Record<string, string> = {}, metadata: object = {}) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "default", name, uid: `uid-${name}`, resourceVersion, ...metadata },
    data,
  } satisfies KubernetesObject & { data: object };
}
