import { request as send } from "node:https";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { parse } from "yaml";
import { numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { httpErrorText, jsonErrorText, networkErrorText } from "./errors.ts";

/** The `service` of a `clientConfig`. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** Default 443. */
  readonly port: number;
}

/**
 * Where a service's webhook listens: `host:port`, or undefined when nothing does. There is no cluster network here, so whoever starts the
 * server says so. TLS is verified for the service's own name (`name.namespace.svc`), as a real API server does.
 */
export type ServiceResolver = (service: ServiceReference) => string | undefined | Promise<string | undefined>;

export interface CallOptions {
  readonly clientConfig: JsonObject;
  readonly body: JsonValue;
  /** In milliseconds. */
  readonly timeout: number;
  readonly resolveService: ServiceResolver | undefined;
  /** Ends the call early. */
  readonly signal: AbortSignal;
}

interface Target {
  /** What messages name, and the path that is asked for. */
  readonly url: URL;
  /** Where the connection goes. */
  readonly host: string;
  readonly port: string;
}

/** The largest answer that is read, in bytes. */
const LIMIT = 3 * 1024 * 1024;

/** Posts a review and resolves to the parsed answer. Throws an Error whose message is what the real server says. */
export async function callWebhook(options: CallOptions): Promise<JsonValue> {
  const { url, host, port } = await targetOf(options);
  url.searchParams.set("timeout", seconds(options.timeout));
  const place = `Post ${JSON.stringify(url.href)}: `;
  const body = Buffer.from(JSON.stringify(options.body));
  const bundle = stringAt(options.clientConfig, "caBundle") ?? "";
  const ca = bundle === "" ? [...rootCertificates] : Buffer.from(bundle, "base64").toString();
  const deadline = AbortSignal.timeout(options.timeout);
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const { code, text } = await new Promise<{ code: number; text: string }>((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        new Error(place + (deadline.aborted ? "context deadline exceeded" : networkErrorText(error, { host, port, name })), {
          cause: error,
        }),
      );
    const outgoing = send(
      {
        method: "POST",
        host,
        port,
        path: `${url.pathname}${url.search}`,
        agent: false,
        ca,
        minVersion: "TLSv1.2",
        ...(isIP(name) === 0 ? { servername: name } : {}),
        signal: AbortSignal.any([deadline, options.signal]),
        headers: {
          host: url.host,
          accept: "application/json, */*",
          "content-type": "application/json",
          "content-length": body.length,
          "user-agent": "kube-apiserver-admission",
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("error", fail);
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > LIMIT) outgoing.destroy(new Error(`the answer is larger than ${LIMIT} bytes`));
        });
        response.on("end", () => resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    outgoing.on("error", fail);
    outgoing.end(body);
  });
  if (code < 200 || code > 206) throw new Error(httpErrorText(code, text));
  return readAnswer(text);
}

/** Reads JSON, and YAML too, as the decoders of the real server do. Throws an Error. */
function readAnswer(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    try {
      return parse(text) as JsonValue;
    } catch {
      throw new Error(jsonErrorText(text, error), { cause: error });
    }
  }
}

/** Timeouts are told in whole seconds. */
function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1000)}s`;
}

async function targetOf({ clientConfig, resolveService, timeout }: CallOptions): Promise<Target> {
  const service = objectAt(clientConfig, "service");
  if (service === undefined) {
    const url = new URL(stringAt(clientConfig, "url") ?? "");
    const port = url.port === "" ? "443" : url.port;
    return { url, host: url.hostname.replace(/^\[|\]$/g, ""), port };
  }
  const name = stringAt(service, "name") ?? "";
  const namespace = stringAt(service, "namespace") ?? "";
  const port = numberAt(service, "port") ?? 443;
  const path = stringAt(service, "path") ?? "";
  // Go's text of the URL names the port, also 443.
  const url = new URL(`https://${name}.${namespace}.svc:${port}${path.startsWith("/") ? path : `/${path}`}`);
  const address = await resolveService?.({ namespace, name, port });
  if (address === undefined) {
    url.searchParams.set("timeout", seconds(timeout));
    const text = url.href.replace(/\.svc(?=\/)/, `.svc:${port}`);
    throw new Error(`Post ${JSON.stringify(text)}: service ${JSON.stringify(name)} not found`);
  }
  const at = new URL(`tcp://${address}`);
  return { url, host: at.hostname.replace(/^\[|\]$/g, ""), port: at.port === "" ? String(port) : at.port };
}
