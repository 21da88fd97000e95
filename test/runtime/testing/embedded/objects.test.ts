import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { APPLY, configMap, CONFIGMAPS, MERGE, sender, type Send } from "./requests.ts";

let cluster: EmbeddedCluster;
let send: Send;
beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  send = sender(cluster.url);
});
afterAll(() => cluster.stop());

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

function deployment(name: string, spec: JsonObject = {}): JsonObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { selector: { matchLabels: labels }, template, ...spec } };
}

test("an update with an old resourceVersion is a conflict that says so", async () => {
  const { body } = await send("POST", CONFIGMAPS, { body: configMap("stale") });
  await send("PUT", `${CONFIGMAPS}/stale`, { body: { ...body, data: { a: "1" } } });
  const answer = await send("PUT", `${CONFIGMAPS}/stale`, { body: { ...body, data: { a: "2" } } });
  expect(answer.code).toBe(409);
  expect(answer.body["message"]).toBe(
    'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test("a write that changes nothing keeps the resourceVersion", async () => {
  const { body } = await send("POST", CONFIGMAPS, { body: configMap("same", { a: "b" }) });
  for (const [method, value, type] of [
    ["PUT", body, undefined],
    ["PATCH", { data: { a: "b" } }, MERGE],
  ] as const) {
    const again = await send(method, `${CONFIGMAPS}/same`, { body: value, ...(type === undefined ? {} : { type }) });
    expect(stringAt(again.body, "metadata", "resourceVersion")).toBe(stringAt(body, "metadata", "resourceVersion"));
  }
});

test("resourceVersions grow in one order over all kinds", async () => {
  const versions: number[] = [];
  for (const [path, body] of [
    [CONFIGMAPS, configMap("order-1")],
    [DEPLOYMENTS, deployment("order-2")],
    [CONFIGMAPS, configMap("order-3")],
  ] as const) {
    versions.push(Number(stringAt((await send("POST", path, { body })).body, "metadata", "resourceVersion")));
  }
  expect(versions.toSorted((left, right) => left - right)).toEqual(versions);
});

test("the generation counts changes of the spec and of nothing else", async () => {
  const { body } = await send("POST", DEPLOYMENTS, { body: deployment("counted") });
  const generation = async (path: string, patch: JsonObject) =>
    numberAt((await send("PATCH", path, { body: patch, type: MERGE })).body, "metadata", "generation");
  expect(numberAt(body, "metadata", "generation")).toBe(1);
  expect(await generation(`${DEPLOYMENTS}/counted`, { metadata: { labels: { a: "b" } } })).toBe(1);
  expect(await generation(`${DEPLOYMENTS}/counted/status`, { status: { replicas: 1 } })).toBe(1);
  expect(await generation(`${DEPLOYMENTS}/counted`, { spec: { replicas: 2 } })).toBe(2);
});

test("the status subresource changes the status only, the object's path all but the status", async () => {
  await send("POST", DEPLOYMENTS, { body: deployment("split") });
  await send("PATCH", `${DEPLOYMENTS}/split/status`, { body: { spec: { replicas: 9 }, status: { replicas: 4 } }, type: MERGE });
  const { body } = await send("PATCH", `${DEPLOYMENTS}/split`, { body: { spec: { replicas: 2 }, status: { replicas: 7 } }, type: MERGE });
  expect([numberAt(body, "spec", "replicas"), numberAt(body, "status", "replicas")]).toEqual([2, 4]);
});

test("the scale subresource reads and sets the replicas", async () => {
  await send("POST", DEPLOYMENTS, { body: deployment("scaled", { replicas: 1 }) });
  const { body } = await send("PATCH", `${DEPLOYMENTS}/scaled/scale`, { body: { spec: { replicas: 5 } }, type: MERGE });
  expect(body["kind"]).toBe("Scale");
  expect(stringAt(body, "status", "selector")).toBe("app=scaled");
  expect(numberAt((await send("GET", `${DEPLOYMENTS}/scaled`)).body, "spec", "replicas")).toBe(5);
});

test("a dry run answers as the write would and writes nothing", async () => {
  const answer = await send("POST", `${CONFIGMAPS}?dryRun=All`, { body: configMap("dry") });
  expect([answer.code, stringAt(answer.body, "metadata", "uid")]).toEqual([201, expect.any(String)]);
  expect((await send("GET", `${CONFIGMAPS}/dry`)).code).toBe(404);
});

test("generateName makes a name of its own", async () => {
  const answers = await Promise.all([1, 2].map(() => send("POST", CONFIGMAPS, { body: { metadata: { generateName: "made-" } } })));
  const names = answers.map(({ body }) => stringAt(body, "metadata", "name"));
  expect(names[0]).toMatch(/^made-[a-z0-9]{5}$/);
  expect(names[0]).not.toBe(names[1]);
});

test("unknown fields are warned about, refused when asked strictly, and dropped in silence when asked to ignore", async () => {
  const body = (name: string) => ({ ...configMap(name), bogus: 1 });
  const warned = await send("POST", CONFIGMAPS, { body: body("warned") });
  expect([warned.code, warned.body["bogus"], warned.warnings]).toEqual([201, undefined, ['299 - "unknown field \\"bogus\\""']]);
  const strict = await send("POST", `${CONFIGMAPS}?fieldValidation=Strict`, { body: body("strict") });
  expect([strict.code, strict.body["reason"]]).toEqual([400, "BadRequest"]);
  expect((await send("POST", `${CONFIGMAPS}?fieldValidation=Ignore`, { body: body("ignored") })).warnings).toEqual([]);
});

test("two appliers of one field conflict until one forces", async () => {
  const applied = (value: string) => ({ body: configMap("applied", { key: value }), type: APPLY });
  expect((await send("PATCH", `${CONFIGMAPS}/applied?fieldManager=one`, applied("1"))).code).toBe(201);
  const conflict = await send("PATCH", `${CONFIGMAPS}/applied?fieldManager=two`, applied("2"));
  expect([conflict.code, arrayAt(conflict.body, "details", "causes")]).toEqual([
    409,
    [{ reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.key" }],
  ]);
  const forced = await send("PATCH", `${CONFIGMAPS}/applied?fieldManager=two&force=true`, applied("2"));
  expect(objectAt(forced.body, "data")).toEqual({ key: "2" });
});

test("an apply of what is there already changes nothing", async () => {
  const apply = () => send("PATCH", `${CONFIGMAPS}/again?fieldManager=one`, { body: configMap("again", { a: "b" }), type: APPLY });
  const [first, second] = [await apply(), await apply()];
  expect(second.code).toBe(200);
  expect(second.body).toEqual(first.body);
});

test("writes at the same time lose nothing", async () => {
  await send("POST", CONFIGMAPS, { body: configMap("busy") });
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => send("PATCH", `${CONFIGMAPS}/busy`, { body: { data: { [`k${index}`]: "v" } }, type: MERGE })),
  );
  expect(Object.keys(objectAt((await send("GET", `${CONFIGMAPS}/busy`)).body, "data") ?? {})).toHaveLength(20);
});

test("an event of core/v1 and of events.k8s.io/v1 is the same object", async () => {
  const core = "/api/v1/namespaces/default/events";
  await send("POST", core, {
    body: { metadata: { name: "told" }, involvedObject: { kind: "Pod", name: "p", namespace: "default" }, message: "hello", count: 2 },
  });
  const { body } = await send("GET", "/apis/events.k8s.io/v1/namespaces/default/events/told");
  expect([body["note"], body["deprecatedCount"], stringAt(body, "regarding", "name")]).toEqual(["hello", 2, "p"]);
  const selected = await send("GET", `${core}?fieldSelector=involvedObject.name%3Dp`);
  expect(arrayAt(selected.body, "items")).toHaveLength(1);
});

test("services get addresses of their own", async () => {
  const services = "/api/v1/namespaces/default/services";
  const spec = { ports: [{ port: 80 }] };
  const answers = await Promise.all(["one", "two"].map((name) => send("POST", services, { body: { metadata: { name }, spec } })));
  const addresses = answers.map(({ body }) => stringAt(body, "spec", "clusterIP"));
  expect(addresses[0]).toMatch(/^10\./);
  expect(addresses[0]).not.toBe(addresses[1]);
  const exposed = await send("PATCH", `${services}/one`, { body: { spec: { type: "NodePort" } }, type: MERGE });
  expect(numberAt(arrayAt(exposed.body, "spec", "ports")[0], "nodePort")).toBeGreaterThanOrEqual(30_000);
  expect(stringAt(exposed.body, "spec", "clusterIP")).toBe(addresses[0]);
});

test("a pod is bound to one node, once", async () => {
  const pods = "/api/v1/namespaces/default/pods";
  await send("POST", pods, { body: { metadata: { name: "bound" }, spec: { containers: [{ name: "main", image: "nginx" }] } } });
  const bind = (node: string) => send("POST", `${pods}/bound/binding`, { body: { metadata: { name: "bound" }, target: { name: node } } });
  expect((await bind("node-1")).code).toBe(201);
  expect((await bind("node-2")).code).toBe(409);
  expect(stringAt((await send("GET", `${pods}/bound`)).body, "spec", "nodeName")).toBe("node-1");
});

test("YAML is read and written", async () => {
  const text = "metadata:\n  name: yaml\ndata:\n  key: value\n";
  expect((await send("POST", CONFIGMAPS, { body: text, type: "application/yaml" })).code).toBe(201);
  expect((await send("GET", `${CONFIGMAPS}/yaml`, { headers: { accept: "application/yaml" } })).text).toContain("  key: value");
});

test("a body of more than 3 MiB is refused", async () => {
  expect((await send("POST", CONFIGMAPS, { body: configMap("large", { key: "x".repeat(3 * 1024 * 1024) }) })).code).toBe(413);
});
