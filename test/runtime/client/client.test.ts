import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ApiClient, isConflict, isNotFound, type CachedReader } from "../../../runtime/client/index.ts";
import { metadataOnly, unstructured, type KubernetesObject, type ObjectKey } from "../../../runtime/object/index.ts";
import { configMap, FakeServer } from "../fake-server.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
const key = { namespace: "default", name: "a" };
const A = "/api/v1/namespaces/default/configmaps/a";
const ALL = "/api/v1/namespaces/default/configmaps";

/** Reads a stream to its end. */
async function exhaust(stream: AsyncIterable<unknown>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

let server: FakeServer;
let client: ApiClient;
let noted: string[];
let cached: Map<string, KubernetesObject> | undefined;

beforeEach(async () => {
  server = await FakeServer.start();
  noted = [];
  cached = undefined;
  const reader: CachedReader = {
    get: (_kind, { name }: ObjectKey) => Promise.resolve(cached && { object: cached.get(name) }),
    // This cache keeps everything, and looks at no field.
    list: (_kind, { fieldSelector }) => Promise.resolve(fieldSelector === undefined && cached ? [...cached.values()] : undefined),
    wrote: ({ kind, metadata }) => noted.push(`wrote ${kind ?? ""} ${metadata?.name ?? ""}@${metadata?.resourceVersion ?? ""}`),
    removed: ({ kind }, { name }, uid) => noted.push(`removed ${kind} ${name} ${uid ?? ""}`),
  };
  client = new ApiClient({ ...server.parts(), reader });
});
afterEach(() => server.stop());

describe("get", () => {
  test("is undefined for what is not there, and every other failure is an error", async () => {
    server.on(`GET ${A}`, (exchange) => exchange.fail(404, "NotFound"));
    expect(await client.get(ConfigMap, key)).toBeUndefined();
    server.on(`GET ${A}`, (exchange) => exchange.fail(403, "Forbidden"));
    await expect(client.get(ConfigMap, key)).rejects.toMatchObject({ reason: "Forbidden" });
  });

  test.each([
    ["a page of a proxy", "<html>404 Not Found</html>"],
    ["an API server that does not serve the path", "404 page not found"],
    [
      "an API server that says so",
      JSON.stringify({ kind: "Status", message: "the server could not find the requested resource", details: {} }),
    ],
  ])("takes %s for an error, not for an absent object", async (_name, body) => {
    server.on(`GET ${A}`, (exchange) => exchange.text(body, 404));
    server.on(`DELETE ${A}`, (exchange) => exchange.text(body, 404));
    await expect(client.get(ConfigMap, key)).rejects.toMatchObject({ reason: "NotFound", pathNotFound: true });
    await expect(client.delete(ConfigMap, key)).rejects.toMatchObject({ reason: "NotFound", pathNotFound: true });
    expect(noted).toEqual([]);
  });

  test("reads the cache where there is one, and past it with live", async () => {
    cached = new Map();
    server.on(`GET ${A}`, (exchange) => exchange.answer(configMap("a", "1")));
    expect(await client.get(ConfigMap, key)).toBeUndefined();
    expect(await client.live.get(ConfigMap, key)).toMatchObject({ metadata: { name: "a" } });
  });

  test("of metadata only says which kind it is of", async () => {
    server.on(`GET ${A}`, (exchange) =>
      exchange.answer({ apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: { name: "a" } }),
    );
    expect(await client.get(metadataOnly(ConfigMap), key)).toEqual({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
    expect(server.requests[0]?.headers.accept).toContain("as=PartialObjectMetadata");
  });
});

describe("a key", () => {
  test.each(["", ".", ".."])("of the name %p reaches nothing, least of all the collection", async (name) => {
    await expect(client.delete(ConfigMap, { namespace: "default", name })).rejects.toThrow(TypeError);
    await expect(client.get(ConfigMap, { namespace: "default", name })).rejects.toThrow(TypeError);
    await expect(client.patch(ConfigMap, { namespace: "default", name }, "merge", {})).rejects.toThrow(TypeError);
    expect(server.requests).toEqual([]);
  });

  test("without a name at all reaches nothing either", async () => {
    const noName = { namespace: "default" } as unknown as ObjectKey;
    await expect(client.delete(ConfigMap, noName)).rejects.toThrow("ConfigMap: a name is needed");
    expect(server.requests).toEqual([]);
  });

  test("needs a namespace when its kind has them, in the cache too", async () => {
    cached = new Map();
    await expect(client.get(ConfigMap, { name: "a" })).rejects.toThrow('ConfigMap "a" needs a namespace');
    await expect(client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } })).rejects.toThrow("needs a namespace");
    await expect(client.deleteAll(ConfigMap)).rejects.toThrow("say in which namespace");
    expect(await client.inNamespace("default").get(ConfigMap, { name: "a" })).toBeUndefined();
  });

  test("loses its namespace when its kind has none", async () => {
    server.on("POST /api/v1/namespaces", (exchange) => exchange.answer(exchange.body, 201));
    const created = await client.inNamespace("default").create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
    expect(created).toEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
    server.on("GET /api/v1/namespaces/a", (exchange) => exchange.answer(created));
    expect(await client.inNamespace("default").get(Namespace, { name: "a" })).toEqual(created);
  });
});

describe("lists", () => {
  test("come page by page, with selectors and with what the items leave out", async () => {
    const list = client.list(ConfigMap, { namespace: "default", labelSelector: { matchLabels: { app: "web" } } });
    const first = await server.next(`GET ${ALL}`);
    expect(Object.fromEntries(first.query)).toEqual({ labelSelector: "app=web", limit: "500" });
    first.answer({ items: [{ metadata: { name: "a" } }], metadata: { continue: "more" } });
    const second = await server.next(`GET ${ALL}`);
    expect(second.query.get("continue")).toBe("more");
    second.answer({ items: null, metadata: {} });
    expect(await list).toEqual([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }]);
  });

  test("go to the server where the cache has no answer", async () => {
    cached = new Map();
    server.on(`GET ${ALL}`, (exchange) => exchange.answer({ items: [{ metadata: { name: "a" } }] }));
    expect(await client.list(ConfigMap, { namespace: "default" })).toEqual([]);
    expect(await client.list(ConfigMap, { namespace: "default", fieldSelector: "metadata.name=a" })).toHaveLength(1);
  });
});

describe("a list whose pages expire", () => {
  const page = (name: string, next?: string) => ({
    items: [{ metadata: { name } }],
    metadata: next === undefined ? {} : { continue: next },
  });

  test("begins again, so that it is of one state", async () => {
    const list = client.list(ConfigMap, { namespace: "default" });
    (await server.next(`GET ${ALL}`)).answer(page("old", "more"));
    (await server.next(`GET ${ALL}`)).fail(410, "Expired");
    const again = await server.next(`GET ${ALL}`);
    expect(again.query.get("continue")).toBeNull();
    again.answer(page("new", "more"));
    (await server.next(`GET ${ALL}`)).answer(page("newer"));
    expect((await list).map(({ metadata }) => metadata.name)).toEqual(["new", "newer"]);
  });

  test("comes in one piece in the end", async () => {
    const list = client.list(ConfigMap, { namespace: "default" });
    for (let attempt = 0; attempt < 2; attempt++) {
      (await server.next(`GET ${ALL}`)).answer(page("old", "more"));
      (await server.next(`GET ${ALL}`)).fail(410, "Expired");
    }
    const last = await server.next(`GET ${ALL}`);
    expect(last.query.get("limit")).toBeNull();
    last.answer(page("new"));
    expect(await list).toHaveLength(1);
  });

  test("is told to who reads it page by page", async () => {
    const pages = exhaust(client.listPages(ConfigMap, { namespace: "default" }));
    (await server.next(`GET ${ALL}`)).answer(page("old", "more"));
    (await server.next(`GET ${ALL}`)).fail(410, "Expired");
    await expect(pages).rejects.toMatchObject({ reason: "Expired" });
  });
});

describe("a client that only reads", () => {
  test("sends no write, and says so", async () => {
    const reading = client.readOnly();
    const object = configMap("a", "1");
    const writes = [
      reading.create(object),
      reading.update(object),
      reading.patch(ConfigMap, key, "merge", {}),
      reading.apply(object),
      reading.delete(ConfigMap, key),
      reading.deleteAll(ConfigMap, { namespace: "default" }),
      reading.status.update(object),
      reading.dryRun().update(object),
      reading.subresource("token").create(ConfigMap, key, {}),
    ];
    for (const write of writes) await expect(write).rejects.toMatchObject({ code: "read-only" });
    expect(server.requests).toEqual([]);
    server.on(`GET ${A}`, (exchange) => exchange.answer(object));
    expect(await reading.get(ConfigMap, key)).toMatchObject({ metadata: { name: "a" } });
  });
});

describe("integers beyond 2^53", () => {
  const text =
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"default","name":"a"},"big":9223372036854775807,"list":[-9007199254740993],"small":9007199254740991,"float":12345678901234567.5,"text":"9223372036854775807"}';

  test("survive a read-modify-write unchanged", async () => {
    server.on(`GET ${A}`, (exchange) => exchange.text(text));
    const object = await client.get(ConfigMap, key);
    expect(object).toMatchObject({ big: 9223372036854775807n, list: [-9007199254740993n], small: 9007199254740991 });
    let sent = "";
    const put = new Promise<void>((resolve) =>
      server.on(`PUT ${A}`, (exchange) => {
        sent = exchange.bodyText;
        exchange.text(text);
        resolve();
      }),
    );
    if (object) await client.update({ ...object, more: true } as KubernetesObject);
    await put;
    for (const part of ['"big":9223372036854775807', '"list":[-9007199254740993]', '"small":9007199254740991', '"more":true']) {
      expect(sent).toContain(part);
    }
  });
});

describe("writes", () => {
  test("never send managedFields, and name the field manager", async () => {
    server.on(`PUT ${A}`, (exchange) => exchange.answer(exchange.body));
    const object = configMap("a", "1", {}, { managedFields: [{ manager: "other" }] });
    await client.withFieldManager("me").update(object);
    expect(server.writes[0]?.body).not.toHaveProperty("metadata.managedFields");
    expect(Object.fromEntries(server.writes[0]?.query ?? [])).toEqual({ fieldManager: "me", fieldValidation: "Strict" });
    expect(object.metadata).toHaveProperty("managedFields");
  });

  test("are told to the cache with the server's answer, dry runs are not", async () => {
    server.on(`PUT ${A}`, (exchange) => exchange.answer(configMap("a", "7")));
    await client.update(configMap("a", "1"));
    await client.dryRun().update(configMap("a", "1"));
    expect(noted).toEqual(["wrote ConfigMap a@7"]);
    expect(server.writes[1]?.query.get("dryRun")).toBe("All");
  });

  test("that take the last finalizer off what is being deleted have removed it", async () => {
    const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["theirs"], deletionGracePeriodSeconds: 0 };
    server.on(`PATCH ${A}`, (exchange) => exchange.answer(configMap("a", "7", {}, metadata)));
    await client.patch(ConfigMap, key, "merge", {});
    server.on(`PATCH ${A}`, (exchange) => exchange.answer(configMap("a", "8", {}, { ...metadata, finalizers: [] })));
    await client.patch(ConfigMap, key, "merge", {});
    expect(noted).toEqual(["wrote ConfigMap a@7", "removed ConfigMap a uid-a"]);
  });

  test("that are refused are errors with the server's reason", async () => {
    server.on(`PUT ${A}`, (exchange) => exchange.fail(409, "Conflict", "changed since"));
    const error: unknown = await client.update(configMap("a", "1")).catch((reason: unknown) => reason);
    expect(isConflict(error)).toBe(true);
    expect(isNotFound(error)).toBe(false);
    expect(error).toMatchObject({ message: `PUT ${A}: changed since`, status: 409 });
    expect(noted).toEqual([]);
  });

  test("of a kind that the server does not have say how to install it", async () => {
    await expect(client.get(unstructured({ apiVersion: "v1", kind: "Memcached" }), key)).rejects.toThrow(
      "the API server has no kind Memcached in v1; if it is a custom resource, install its CRD: kubectl apply -f config/crd/bases",
    );
  });

  test("of a kind that comes later find it", async () => {
    const Late = unstructured({ apiVersion: "late.example.com/v1", kind: "Late" });
    server.on("GET /apis/late.example.com/v1", (exchange) => exchange.fail(404, "NotFound"));
    await expect(client.get(Late, { name: "a" })).rejects.toMatchObject({ code: "no-kind-match" });
    server.on("GET /apis/late.example.com/v1", (exchange) =>
      exchange.answer({ resources: [{ name: "lates", kind: "Late", namespaced: false }] }),
    );
    server.on("GET /apis/late.example.com/v1/lates/a", (exchange) => exchange.answer({ metadata: { name: "a" } }));
    expect(await client.get(Late, { name: "a" })).toBeDefined();
  });
});

describe("delete", () => {
  test("is false for what is not there", async () => {
    server.on(`DELETE ${A}`, (exchange) => exchange.fail(404, "NotFound"));
    expect(await client.delete(ConfigMap, key)).toBe(false);
  });

  test("tells the cache whether the object is gone or stays for a while", async () => {
    server.on(`DELETE ${A}`, (exchange) => exchange.answer({ kind: "Status", details: { uid: "uid-a" } }));
    expect(await client.delete(ConfigMap, key)).toBe(true);
    const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["theirs"] };
    server.on(`DELETE ${A}`, (exchange) => exchange.answer(configMap("a", "7", {}, metadata)));
    expect(await client.delete(ConfigMap, key, { preconditions: { uid: "uid-a" }, propagationPolicy: "Foreground" })).toBe(true);
    expect(noted).toEqual(["removed ConfigMap a uid-a", "wrote ConfigMap a@7"]);
    expect(server.writes[1]?.body).toMatchObject({ preconditions: { uid: "uid-a" }, propagationPolicy: "Foreground" });
  });
});

describe("deleteAll", () => {
  test("sends its selectors and how to delete", async () => {
    server.on(`DELETE ${ALL}`, (exchange) => exchange.answer({ kind: "Status", status: "Success" }));
    const how = { propagationPolicy: "Orphan", gracePeriodSeconds: 0 } as const;
    await client.deleteAll(ConfigMap, { namespace: "default", labelSelector: "app=web", fieldSelector: "metadata.name!=a", ...how });
    expect(Object.fromEntries(server.writes[0]?.query ?? [])).toEqual({ labelSelector: "app=web", fieldSelector: "metadata.name!=a" });
    expect(server.writes[0]?.body).toMatchObject(how);
  });

  test("refuses an index, which the server would not know: it would delete everything", async () => {
    const byIndex = { namespace: "default", index: { node: "a" } };
    await expect(client.deleteAll(ConfigMap, byIndex)).rejects.toThrow("the server knows no index; select by labels or fields");
    expect(server.requests).toEqual([]);
  });
});

describe("a subresource that shows an object of another kind", () => {
  const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
  const SCALE = "/apis/apps/v1/namespaces/default/deployments/a/scale";
  const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { managedFields: [] }, spec: { replicas: 2 } };

  test("is updated and applied below the object that it belongs to", async () => {
    const resources = [{ name: "deployments", kind: "Deployment", namespaced: true }];
    server.on("GET /apis/apps/v1", (exchange) => exchange.answer({ kind: "APIResourceList", resources }));
    for (const method of ["PUT", "PATCH"]) server.on(`${method} ${SCALE}`, (exchange) => exchange.answer(exchange.body));
    const wanted = { ...scale, metadata: key };
    expect(await client.subresource("scale").update(Deployment, key, scale)).toEqual(wanted);
    expect(await client.subresource("scale").apply(Deployment, key, scale, { force: false })).toEqual(wanted);
    expect(server.writes.map(({ headers, query }) => [headers["content-type"], query.get("force")])).toEqual([
      ["application/json", null],
      ["application/apply-patch+yaml", "false"],
    ]);
  });
});

describe("watch", () => {
  test("ends when its signal aborts, and closes its connection", async () => {
    const life = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type } of client.watch(ConfigMap, { namespace: "default", signal: life.signal })) {
        seen.push(type);
        life.abort();
      }
    })();
    (await server.next(`GET ${ALL}`)).events(["ADDED", configMap("a", "1")], ["DELETED", configMap("a", "2")]);
    await watching;
    expect(seen).toEqual(["ADDED"]);
  });

  test("that breaks is a connection error", async () => {
    const watching = (async () => {
      await exhaust(client.watch(ConfigMap, { namespace: "default" }));
    })();
    const watch = await server.next(`GET ${ALL}`);
    watch.events(["ADDED", configMap("a", "1")]);
    watch.cut();
    await expect(watching).rejects.toMatchObject({ code: "connection" });
  });
});

describe("a fenced client", () => {
  test("takes no more calls, and breaks off those under way, reads and watches too", async () => {
    const fence = new AbortController();
    const fenced = client.fencedBy(fence.signal);
    const calls = [
      fenced.create(configMap("a", "")),
      fenced.get(ConfigMap, key, { signal: new AbortController().signal }),
      (async () => {
        await exhaust(fenced.watch(ConfigMap, { namespace: "default" }));
      })(),
    ];
    const [post] = [await server.next(`POST ${ALL}`), await server.next(`GET ${A}`), await server.next(`GET ${ALL}`)];
    const told = calls.map((call) => expect(call).rejects.toMatchObject({ code: "fenced" }));
    fence.abort(new Error("timed out"));
    await Promise.all(told);
    post.answer(configMap("a", "7"));
    const later = [
      () => fenced.apply(configMap("a", "")),
      () => fenced.delete(ConfigMap, key),
      () => fenced.list(ConfigMap),
      () => fenced.status.apply(configMap("a", "")),
      () => fenced.inNamespace("x").withFieldManager("y").live.get(ConfigMap, key),
    ];
    for (const call of later) await expect(call()).rejects.toMatchObject({ code: "fenced" });
    expect(server.requests).toHaveLength(3);
    expect(noted).toEqual([]);
  });

  test("takes no apply that would change nothing, and no cached read either", async () => {
    cached = new Map([["a", configMap("a", "1")]]);
    const fence = AbortSignal.abort(new Error("timed out"));
    await expect(client.fencedBy(fence).get(ConfigMap, key)).rejects.toMatchObject({ code: "fenced" });
    await expect(client.fencedBy(fence).apply(configMap("a", ""))).rejects.toMatchObject({ code: "fenced" });
  });
});
