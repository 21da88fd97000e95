import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { numberAt, stringAt, type JsonObject, type JsonValue } from "../../../../runtime/schema/index.ts";
import { hook, jsonPatch, RecordingWebhook, rule } from "../../../cluster/fidelity/webhook.ts";

/** What cannot be compared with a real server: services without a network. The rest is in test/cluster/admission-fidelity.test.ts. */
describe("webhooks of the embedded API server", () => {
  let webhook: RecordingWebhook;
  let cluster: EmbeddedCluster;
  beforeEach(async () => {
    webhook = await RecordingWebhook.start();
    cluster = await EmbeddedCluster.start({ serviceResolver: ({ name }) => (name === "hook" ? new URL(webhook.url).host : undefined) });
  });
  afterEach(() => Promise.all([cluster.stop(), webhook.stop()]));

  async function send(
    method: string,
    path: string,
    body?: JsonValue,
    type = "application/json",
  ): Promise<{ code: number; body: JsonObject }> {
    const response = await fetch(`${cluster.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": type } }),
    });
    return { code: response.status, body: (await response.json()) as JsonObject };
  }

  const register = (kind: "mutating" | "validating", webhooks: JsonObject[]) =>
    send("POST", `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`, { metadata: { name: "hooks" }, webhooks });
  const service = (name: string) => ({
    clientConfig: { caBundle: webhook.caBundle, service: { name, namespace: "services", path: "/by-service" } },
  });

  test("a service's webhook is called where the resolver says, under the service's name", async () => {
    webhook.replies.set("/by-service", () => ({ response: { allowed: false, status: { message: "no" } } }));
    await register("validating", [hook(webhook, "/by-service", "default", service("hook"))]);
    const { body } = await send("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "c" } });
    expect(body["message"]).toBe('admission webhook "by-service.example.com" denied the request: no');
  });

  test("a certificate for another name is not trusted", async () => {
    await register("validating", [
      hook(webhook, "/x", "default", { clientConfig: { ...service("hook").clientConfig, service: { name: "hook", namespace: "other" } } }),
    ]);
    const { code, body } = await send("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "c" } });
    expect(code).toBe(500);
    expect(body["message"]).toContain("x509: certificate is valid for hook.services.svc, not hook.other.svc");
  });

  test("a mutated scale sets the replicas", async () => {
    webhook.replies.set("/scale", () => ({ response: jsonPatch({ op: "replace", path: "/spec/replicas", value: 7 }) }));
    await register("mutating", [hook(webhook, "/scale", "default", { rules: [rule("UPDATE", "apps", ["deployments/scale"])] })]);
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
    const path = "/apis/apps/v1/namespaces/default/deployments";
    await send("POST", path, { metadata: { name: "web" }, spec: { selector: { matchLabels: labels }, template } });
    await send("PATCH", `${path}/web/scale`, { spec: { replicas: 2 } }, "application/merge-patch+json");
    expect(numberAt((await send("GET", `${path}/web`)).body, "spec", "replicas")).toBe(7);
  });

  test("a denied deletion leaves the object", async () => {
    webhook.replies.set("/keep", () => ({ response: { allowed: false } }));
    const path = "/api/v1/namespaces/default/configmaps";
    await send("POST", path, { metadata: { name: "kept" } });
    await register("validating", [hook(webhook, "/keep", "default", { rules: [rule("DELETE", "", ["configmaps"])] })]);
    expect((await send("DELETE", `${path}/kept`)).code).toBe(400);
    expect((await send("DELETE", path)).code).toBe(400);
    expect(stringAt((await send("GET", `${path}/kept`)).body, "metadata", "name")).toBe("kept");
  });

  test("the generation of a definition rises with its spec", async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } };
    const names = { plural: "widgets", kind: "Widget" };
    await send("POST", path, {
      metadata: { name: "widgets.example.com" },
      spec: { group: "example.com", scope: "Namespaced", names, versions: [version] },
    });
    const change = { spec: { names: { ...names, shortNames: ["w"] } } };
    const { body } = await send("PATCH", `${path}/widgets.example.com`, change, "application/merge-patch+json");
    expect(numberAt(body, "metadata", "generation")).toBe(2);
  });
});
