import { request as plain } from "node:http";
import { request as secure } from "node:https";
import type { Endpoint } from "../../../runtime/testing/controlplane/request.ts";
import { isObject, setField, type JsonObject, type JsonValue } from "../../../runtime/schema/index.ts";

export interface RequestOptions {
  readonly body?: JsonValue;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What of the answer is compared; default: all. */
  readonly pick?: (body: JsonValue) => JsonValue | undefined;
}

/** One of the two servers that get the same requests, with what it answered so far. */
export class Side {
  /** A namespace of the scenario's own. */
  readonly namespace: string;
  /** What is compared: a title and an answer, without what differs between any two servers. */
  readonly log: { title: string; answer: JsonValue }[] = [];
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint, namespace: string) {
    this.#endpoint = endpoint;
    this.namespace = namespace;
  }

  /** Sends a request and records the answer. */
  async step(title: string, method: string, path: string, options: RequestOptions = {}): Promise<JsonObject> {
    const { code, text, type, warning } = await this.send(method, path, options);
    const lines = text.trim().split("\n");
    const isStream = /[?&]watch=/.test(path) && code === 200;
    const body: JsonValue = isStream ? lines.filter((line) => line !== "").map(parse) : parse(text);
    const picked = options.pick === undefined ? body : (options.pick(body) ?? null);
    this.log.push({ title: `${title}: ${method} ${path.split("?")[0] ?? ""}`, answer: normal({ code, type, warning, body: picked }) });
    return isObject(body) ? body : {};
  }

  /** Records something that is compared beside the answers. */
  note(title: string, value: JsonValue): void {
    this.log.push({ title, answer: normal(value) });
  }

  /** Sends a request that is not compared. */
  send(
    method: string,
    path: string,
    { body, type, headers = {} }: RequestOptions = {},
  ): Promise<{ code: number; text: string; type: string; warning: string }> {
    return new Promise((resolve, reject) => {
      const { url, ca, token, clientCertificate, clientKey } = this.#endpoint;
      const content = body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      const target = new URL(path, url);
      const outgoing = (target.protocol === "https:" ? secure : plain)(
        target,
        {
          method,
          agent: false,
          headers: {
            ...(content === undefined ? {} : { "content-type": type ?? "application/json", "content-length": content.length }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...headers,
          },
          ...(ca === undefined ? {} : { ca }),
          ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
          ...(clientKey === undefined ? {} : { key: clientKey }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              code: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString(),
              type: response.headers["content-type"] ?? "",
              warning: response.headers["warning"] ?? "",
            }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(content);
    });
  }

  /** Asks again, for 30 seconds at most, until the answer is as wanted: the real server does some things a while after the request. */
  async until(path: string, done: (answer: { code: number; body: JsonValue }) => boolean): Promise<void> {
    await this.untilAnswer("GET", path, {}, (text, code) => done({ code, body: parse(text) }));
  }

  /** The same with any request. */
  async untilAnswer(method: string, path: string, options: RequestOptions, done: (text: string, code: number) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(30_000);
    for (;;) {
      const { code, text } = await this.send(method, path, options);
      if (done(text, code)) return;
      deadline.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const ADDRESS = /\b10\.\d+\.\d+\.\d+\b/g;

const LOOPBACK = /127\.0\.0\.1:\d{4,5}\b/g;

/** Without uids, versions, times and allocated addresses, and with keys and managed fields in order. */
export function normal(value: JsonValue, field = ""): JsonValue {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item));
    // Managed fields are ordered by the second in which they were written.
    return field === "managedFields" ? items.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)) : items;
  }
  if (isObject(value)) {
    const sorted: JsonObject = {};
    for (const key of Object.keys(value).sort()) {
      const item = value[key];
      if (item !== undefined) setField(sorted, key, normal(item, key));
    }
    return sorted;
  }
  if (field === "resourceVersion" && typeof value === "string" && /^\d+$/.test(value)) return "VERSION";
  if (field === "nodePort") return "PORT";
  return typeof value === "string"
    ? value.replaceAll(UID, "UID").replaceAll(TIME, "TIME").replaceAll(ADDRESS, "ADDRESS").replaceAll(LOOPBACK, "127.0.0.1:PORT")
    : value;
}
