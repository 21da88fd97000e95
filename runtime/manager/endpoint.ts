import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { reasonOf } from "../object/index.ts";

/** `:8081`, `127.0.0.1:8081`, `[::1]:8081` or a port number; `0` is a free port where it stands alone behind an address. */
export interface BindAddress {
  host: string | undefined;
  port: number;
}

/** @throws TypeError when the text is no address */
export function parseBindAddress(text: string): BindAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text.includes(":") ? text : `:${text}`);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new TypeError(`"${text}" is not an address to listen on; write it like ":8081" or "127.0.0.1:8081"`);
  const host = match[1] ?? match[2];
  return { host: host === "" ? undefined : host, port };
}

export type RequestHandler = (request: http.IncomingMessage, response: http.ServerResponse) => void | Promise<void>;

export interface TlsOptions {
  cert: string;
  key: string;
}

/** A listening HTTP or HTTPS server. */
export class Endpoint {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  /** @throws the listen error (a port in use, say) with the address in its message */
  static async listen(address: BindAddress, handler: RequestHandler, tls?: TlsOptions): Promise<Endpoint> {
    const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
      Promise.resolve()
        .then(() => handler(request, response))
        .catch((error: unknown) => {
          if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
          response.end(`${reasonOf(error)}\n`);
        });
    };
    const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    await new Promise<void>((resolve, reject) => {
      // Once it listens, an error is of a single connection (no file descriptors left, say) and must not end the process.
      server.on("error", reject);
      server.listen({ port: address.port, ...(address.host !== undefined && { host: address.host }) }, resolve);
    });
    return new Endpoint(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Shows new connections another certificate; those that are open keep theirs. */
  renew(tls: TlsOptions): void {
    if (this.#server instanceof https.Server) this.#server.setSecureContext(tls);
  }

  /** Stops listening and ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
