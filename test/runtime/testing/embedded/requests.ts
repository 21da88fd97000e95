import { request, type IncomingMessage } from "node:http";
import { isObject, stringAt, type JsonObject, type JsonValue } from "../../../../runtime/schema/index.ts";

/** An answer, with its body as JSON where it is JSON. */
export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
  readonly text: string;
  readonly warnings: readonly string[];
}

export interface RequestOptions {
  readonly body?: JsonValue;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request to a server under test, past every client. */
export function send(url: string, method: string, path: string, { body, type, headers = {} }: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const entity = content === undefined ? {} : { "content-type": type ?? "application/json", "content-length": content.length };
    const outgoing = request(new URL(path, url), { method, headers: { ...entity, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const warnings = [response.headers["warning"] ?? []].flat();
        resolve({ code: response.statusCode ?? 0, body: readJson(text), text, warnings });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(content);
  });
}

function readJson(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** A watch under test: events one by one, until it is closed. */
export class Watch implements AsyncDisposable {
  readonly #response: IncomingMessage;
  readonly #events: JsonObject[] = [];
  readonly #waiting: ((event: JsonObject | undefined) => void)[] = [];
  #rest = "";
  #ended = false;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on("data", (chunk: Buffer) => {
      const lines = `${this.#rest}${chunk.toString()}`.split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#add(readJson(line));
    });
    response.on("close", () => {
      this.#ended = true;
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
    response.on("error", () => undefined);
  }

  static open(url: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Watch> {
    return new Promise((resolve, reject) => {
      request(new URL(path, url), { headers }, (response) => resolve(new Watch(response)))
        .on("error", reject)
        .end();
    });
  }

  /** The next event; `undefined` when the watch has ended. */
  next(): Promise<JsonObject | undefined> {
    const event = this.#events.shift();
    if (event !== undefined || this.#ended) return Promise.resolve(event);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next `count` events as `TYPE name`. */
  async names(count: number): Promise<string[]> {
    const names: string[] = [];
    for (let index = 0; index < count; index++) {
      const event = await this.next();
      names.push(`${stringAt(event, "type") ?? "(end)"} ${stringAt(event, "object", "metadata", "name") ?? ""}`.trim());
    }
    return names;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#ended ? Promise.resolve() : new Promise<void>((resolve) => this.#response.once("close", () => resolve()));
    this.#response.destroy();
    await closed;
  }

  #add(event: JsonObject): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(event);
    else this.#events.push(event);
  }
}

export const MERGE = "application/merge-patch+json";
export const APPLY = "application/apply-patch+yaml";
export const CONFIGMAPS = "/api/v1/namespaces/default/configmaps";

export function configMap(name: string, data: Record<string, string> = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, name }, data };
}

/** A definition of widgets with a size of 1 to 5, by default 3, a color, status and scale. */
export function widgetDefinition(version: JsonObject = {}): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Widget", listKind: "WidgetList", plural: "widgets", singular: "widget", shortNames: ["wd"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {}, scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" } },
          additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
          selectableFields: [{ jsonPath: ".spec.color" }],
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: { size: { type: "integer", minimum: 1, maximum: 5, default: 3 }, color: { type: "string" } },
                },
                status: { type: "object", properties: { size: { type: "integer" } } },
              },
            },
          },
          ...version,
        },
      ],
    },
  };
}

export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const WIDGETS = "/apis/example.com/v1/namespaces/default/widgets";

export function widget(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { ...metadata, name }, spec };
}

/** Sends requests to one server. */
export type Send = (method: string, path: string, options?: RequestOptions) => Promise<Answer>;

export function sender(url: string): Send {
  return (method, path, options) => send(url, method, path, options);
}
