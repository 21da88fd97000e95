import { Agent, createServer, request as send, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { KeyPair } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../../errors.ts";
import { isLoopback } from "./address.ts";

export interface FrontOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Under which the API server comes: on a loopback address nobody else has to. */
  readonly host: string;
  readonly certificate: KeyPair;
  /** Whom the operator's certificate has to be from. */
  readonly ca: string;
  /** Where the operator serves on this machine. */
  readonly operatorPort: number;
}

/** How often an operator that does not listen yet is looked for, in milliseconds. */
const retryEvery = 50;
/** Larger than what the operator reads (bytes): it says itself what is too large. */
const bodyLimit = 8 * 1024 * 1024;
const probePath = "/scaffold-dev/";

/**
 * Stands where the API server calls, and passes all on to the operator. While the operator restarts, requests wait for it rather than fail; while it
 * cannot be started, they are answered with the reason, which the API server shows to whom it concerns.
 */
export class WebhookFront {
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #options: FrontOptions;
  readonly #probes = new Set<string>();
  /** Why nobody answers; undefined while somebody does, or is about to. */
  #down: string | undefined;

  private constructor(server: Server, options: FrontOptions) {
    this.#server = server;
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, ca: options.ca });
  }

  /** @throws ScaffoldError `bad-option` when the port is taken */
  static async listen(options: FrontOptions): Promise<WebhookFront> {
    const { cert, key } = options.certificate;
    const server = createServer({ cert, key });
    const front = new WebhookFront(server, options);
    server.on("request", (request, response) => void front.#receive(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) =>
        reject(
          cause.code === "EADDRINUSE"
            ? new ScaffoldError(
                "bad-option",
                `Port ${options.port} is in use: pass another --webhook-port, or none for any that is free.`,
                { cause },
              )
            : cause,
        ),
      );
      server.listen({ port: options.port, ...(isLoopback(options.host) && { host: options.host }) }, resolve);
    });
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A path at which somebody may knock, and a look whether somebody has. */
  probe(token: string): { readonly path: string; readonly reached: () => boolean } {
    const path = `${probePath}${token}`;
    return { path, reached: () => this.#probes.has(path) };
  }

  /** From now on an operator is there, or will be in a moment. */
  up(): void {
    this.#down = undefined;
  }

  down(why: string): void {
    this.#down = why;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "https://localhost");
    if (pathname.startsWith(probePath)) {
      this.#probes.add(pathname);
      refuse(response, 404, "this is scaffold dev");
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        parts.push(part);
        size += part.length;
        if (size > bodyLimit) {
          refuse(response, 413, "the request is too large");
          return;
        }
      }
    } catch {
      return; // the caller has gone away
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    this.#pass(request, Buffer.concat(parts), response, gone.signal);
  }

  #pass(request: IncomingMessage, body: Buffer, response: ServerResponse, gone: AbortSignal): void {
    if (gone.aborted) return;
    if (this.#down !== undefined) {
      refuse(response, 500, this.#down);
      return;
    }
    const { method, url, headers } = request;
    const outgoing = send(
      {
        host: "127.0.0.1",
        servername: "localhost",
        port: this.#options.operatorPort,
        agent: this.#agent,
        method,
        path: url,
        headers,
        signal: gone,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // Nothing was sent as yet, or over a connection that an operator which has ended left behind: the next one gets it all.
      if (error.code === "ECONNREFUSED" || (outgoing.reusedSocket && error.code === "ECONNRESET")) {
        setTimeout(() => this.#pass(request, body, response, gone), retryEvery);
      } else if (response.headersSent) response.destroy();
      else refuse(response, 500, `the operator of scaffold dev gave no answer: ${error.message}`);
    });
    outgoing.end(body);
  }
}

function refuse(response: ServerResponse, code: number, message: string): void {
  response.shouldKeepAlive = response.req.complete;
  response.writeHead(code, { "content-type": "text/plain; charset=utf-8" }).end(message);
}
