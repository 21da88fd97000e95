import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { certificateAuthority, servingCertificate } from "../../../runtime/webhook/certificates/index.ts";
import { objectAt, stringAt, type JsonObject, type JsonValue } from "../../../runtime/schema/index.ts";

/** What a webhook answers: a response without its uid, a whole answer, or a text with a status code. */
export type Reply =
  | { readonly response: JsonObject; readonly uid?: string }
  | { readonly raw: JsonValue }
  | { readonly code: number; readonly text: string }
  | "never";

/** A webhook server on loopback that answers by path and remembers what it was asked. */
export class RecordingWebhook implements AsyncDisposable {
  readonly caBundle: string;
  readonly url: string;
  /** By path, the reviews in the order in which they came. */
  readonly reviews: { path: string; review: JsonObject }[] = [];
  readonly replies = new Map<string, (request: JsonObject) => Reply>();
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>, caBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(names: readonly string[] = ["127.0.0.1", "hook.services.svc"]): Promise<RecordingWebhook> {
    const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
    const authority = await certificateAuthority({ commonName: "webhook-ca", ...validity });
    const pair = await servingCertificate({ commonName: "webhook", names, ...validity }, authority);
    const server = createServer(pair);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const webhook = new RecordingWebhook(server, Buffer.from(authority.cert).toString("base64"));
    server.on("request", (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const path = (incoming.url ?? "").split("?")[0] ?? "";
        const review = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
        webhook.reviews.push({ path, review });
        const request = objectAt(review, "request") ?? {};
        const reply = webhook.replies.get(path)?.(request) ?? { response: { allowed: true } };
        if (reply === "never") return;
        if ("code" in reply) {
          response.writeHead(reply.code).end(reply.text);
          return;
        }
        const kind = { kind: review["kind"] ?? null, apiVersion: review["apiVersion"] ?? null };
        const answer =
          "raw" in reply ? reply.raw : { ...kind, response: { uid: reply.uid ?? stringAt(request, "uid") ?? "", ...reply.response } };
        response.setHeader("content-type", "application/json");
        response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
      });
    });
    return webhook;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export function jsonPatch(...operations: JsonObject[]): JsonObject {
  return { allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}

/** One entry of a configuration, for the namespaces with the label `hooks: SCENARIO`. */
export function hook(webhook: RecordingWebhook, path: string, namespace: string, extra: JsonObject = {}): JsonObject {
  return {
    name: `${path.slice(1)}.example.com`,
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    clientConfig: { url: `${webhook.url}${path}`, caBundle: webhook.caBundle },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    rules: [rule("*", "", ["configmaps"])],
    ...extra,
  };
}

export function rule(operation: string, group: string, resources: readonly string[], version = "*"): JsonObject {
  return { operations: [operation], apiGroups: [group], apiVersions: [version], resources: [...resources] };
}
