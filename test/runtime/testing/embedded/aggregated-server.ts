import { createServer, type Server } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { certificateAuthority, servingCertificate } from "@kubescaffold/runtime";
import { systemClock } from "../../../../runtime/object/index.ts";

/** What an aggregated API server was asked. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const resources = [
  { name: "wares", singularName: "ware", namespaced: true, kind: "Ware", verbs: ["get", "list", "watch", "create"], shortNames: ["wa"] },
  { name: "wares/stock", singularName: "", namespaced: true, group: "stock.example.com", version: "v2", kind: "Stock", verbs: ["get"] },
  { name: "shelves", singularName: "shelf", namespaced: false, kind: "Shelf", verbs: ["list"], categories: ["all"] },
];

/** An API server behind a Service `wares` of a namespace, with a group of its own. */
export class AggregatedServer {
  readonly asked: Asked[] = [];
  /** In base64. */
  readonly caBundle: string;
  /** Another one, which has signed nothing. */
  readonly otherBundle: string;
  #server: Server;
  #port = 0;

  private constructor(server: Server, caBundle: string, otherBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
    this.otherBundle = otherBundle;
  }

  static async start(namespace: string, group: string): Promise<AggregatedServer> {
    const now = systemClock.now();
    const validity = { notBefore: now - 60_000, notAfter: now + 3_600_000 };
    const [authority, other] = await Promise.all([
      certificateAuthority({ commonName: "wares", ...validity }),
      certificateAuthority({ commonName: "other", ...validity }),
    ]);
    const pair = await servingCertificate({ commonName: "wares", names: [`wares.${namespace}.svc`], ...validity }, authority);
    const encoded = ({ cert }: { cert: string }) => Buffer.from(cert).toString("base64");
    const made = new AggregatedServer(createServer(pair), encoded(authority), encoded(other));
    made.#server.on("request", (request, response) => void made.#answer(request, response, group));
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    made.#port = (made.#server.address() as AddressInfo).port;
    return made;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, group: string): Promise<void> {
    const { method = "", url = "", headers } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    this.asked.push({ method, url, headers, body });
    const { pathname } = new URL(url, "https://x");
    const json = (code: number, value: unknown) => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    const root = `/apis/${group}/v1`;
    const ware = { apiVersion: `${group}/v1`, kind: "Ware", metadata: { name: "tea", namespace: "default" } };
    if (pathname === root) json(200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: `${group}/v1`, resources });
    else if (pathname.endsWith("/wares/moved")) response.writeHead(302, { location: "https://elsewhere.example.com/" }).end();
    else if (pathname.endsWith("/wares/tea")) json(200, ware);
    else if (pathname.endsWith("/wares") && url.includes("watch=")) {
      response.writeHead(200, { "content-type": "application/json" });
      for (const type of ["ADDED", "MODIFIED"]) response.write(`${JSON.stringify({ type, object: ware })}\n`);
      response.end();
    } else if (pathname.endsWith("/wares") && method === "POST") json(201, JSON.parse(body));
    else if (pathname.endsWith("/wares")) json(200, { kind: "WareList", apiVersion: `${group}/v1`, metadata: {}, items: [ware] });
    else json(404, { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404, message: "not here" });
  }
}
