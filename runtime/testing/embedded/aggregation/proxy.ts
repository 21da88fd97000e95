import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Api } from "../api.ts";
import type { User } from "../http/index.ts";
import { call, resolve, userHeaders } from "./call.ts";
import type { Delegate } from "./delegate.ts";

/** Of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const TEXT = { "Content-Type": "text/plain; charset=utf-8" };
/** How long the list of a version's resources may take, in milliseconds: everybody waits for it. */
const DISCOVERY_TIME = 5000;

/** Hands a request to the server behind an APIService, and its answer back, while both still come. */
export async function proxy(
  api: Api,
  delegate: Delegate,
  { incoming, response, user, signal }: { incoming: IncomingMessage; response: ServerResponse; user: User; signal: AbortSignal },
): Promise<void> {
  const address = api.aggregation.isAvailable(delegate) ? await resolve(api, delegate) : undefined;
  if (address === undefined) {
    plain(response, 503, "service unavailable");
    return;
  }
  const [path = "/", search = ""] = (incoming.url ?? "/").split("?", 2);
  const isDiscovery = path.split("/").filter((part) => part !== "").length === 3;
  let answer: IncomingMessage;
  try {
    answer = await call(delegate, address, {
      method: incoming.method ?? "GET",
      path: `${path}${query(search)}`,
      headers: { ...passed(incoming), ...userHeaders(user) },
      body: incoming,
      signal: isDiscovery ? AbortSignal.any([signal, AbortSignal.timeout(DISCOVERY_TIME)]) : signal,
    });
  } catch (error) {
    plain(response, 503, `error trying to reach service: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const { statusCode: code = 502, headers } = answer;
  if (code >= 300 && code <= 399 && headers.location !== undefined) {
    answer.destroy();
    response.writeHead(502, TEXT).end("the backend attempted to redirect this request, which is not permitted");
    return;
  }
  response.writeHead(code, without(headers, HOP_BY_HOP));
  // Who breaks off on one side is broken off on the other.
  await pipeline(answer, response).catch(() => undefined);
}

/** As Go writes a query that it has read: sorted by name. */
function query(search: string): string {
  if (search === "") return "";
  const values = new URLSearchParams(search);
  values.sort();
  return `?${values.toString()}`;
}

/** Without what was for this server: credentials, and whom to act as. */
function passed(incoming: IncomingMessage): Record<string, string | string[]> {
  const { headers, socket } = incoming;
  const own = Object.keys(headers).filter((name) => /^(host|authorization|impersonate-.*|x-remote-.*)$/.test(name));
  const before = headers["x-forwarded-for"];
  const from = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return {
    ...without(headers, [...HOP_BY_HOP, ...own]),
    "x-forwarded-for": before === undefined ? from : `${String(before)}, ${from}`,
    "x-forwarded-host": headers.host ?? "",
    "x-forwarded-proto": "https",
    "x-forwarded-uri": (incoming.url ?? "/").split("?", 1)[0] ?? "/",
  };
}

function without(headers: IncomingMessage["headers"], names: readonly string[]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined || names.includes(name) ? [] : [[name, value]])),
  );
}

function plain(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { ...TEXT, "X-Content-Type-Options": "nosniff" }).end(`${text}\n`);
}
