import type { IncomingMessage } from "node:http";
import { request as send } from "node:https";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import type { Api } from "../api.ts";
import type { User } from "../http/index.ts";
import { networkErrorText } from "../callout/errors.ts";
import { stringAt } from "../../../schema/index.ts";
import { servicePath, type Delegate } from "./delegate.ts";

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Absent: none. */
  readonly body?: IncomingMessage;
  readonly signal: AbortSignal;
}

/** Where a Service leads, as `host:port`; undefined when it leads nowhere. */
export async function resolve(api: Api, delegate: Delegate): Promise<string | undefined> {
  const { service } = delegate;
  const spec = api.store.collection("services").get(servicePath(delegate))?.object["spec"];
  if (spec === undefined) return undefined;
  if (stringAt(spec, "type") === "ExternalName") return `${stringAt(spec, "externalName") ?? ""}:${service.port}`;
  // There is no cluster network here, so whoever started the server says where the Service's pods are.
  return api.resolveService?.(service);
}

/**
 * Sends a request to the server behind an APIService, by its Service's name in TLS.
 *
 * @throws Error in Go's words when there is no answer
 */
export function call(delegate: Delegate, address: string, { method, path, headers, body, signal }: Call): Promise<IncomingMessage> {
  const at = new URL(`https://${address}`);
  const host = at.hostname.replace(/^\[|\]$/g, "");
  const port = at.port === "" ? "443" : at.port;
  const name = `${delegate.service.name}.${delegate.service.namespace}.svc`;
  return new Promise((answered, failed) => {
    const outgoing = send(
      {
        ...{ method, host, port, path, signal, servername: name, agent: false, minVersion: "TLSv1.2" },
        ca: delegate.ca ?? [...rootCertificates],
        rejectUnauthorized: !delegate.skipsVerification,
        headers: { host: at.host, ...headers },
      },
      answered,
    );
    outgoing.on("error", (error) =>
      failed(new Error(networkErrorText(error, { host: isIP(host) === 0 ? "127.0.0.1" : host, port, name }))),
    );
    if (body === undefined) outgoing.end();
    else body.pipe(outgoing);
  });
}

/** How the other server is told who asks: it trusts this one (the request header authenticator's headers). */
export function userHeaders({ name, uid, groups, extra }: User): Record<string, string | string[]> {
  return {
    "x-remote-user": name,
    ...(uid !== "" && { "x-remote-uid": uid }),
    ...(groups.length > 0 && { "x-remote-group": [...groups] }),
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`x-remote-extra-${encodeURIComponent(key)}`, [...values]])),
  };
}

export async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
