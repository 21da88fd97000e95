import * as http from "node:http";
import * as https from "node:https";

/** Where an API server is and who calls it. PEM texts; `ca` is trusted instead of the machine's authorities. */
export interface Endpoint {
  url: string;
  ca?: string | undefined;
  token?: string | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
}

/** An answer: `body` is its whole text. */
export interface Answer {
  status: number;
  body: string;
}

/**
 * One request on a connection of its own. It needs no part of the runtime, so that a fault in the runtime's client is not
 * mistaken for a fault of the server.
 *
 * @param body sent as JSON when given.
 * @throws when there is no connection or no answer within 10 s, or `signal` fires.
 */
export async function request(endpoint: Endpoint, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const timeout = AbortSignal.timeout(10_000);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options: https.RequestOptions = {
    method,
    agent: false,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    headers: {
      Accept: "application/json",
      ...(endpoint.token === undefined ? {} : { Authorization: `Bearer ${endpoint.token}` }),
      ...(payload === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(payload) }),
    },
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
    ...(endpoint.clientCertificate === undefined ? {} : { cert: endpoint.clientCertificate }),
    ...(endpoint.clientKey === undefined ? {} : { key: endpoint.clientKey }),
  };
  const url = new URL(path, endpoint.url);
  return await new Promise<Answer>((resolve, reject) => {
    const call = (url.protocol === "https:" ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(payload);
  });
}
