import { connect, type TLSSocket } from "node:tls";
import { setTimeout } from "node:timers/promises";
import { reviewOf } from "../serving.ts";

export interface LoadOptions {
  /** Where replicas listen; each new connection goes to the next. */
  ports: () => readonly number[];
  servername: string;
  path: string;
  /** Requests a second. */
  rate: number;
  /** The CA bundle that is trusted now, in PEM. */
  bundle: () => Promise<string>;
}

export interface LoadResult {
  requests: number;
  failures: string[];
  /** Milliseconds from when a request was due to its answer. */
  latencies: number[];
  /** How many CA bundles there have been. */
  bundles: number;
  connections: number;
}

const MAX_CONNECTIONS = 64;

/** A request that was not answered yet. */
interface Asked {
  due: number;
}

interface Connection {
  socket: TLSSocket;
  /** The bundle that it was verified by. */
  bundle: string;
  asked: Asked | undefined;
  answer: string;
}

/**
 * Asks a webhook at an even rate, whatever the answers do, as an API server would: over connections that are kept, verified by the bundle of the
 * configuration, with new ones when that changes. Nothing is tried twice, so whatever a server breaks off is lost.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #result: LoadResult = { requests: 0, failures: [], latencies: [], bundles: 0, connections: 0 };
  readonly #stop = new AbortController();
  readonly #began = performance.now();
  readonly #request: string;
  readonly #idle: Connection[] = [];
  readonly #waiting: Asked[] = [];
  readonly #done: Promise<unknown>;
  #connections = 0;
  #bundle = "";

  constructor(options: LoadOptions) {
    this.#options = options;
    const kind = { group: "", version: "v1", kind: "ConfigMap" };
    const resource = { group: "", version: "v1", resource: "configmaps" };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "asked", namespace: "default" }, data: { size: "3" } };
    const body = JSON.stringify(reviewOf({ kind, resource, requestKind: kind, requestResource: resource, object }));
    const headers = ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`, `host: ${options.servername}`];
    this.#request = [`POST ${options.path}?timeout=10s HTTP/1.1`, ...headers, "", body].join("\r\n");
    this.#done = Promise.all([this.#ask(), this.#follow()]);
  }

  /** Asks no more, and resolves when all is answered. */
  async stop(): Promise<LoadResult> {
    this.#stop.abort();
    await this.#done;
    const { latencies, failures, requests } = this.#result;
    while (latencies.length + failures.length < requests) await setTimeout(5);
    for (const { socket } of this.#idle) socket.destroy();
    return this.#result;
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const bundle = await this.#options.bundle();
      if (bundle !== this.#bundle) {
        this.#bundle = bundle;
        this.#result.bundles++;
        for (const { socket } of this.#idle.splice(0)) socket.destroy();
      }
      await setTimeout(100);
    }
  }

  async #ask(): Promise<void> {
    while (this.#bundle === "") await setTimeout(5);
    const { rate } = this.#options;
    const began = performance.now();
    while (!this.#stop.signal.aborted) {
      for (const until = ((performance.now() - began) / 1000) * rate; this.#result.requests < until;)
        this.#send({ due: began + (this.#result.requests++ / rate) * 1000 });
      await setTimeout(2);
    }
  }

  #send(asked: Asked): void {
    const idle = this.#idle.pop();
    if (idle !== undefined) this.#write(idle, asked);
    else if (this.#connections < MAX_CONNECTIONS) this.#connect(asked);
    else this.#waiting.push(asked);
  }

  #write(connection: Connection, asked: Asked): void {
    connection.asked = asked;
    connection.answer = "";
    connection.socket.write(this.#request, "latin1");
  }

  #connect(asked: Asked): void {
    const { ports, servername } = this.#options;
    const all = ports();
    const port = all[this.#result.connections++ % all.length] ?? 0;
    const socket = connect({ host: "127.0.0.1", port, servername, ca: this.#bundle, ALPNProtocols: ["http/1.1"] });
    const connection: Connection = { socket, bundle: this.#bundle, asked, answer: "" };
    this.#connections++;
    let fault = "the connection was closed";
    socket.setNoDelay(true).setEncoding("latin1");
    socket
      .on("secureConnect", () => this.#write(connection, asked))
      .on("data", (text: string) => this.#read(connection, text))
      .on("error", ({ message }: Error) => (fault = message))
      .on("close", () => {
        this.#connections--;
        const place = this.#idle.indexOf(connection);
        if (place >= 0) this.#idle.splice(place, 1);
        if (connection.asked !== undefined) this.#fail(`${fault} (port ${port})`);
        const next = this.#waiting.shift();
        if (next !== undefined) this.#send(next);
      });
  }

  #read(connection: Connection, text: string): void {
    connection.answer += text;
    const { answer, asked, socket } = connection;
    const end = answer.indexOf("\r\n\r\n");
    const [, length] = /content-length: (\d+)/i.exec(answer) ?? [];
    if (asked === undefined || end < 0 || answer.length < end + 4 + Number(length)) return;
    connection.asked = undefined;
    if (answer.startsWith("HTTP/1.1 200") && answer.includes('"patchType":"JSONPatch"'))
      this.#result.latencies.push(performance.now() - asked.due);
    else this.#fail(answer.slice(0, 200));
    // One that the server ends, or that was verified by what is no more, is not used again.
    if (/^connection: close/im.test(answer.slice(0, end)) || connection.bundle !== this.#bundle) {
      socket.destroy();
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else this.#write(connection, next);
  }

  #fail(what: string): void {
    this.#result.failures.push(`after ${Math.round(performance.now() - this.#began)} ms: ${what}`);
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
