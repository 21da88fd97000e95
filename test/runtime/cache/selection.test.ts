import { describe, expect, test } from "@jest/globals";
import type { CacheSettings } from "../../../runtime/cache/index.ts";
import { ApiClient } from "../../../runtime/client/index.ts";
import { Cache } from "../../../runtime/cache/index.ts";
import { unstructured, type KubernetesObject, type UnstructuredObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const ALL = "/api/v1/configmaps";
const HERE = "/api/v1/namespaces/default/configmaps";
const key = (name: string) => ({ namespace: "default", name });
const labelled = (name: string, version: string, app: string, data: Record<string, string> = {}) =>
  configMap(name, version, data, { labels: { app } });
const namesOf = (objects: readonly UnstructuredObject[]) => objects.map(({ metadata }) => metadata.name).toSorted();

/** A cache of ConfigMaps with these settings that holds these objects. */
async function started(settings: CacheSettings, ...objects: KubernetesObject[]) {
  const server = await FakeServer.start();
  const clock = new DrivenClock();
  const life = new AbortController();
  const { log, at } = recorder();
  const parts = server.parts({ clock, random: () => 0.5 });
  const cache = new Cache({ ...parts, log, clock, random: () => 0.5 });
  const told: string[] = [];
  cache.declare(ConfigMap, (event) => told.push(`${event.type} ${event.key.name}`), settings);
  const client = new ApiClient({ ...parts, reader: cache }, { fieldManager: "me" });
  const next = server.next(`GET ${ALL}`);
  const ready = cache.start(life.signal);
  const watch = await next;
  watch.listed("10", ...objects);
  await ready;
  const lists = () => server.seen(`GET ${HERE}`).length + server.seen(`GET ${ALL}`).length - 1;
  const stop = async () => {
    life.abort(new Error("the test is over"));
    await server.stop();
  };
  return { server, client, cache, watch, told, at, clock, lists, [Symbol.asyncDispose]: stop };
}

describe("a cache with a label selector", () => {
  const settings = { labelSelector: { matchLabels: { app: "web" } } };

  test("asks the server for the selected objects only", async () => {
    await using bench = await started(settings, labelled("a", "1", "web"));
    expect(bench.watch.query.get("labelSelector")).toBe("app=web");
    expect(await bench.client.get(ConfigMap, key("a"))).toBeDefined();
    expect(bench.server.requests).toHaveLength(1);
  });

  test("never says of what is not in it that it is absent: that is read live", async () => {
    await using bench = await started(settings, labelled("a", "1", "web"));
    bench.server.on(`GET ${HERE}/b`, (exchange) => exchange.answer(labelled("b", "2", "db")));
    expect(await bench.client.get(ConfigMap, key("b"))).toMatchObject({ metadata: { labels: { app: "db" } } });
    bench.server.on(`GET ${HERE}/c`, (exchange) => exchange.fail(404, "NotFound"));
    expect(await bench.client.get(ConfigMap, key("c"))).toBeUndefined();
  });

  test("answers lists of the selection, and of parts of it; others go to the server", async () => {
    await using bench = await started(settings, labelled("a", "1", "web"), configMap("b", "2", {}, { labels: { app: "web", tier: "1" } }));
    const { client, server } = bench;
    expect(namesOf(await client.list(ConfigMap, { labelSelector: "app=web" }))).toEqual(["a", "b"]);
    expect(namesOf(await client.list(ConfigMap, { namespace: "default", labelSelector: "tier in (1,2),app=web" }))).toEqual(["b"]);
    expect(bench.lists()).toBe(0);
    server.on(`GET ${HERE}`, (exchange) => exchange.answer({ items: [] }));
    for (const labelSelector of [undefined, "app", "app in (web)", "tier=1", "app=web2"]) {
      await client.list(ConfigMap, { namespace: "default", ...(labelSelector !== undefined && { labelSelector }) });
    }
    await client.list(ConfigMap, { namespace: "default", labelSelector: "app=web", fieldSelector: "metadata.name=a" });
    expect(bench.lists()).toBe(6);
  });

  test("forgets an object that our own write took out of the selection, before the watch says so", async () => {
    await using bench = await started(settings, labelled("a", "1", "web"));
    bench.server.on(`PUT ${HERE}/a`, (exchange) => exchange.answer(labelled("a", "11", "db")));
    bench.server.on(`GET ${HERE}/a`, (exchange) => exchange.answer(labelled("a", "11", "db")));
    await bench.client.update(labelled("a", "1", "db"));
    expect(await bench.client.get(ConfigMap, key("a"))).toMatchObject({ metadata: { labels: { app: "db" } } });
    expect(await bench.client.list(ConfigMap, { labelSelector: "app=web" })).toEqual([]);
    bench.watch.events(["DELETED", labelled("a", "11", "web")], ["ADDED", labelled("a", "12", "web")]);
    await eventually(async () => expect(namesOf(await bench.client.list(ConfigMap, { labelSelector: "app=web" }))).toEqual(["a"]));
    expect(bench.told).toEqual(["ADDED a", "DELETED a", "ADDED a"]);
  });

  test("does not take in what we write outside of the selection", async () => {
    await using bench = await started(settings);
    bench.server.on(`POST ${HERE}`, (exchange) => exchange.answer(labelled("a", "11", "db")));
    await bench.client.create(labelled("a", "", "db"));
    expect(await bench.client.list(ConfigMap, { labelSelector: "app=web" })).toEqual([]);
  });
});

test("a cache with a field selector answers just such lists", async () => {
  await using bench = await started({ fieldSelector: "metadata.name=a" }, configMap("a", "1"));
  expect(bench.watch.query.get("fieldSelector")).toBe("metadata.name=a");
  expect(await bench.client.list(ConfigMap, { fieldSelector: "metadata.name=a" })).toHaveLength(1);
  expect(bench.lists()).toBe(0);
  bench.server.on(`POST ${HERE}`, (exchange) => exchange.answer(configMap("b", "11")));
  await bench.client.create(configMap("b", ""));
  expect(await bench.client.list(ConfigMap, { fieldSelector: "metadata.name=a" })).toHaveLength(1);
});

test("two caches of one kind have an informer each, and one declared twice has one", async () => {
  await using server = await FakeServer.start();
  const clock = new DrivenClock();
  const cache = new Cache({ ...server.parts({ clock }), log: recorder().log, clock });
  const told: string[] = [];
  for (const labelSelector of ["app=web", "app=db", "app=web"]) {
    cache.declare(ConfigMap, ({ key: { name } }) => told.push(`${labelSelector} ${name}`), { labelSelector });
  }
  const life = new AbortController();
  const ready = cache.start(life.signal);
  for (let informer = 0; informer < 2; informer++) {
    const watch = await server.next(`GET ${ALL}`);
    const selector = watch.query.get("labelSelector") ?? "";
    watch.listed("10", labelled(selector.slice(4), "1", selector.slice(4)));
  }
  await ready;
  expect(told.toSorted()).toEqual(["app=db db", "app=web web", "app=web web"]);
  expect(server.requests).toHaveLength(2);
  life.abort(new Error("the test is over"));
});

describe("an index", () => {
  const data = (object: KubernetesObject) => (object as { data?: Record<string, string> }).data ?? {};
  const settings = { indexes: { node: (object: KubernetesObject) => (data(object)["node"] ?? "").split(",") } };
  const on = (name: string, version: string, node: string) => configMap(name, version, { node });
  const find = async (client: ApiClient, node: string) => namesOf(await client.list(ConfigMap, { index: { node } }));

  test("finds what was there before the start, and follows every change", async () => {
    await using bench = await started(settings, on("a", "1", "n1"), on("b", "2", "n1,n2"), on("c", "3", "n3"));
    const { client, watch } = bench;
    expect(await find(client, "n1")).toEqual(["a", "b"]);
    watch.events(["MODIFIED", on("b", "11", "n2")], ["DELETED", on("c", "12", "n3")], ["ADDED", on("d", "13", "n1")]);
    await eventually(async () => expect(await find(client, "n1")).toEqual(["a", "d"]));
    expect(await find(client, "n2")).toEqual(["b"]);
    expect(await find(client, "n3")).toEqual([]);
    expect(namesOf(await client.list(ConfigMap, { namespace: "other", index: { node: "n1" } }))).toEqual([]);
    expect(bench.lists()).toBe(0);
  });

  test("shows our own writes at once", async () => {
    await using bench = await started(settings, on("a", "1", "n1"));
    bench.server.on(`PUT ${HERE}/a`, (exchange) => exchange.answer(on("a", "11", "n2")));
    await bench.client.update(on("a", "1", "n2"));
    expect(await find(bench.client, "n1")).toEqual([]);
    expect(await find(bench.client, "n2")).toEqual(["a"]);
  });

  test("that nobody declared is told as a mistake, not answered with nothing", async () => {
    await using bench = await started(settings);
    await expect(bench.client.list(ConfigMap, { index: { zone: "z" } })).rejects.toThrow(/no cached index zone/);
    await expect(bench.client.live.list(ConfigMap, { index: { node: "n" } })).rejects.toThrow(TypeError);
  });

  test("whose function throws leaves the object out of it, and the cache goes on", async () => {
    const broken = () => {
      throw new Error("broken");
    };
    await using bench = await started({ indexes: { ...settings.indexes, broken } }, on("a", "1", "n1"));
    expect(await find(bench.client, "n1")).toEqual(["a"]);
    expect(await bench.client.list(ConfigMap, { index: { broken: "x" } })).toEqual([]);
    expect(bench.at("error")[0]).toMatchObject({ index: "broken" });
  });
});

test("a transform takes parts off what is kept, and nothing off what a write returns", async () => {
  const transform = (object: KubernetesObject & { data?: unknown }) => {
    delete object.data;
  };
  await using bench = await started({ transform }, configMap("a", "1", { big: "text" }));
  expect(await bench.client.get(ConfigMap, key("a"))).not.toHaveProperty("data");
  bench.server.on(`PUT ${HERE}/a`, (exchange) => exchange.answer(configMap("a", "11", { big: "other" })));
  expect(await bench.client.update(configMap("a", "1", { big: "other" }))).toHaveProperty("data", { big: "other" });
  expect(await bench.client.get(ConfigMap, key("a"))).not.toHaveProperty("data");
  expect(await bench.client.get(ConfigMap, key("a"))).toMatchObject({ metadata: { resourceVersion: "11" } });
});

test("the state of a cache tells its objects and bytes, its last event, relists and restarts", async () => {
  await using bench = await started({}, configMap("a", "1"), configMap("b", "2"));
  const [first] = bench.cache.states;
  expect(first).toMatchObject({ objects: 2, lastEventAt: bench.clock.monotonic(), relists: 0, watchRestarts: 0 });
  expect(first?.bytes).toBe(JSON.stringify(configMap("a", "1")).length * 2);
  bench.watch.events(["DELETED", configMap("b", "11")], ["MODIFIED", configMap("a", "12", { more: "bytes" })]);
  await eventually(() => expect(bench.cache.states[0]?.objects).toBe(1));
  await eventually(() => expect(bench.cache.states[0]?.bytes).toBe(JSON.stringify(configMap("a", "12", { more: "bytes" })).length));
  bench.watch.cut();
  await bench.clock.advance(60_000);
  (await bench.server.next(`GET ${ALL}`)).events(["ERROR", { code: 410, reason: "Expired" }]);
  await eventually(() => expect(bench.cache.states[0]?.watchRestarts).toBe(1));
  await eventually(async () => {
    await bench.clock.advance(60_000);
    expect(bench.server.seen(`GET ${ALL}`)).toHaveLength(3);
  });
  (await bench.server.next(`GET ${ALL}`)).listed("20", configMap("a", "12", { more: "bytes" }));
  await eventually(() => expect(bench.cache.states[0]?.relists).toBe(1));
});

describe("an optional kind", () => {
  const Frigate = unstructured({ apiVersion: "fleet.ships.io/v1", kind: "Frigate" });

  test("that is not there yet is watched once it comes", async () => {
    await using server = await FakeServer.start();
    const clock = new DrivenClock();
    const life = new AbortController();
    const cache = new Cache({ ...server.parts({ clock }), log: recorder().log, clock, random: () => 0.5 });
    const told: string[] = [];
    cache.declare(Frigate, ({ key: { name } }) => told.push(name), { optional: true });
    server.on("GET /apis/fleet.ships.io/v1", (exchange) => exchange.fail(404, "NotFound"));
    await cache.start(life.signal);
    expect(cache.hasSynced).toBe(true);
    await clock.advance(60_000);
    expect(server.seen("GET /apis/fleet.ships.io/v1/frigates")).toEqual([]);

    const resources = [{ name: "frigates", kind: "Frigate", namespaced: true }];
    server.on("GET /apis/fleet.ships.io/v1", (exchange) => exchange.answer({ kind: "APIResourceList", resources }));
    const listing = server.next("GET /apis/fleet.ships.io/v1/frigates");
    await eventually(async () => {
      await clock.advance(1000);
      expect(server.seen("GET /apis/fleet.ships.io/v1/frigates")).toHaveLength(1);
    });
    (await listing).listed("10", { ...Frigate, metadata: { name: "victory", namespace: "default", uid: "u", resourceVersion: "9" } });
    await eventually(() => expect(told).toEqual(["victory"]));
    life.abort(new Error("the test is over"));
  });

  test("that somebody else needs is needed", async () => {
    await using server = await FakeServer.start();
    const clock = new DrivenClock();
    const cache = new Cache({ ...server.parts({ clock }), log: recorder().log, clock });
    cache.declare(Frigate, undefined, { optional: true });
    cache.declare(Frigate);
    server.on("GET /apis/fleet.ships.io/v1", (exchange) => exchange.fail(404, "NotFound"));
    await expect(cache.start(new AbortController().signal)).rejects.toMatchObject({ code: "no-kind-match" });
  });
});
