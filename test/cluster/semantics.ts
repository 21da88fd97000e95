/**
 * Sends the steps of the embedded suites to a real kube-apiserver.
 */
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { parse } from "yaml";
import { arrayAt, cloneJson, isObject, objectAt, setField, stringAt } from "../../runtime/schema/index.ts";
import type { JsonObject, JsonValue } from "../../runtime/schema/index.ts";
import { objectName } from "../runtime/testing/embedded/apply/replica.ts";
import type { Step } from "../runtime/testing/embedded/apply/replica.ts";

const patchTypes: Readonly<Record<string, string>> = {
  apply: "application/apply-patch+yaml",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

/** A bare client of one API server. */
export class RealServer {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string | undefined;

  /** Reads the current context of a kubeconfig: client certificate or token. */
  constructor(kubeconfig: string) {
    const config = parse(readFileSync(kubeconfig, "utf8")) as JsonValue;
    const cluster = objectAt(arrayAt(config, "clusters")[0], "cluster");
    const user = objectAt(arrayAt(config, "users")[0], "user");
    const data = (object: JsonObject | undefined, name: string): Buffer | undefined => {
      const inline = stringAt(object, `${name}-data`);
      const file = stringAt(object, name);
      if (inline !== undefined) return Buffer.from(inline, "base64");
      return file === undefined ? undefined : readFileSync(file);
    };
    this.#url = stringAt(cluster, "server") ?? "";
    this.#token = stringAt(user, "token");
    this.#agent = new Agent({
      keepAlive: true,
      ca: data(cluster, "certificate-authority"),
      cert: data(user, "client-certificate"),
      key: data(user, "client-key"),
      rejectUnauthorized: cluster?.["insecure-skip-tls-verify"] !== true,
    });
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** One request; the answer is an object or a Status. */
  async send(method: string, path: string, body?: JsonValue, contentType = "application/json"): Promise<JsonObject> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(text === "" ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
      };
      const request = httpsRequest(new URL(path, this.#url), { method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString()));
        response.on("error", reject);
      });
      request.on("error", reject);
      request.end(text);
    });
    const parsed: unknown = answer.startsWith("{") ? JSON.parse(answer) : { text: answer };
    return parsed as JsonObject;
  }

  /** Carries out one step on the sample object of a collection. */
  async step(collection: string, step: Step): Promise<JsonObject> {
    const query = new URLSearchParams({ fieldManager: step.manager, fieldValidation: step.validation ?? "Ignore" });
    if (step.force === true) query.set("force", "true");
    const path = `${collection}/${objectName}${step.subresource === undefined ? "" : `/${step.subresource}`}?${query.toString()}`;
    if (step.op === "create") return this.send("POST", `${collection}?${query.toString()}`, step.body);
    if (step.op !== "update") return this.send("PATCH", path, step.body, patchTypes[step.op]);
    const live = await this.send("GET", `${collection}/${objectName}`);
    const body = cloneJson(step.body);
    if (isObject(body)) {
      const metadata = objectAt(body, "metadata") ?? {};
      setField(metadata, "resourceVersion", stringAt(live, "metadata", "resourceVersion") ?? "");
      setField(body, "metadata", metadata);
    }
    return this.send("PUT", path, body);
  }

  /** Deletes the sample object, finalizers and all. */
  async clear(collection: string): Promise<void> {
    await this.send("PATCH", `${collection}/${objectName}`, { metadata: { finalizers: null } }, patchTypes["merge"]);
    await this.send("DELETE", `${collection}/${objectName}?gracePeriodSeconds=0&propagationPolicy=Background`);
  }

  /** Creates a definition and waits until its collection answers. Throws an Error after ten seconds. */
  async define(definition: JsonObject, collection: string): Promise<void> {
    const answer = await this.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    if (answer["kind"] === "Status" && answer["reason"] !== "AlreadyExists")
      throw new Error(`the definition was refused: ${JSON.stringify(answer["message"])}`);
    const deadline = Date.now() + 10_000;
    while ((await this.send("GET", collection))["items"] === undefined) {
      if (Date.now() > deadline) throw new Error(`${collection} is not served after ten seconds`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Latest time in an object's managed fields, in seconds since 1970; 0 when there is none. */
export function latestTime(answer: JsonObject): number {
  const times = arrayAt(answer, "metadata", "managedFields").map((entry) => Date.parse(stringAt(entry, "time") ?? "1970-01-01T00:00:00Z"));
  return Math.max(0, ...times) / 1000;
}
