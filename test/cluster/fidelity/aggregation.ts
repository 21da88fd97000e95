import { arrayAt, isObject, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../runtime/schema/index.ts";
import type { AggregatedServer } from "../../runtime/testing/embedded/aggregated-server.ts";
import type { Side } from "./side.ts";

type Scenario = (side: Side, server: AggregatedServer, group: string) => Promise<void>;

const apiServices = "/apis/apiregistration.k8s.io/v1/apiservices";
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const wares = (group: string) => `/apis/${group}/v1/namespaces/default/wares`;

function apiService(side: Side, server: AggregatedServer, group: string, spec: JsonObject = {}): JsonObject {
  const service = { namespace: side.namespace, name: "wares", port: server.port };
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `v1.${group}` },
    spec: { group, version: "v1", groupPriorityMinimum: 2000, versionPriority: 15, service, caBundle: server.caBundle, ...spec },
  };
}

async function createService(side: Side, spec: JsonObject = { type: "ExternalName", externalName: "127.0.0.1" }): Promise<void> {
  await side.send("POST", `/api/v1/namespaces/${side.namespace}/services`, { body: { metadata: { name: "wares" }, spec } });
}

const available = (body: JsonValue): JsonValue | undefined =>
  arrayAt(body, "status", "conditions").find((condition) => stringAt(condition, "type") === "Available");

/** Each side's server has a port of its own. */
function withoutPort(condition: JsonValue | undefined): JsonValue {
  return isObject(condition)
    ? { ...condition, message: (stringAt(condition, "message") ?? "").replace(/on port \d+/, "on port PORT") }
    : null;
}

/** Waits for the condition, and records it with who has written it. */
async function becomes(side: Side, group: string, reason: string): Promise<void> {
  const path = `${apiServices}/v1.${group}`;
  await side.until(path, ({ body }) => stringAt(available(body), "reason") === reason);
  const managers = (body: JsonValue) =>
    arrayAt(body, "metadata", "managedFields").filter((each) => stringAt(each, "subresource") === "status");
  await side.step("the condition", "GET", path, {
    pick: (body) => ({ condition: withoutPort(available(body)), managers: managers(body), spec: without(objectAt(body, "spec") ?? {}) }),
  });
}

/** Each side has its own authority and port. */
function without({ caBundle: _bundle, service, ...spec }: JsonObject): JsonObject {
  return { ...spec, service: isObject(service) ? { ...service, port: "its own" } : null };
}

/** Creates all, and waits until the server's versions are shown. */
async function serve(side: Side, server: AggregatedServer, group: string): Promise<void> {
  await createService(side);
  await side.send("POST", apiServices, { body: apiService(side, server, group) });
  await becomes(side, group, "Passed");
  // The real server takes a moment to follow the condition.
  await side.until(wares(group), ({ code }) => code === 200);
}

export const AGGREGATION: Readonly<Record<string, Scenario>> = {
  "a Service that is not there, does not listen, has no endpoints": async (side, server, group) => {
    await side.send("POST", apiServices, { body: apiService(side, server, group) });
    await becomes(side, group, "ServiceNotFound");
    await side.step("a request", "GET", wares(group));
    await createService(side, { ports: [{ port: 1 }] });
    await becomes(side, group, "ServicePortError");
    await side.send("PUT", `/api/v1/namespaces/${side.namespace}/services/wares`, {
      body: { metadata: { name: "wares" }, spec: { ports: [{ name: "https", port: server.port }] } },
    });
    await side.send("PATCH", `/api/v1/namespaces/${side.namespace}/services/wares`, {
      type: "application/merge-patch+json",
      body: { spec: { ports: [{ name: "https", port: server.port }] } },
    });
    await becomes(side, group, "EndpointsNotFound");
    const slice = {
      metadata: { name: "wares-1", labels: { "kubernetes.io/service-name": "wares" } },
      addressType: "IPv4",
      ports: [{ name: "other", port: 1, protocol: "TCP" }],
      endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
    };
    await side.send("POST", `/apis/discovery.k8s.io/v1/namespaces/${side.namespace}/endpointslices`, { body: slice });
    await becomes(side, group, "MissingEndpoints");
  },
  "requests and answers, to the last byte, and who asks": async (side, server, group) => {
    await serve(side, server, group);
    server.asked.length = 0;
    await side.step("a list", "GET", `${wares(group)}?limit=2&labelSelector=b%3D1%2Ca&limit=3`);
    await side.step("an object", "GET", `${wares(group)}/tea`);
    await side.step("one that is not there", "GET", `${wares(group)}/salt`);
    await side.step("a creation", "POST", wares(group), { body: { kind: "Ware", spec: { n: 1 } } });
    await side.step("a watch", "GET", `${wares(group)}?watch=true`);
    await side.step("an answer that leads elsewhere", "GET", `${wares(group)}/moved`);
    const as = { "impersonate-user": "ann", "impersonate-group": "traders", "impersonate-extra-shop%2fno": "7" };
    await side.send("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
      body: {
        metadata: { name: `ann-${side.namespace}` },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "User", name: "ann", apiGroup: "rbac.authorization.k8s.io" }],
      },
    });
    await side.until("/version", () => true);
    await side.step("as somebody else", "GET", `${wares(group)}/tea`, {
      headers: { ...as, "x-remote-user": "mallory", accept: "application/json" },
    });
    await side.step("as somebody who may not", "GET", `${wares(group)}/tea`, { headers: { "impersonate-user": "bob" } });
    // The administrators of the two servers are not called the same.
    const told = (headers: AggregatedServer["asked"][number]["headers"]) =>
      headers["x-remote-user"] === "ann"
        ? /^(accept|content-type|authorization|impersonate.*|x-remote.*|x-forwarded-(for|proto|uri))$/
        : /^(accept|content-type|authorization|x-forwarded-(for|proto|uri))$/;
    side.note(
      "what the server was asked",
      server.asked.map(({ headers, ...asked }) => {
        const shown = Object.entries(headers).filter(([name]) => told(headers).test(name));
        return { ...asked, headers: Object.fromEntries(shown) };
      }),
    );
  },
  "discovery, old and new": async (side, server, group) => {
    await serve(side, server, group);
    const find = (list: string, name: (each: JsonValue) => string | undefined) => (body: JsonValue) =>
      arrayAt(body, list).find((each) => name(each) === group);
    await side.step("all groups", "GET", "/apis", { pick: find("groups", (each) => stringAt(each, "name")) });
    await side.step("the group", "GET", `/apis/${group}`);
    await side.step("the version", "GET", `/apis/${group}/v1`);
    const item = find("items", (each) => stringAt(each, "metadata", "name"));
    const deadline = AbortSignal.timeout(30_000);
    for (;;) {
      const { text } = await side.send("GET", "/apis", { headers: { accept: aggregated } });
      if (arrayAt(item(JSON.parse(text) as JsonValue), "versions").some((each) => arrayAt(each, "resources").length > 0)) break;
      deadline.throwIfAborted();
    }
    await side.step("aggregated", "GET", "/apis", { headers: { accept: aggregated }, pick: item });
    await side.step("a version that is nowhere", "GET", `/apis/${group}/v2`);
  },
  "where groups stand among custom ones": async (side, server, group) => {
    await createService(side);
    for (const [prefix, priority] of [
      ["a", 900],
      ["b", 2000],
      ["c", 2000],
    ] as const) {
      const own = `${prefix}.${group}`;
      const body = apiService(side, server, own, { groupPriorityMinimum: priority });
      await side.send("POST", apiServices, { body });
    }
    const definition = {
      metadata: { name: `boxes.m.${group}` },
      spec: {
        group: `m.${group}`,
        scope: "Namespaced",
        names: { plural: "boxes", kind: "Box" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    await side.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: definition });
    const names = (body: JsonValue) =>
      arrayAt(body, "groups")
        .map((each) => stringAt(each, "name") ?? "")
        .filter((name) => name.endsWith(`.${group}`));
    await side.until("/apis", ({ body }) => names(body).length === 4);
    await side.step("the order", "GET", "/apis", { pick: names });
  },
  "a certificate of somebody else, and a server that goes": async (side, server, group) => {
    await createService(side);
    await side.send("POST", apiServices, { body: apiService(side, server, group, { caBundle: server.otherBundle }) });
    await becomes(side, group, "Passed");
    await side.until(wares(group), ({ body }) => body !== "service unavailable\n");
    await side.step("a request", "GET", wares(group));
    const patch = { spec: { insecureSkipTLSVerify: true, caBundle: null } };
    await side.send("PATCH", `${apiServices}/v1.${group}`, { type: "application/merge-patch+json", body: patch });
    await side.until(wares(group), ({ code }) => code === 200);
    await server.stop();
    await side.step("nobody listens any more", "GET", wares(group));
    await side.send("PATCH", `${apiServices}/v1.${group}`, {
      type: "application/merge-patch+json",
      body: { spec: { versionPriority: 16 } },
    });
    await becomes(side, group, "FailedDiscoveryCheck");
  },
  "one without a Service is of this server; with the last one the group goes": async (side, server, group) => {
    const { service: _service, caBundle: _bundle, ...spec } = apiService(side, server, group)["spec"] as JsonObject;
    await side.send("POST", apiServices, { body: { ...apiService(side, server, group), spec } });
    await becomes(side, group, "Local");
    await side.send("DELETE", `${apiServices}/v1.${group}`);
    await serve(side, server, group);
    await side.send("DELETE", `${apiServices}/v1.${group}`);
    await side.until(`/apis/${group}`, ({ code }) => code === 404);
    await side.until(wares(group), ({ code }) => code === 404);
    await side.step("the group", "GET", `/apis/${group}`);
    await side.step("the wares", "GET", wares(group));
  },
};
