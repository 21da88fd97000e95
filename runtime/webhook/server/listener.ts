import type { IncomingMessage } from "node:http";
import type { Http2SecureServer, Http2ServerRequest } from "node:http2";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";

/** A request of either protocol. */
export type Incoming = IncomingMessage | Http2ServerRequest;
/** As much of an answer as is used of either. */
export interface Outgoing {
  readonly req: { readonly complete: boolean };
  readonly statusCode: number;
  readonly writableFinished: boolean;
  /** HTTP/1.1 only. */
  shouldKeepAlive?: boolean;
  on(event: "close", listener: () => void): unknown;
  setHeader(name: string, value: string): unknown;
  writeHead(code: number, headers: Record<string, string | number>): unknown;
  end(body: string, encoding: BufferEncoding): unknown;
}

export interface ListenerOptions {
  secureContext: SecureContextOptions;
  /** Whether HTTP/2 is offered, beside HTTP/1.1. */
  http2: boolean;
  /** How long a request may take to come in, in milliseconds. */
  receiveTimeout: number;
  onRequest: (request: Incoming, response: Outgoing) => void;
}

/** Connections idle for longer than the API server keeps them (90 s): a request never meets a connection that is just being closed here. */
const IDLE_CONNECTION = 120_000;
const TLS_HANDSHAKE = 10_000;
const HEADERS = 10_000;
/** Requests at the same time on one HTTP/2 connection; as many as Go's server takes. */
const MOST_STREAMS = 250;

/** Makes the server that speaks TLS and HTTP; it does not listen yet. */
export async function createListener(options: ListenerOptions): Promise<Server | Http2SecureServer> {
  const { secureContext, receiveTimeout, onRequest } = options;
  const settings = {
    ...secureContext,
    handshakeTimeout: Math.min(TLS_HANDSHAKE, receiveTimeout),
    headersTimeout: Math.min(HEADERS, receiveTimeout),
    requestTimeout: receiveTimeout,
    connectionsCheckingInterval: Math.max(Math.round(receiveTimeout / 6), 50),
    keepAliveTimeout: IDLE_CONNECTION,
  };
  if (!options.http2) return createServer({ ...settings, ALPNProtocols: ["http/1.1"] }, onRequest);
  const { createSecureServer } = await import("node:http2");
  const server = createSecureServer(
    { ...settings, allowHTTP1: true, settings: { maxConcurrentStreams: MOST_STREAMS } },
    (request, response) => {
      if (request.httpVersionMajor === 2) limitStream(request, receiveTimeout);
      onRequest(request, response);
    },
  );
  server.on("session", (session) => session.setTimeout(IDLE_CONNECTION, () => session.close()));
  return server;
}

/** What HTTP/1.1 has `requestTimeout` for: a body that does not come ends its stream. */
function limitStream(request: Http2ServerRequest, timeout: number): void {
  const { stream } = request;
  const timer = setTimeout(() => stream.close(), timeout);
  const done = () => clearTimeout(timer);
  request.once("end", done);
  stream.once("close", done);
}

export interface Connections {
  /** Notes that something was asked by a connection. */
  use(socket: Socket): void;
  closeIdle(): void;
  /** Ends connections that nothing was asked by yet: Node takes them for busy, and clients open some in advance that they may never use. */
  destroyUnused(): void;
  destroyAll(): void;
}

/** The connections of a server, of whatever protocol, to end them. */
export function connectionsOf(server: Server | Http2SecureServer): Connections {
  const sockets = new Set<TLSSocket>();
  /** Of HTTP/1.1; HTTP/2 tells its clients that a connection ends. */
  const unused = new Set<Socket>();
  server.on("secureConnection", (socket: TLSSocket) => {
    sockets.add(socket);
    if (socket.alpnProtocol !== "h2") unused.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      unused.delete(socket);
    });
  });
  return {
    use: (socket) => void unused.delete(socket),
    closeIdle() {
      if ("closeIdleConnections" in server) server.closeIdleConnections();
    },
    destroyUnused() {
      for (const socket of unused) socket.destroy();
    },
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
