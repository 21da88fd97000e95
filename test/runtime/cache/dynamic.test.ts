import { describe, expect, test } from "@jest/globals";
import { Cache, type CacheOptions, type InformerEvent } from "../../../runtime/cache/index.ts";
import { ApiClient, NoKindMatchError } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const ALL = "GET /api/v1/configmaps";
const of = (namespace: string) => `GET /api/v1/namespaces/${namespace}/configmaps`;
const inNamespace = (namespace: string, name: string) => configMap(name, "5", {}, { namespace });

async function bench(options: Partial<CacheOptions> = {}) {
  const server = await FakeServer.start();
  const clock = new DrivenClock();
  const life = new AbortController();
  const { log } = recorder();
  const parts = server.parts({ clock, random: () => 0.5 });
  const cache = new Cache({ ...parts, log, clock, random: () => 0.5, ...options });
  const client = new ApiClient({ ...parts, reader: cache });
  const told: string[] = [];
  const handler = ({ type, key }: InformerEvent) => void told.push(`${type} ${key.namespace ?? ""}/${key.name}`);
  const stop = async () => {
    life.abort(new Error("the test is over"));
    await server.stop();
  };
  return { server, cache, client, told, handler, start: () => cache.start(life.signal), [Symbol.asyncDispose]: stop };
}

describe("a cache that is acquired while running", () => {
  test("is one for all who ask for the same, and ends with the last of them", async () => {
    await using it = await bench();
    await it.start();
    const first = it.cache.acquire(ConfigMap, {}, it.handler);
    const second = it.cache.acquire(ConfigMap);
    const watch = await it.server.next(ALL);
    watch.listed("10", configMap("a", "5"));
    const [a, b] = await Promise.all([first, second]);
    expect(it.told).toEqual(["ADDED default/a"]);
    expect(await it.client.get(ConfigMap, { namespace: "default", name: "a" })).toBeDefined();
    a.release();
    a.release();
    watch.events(["MODIFIED", configMap("a", "11")]);
    await eventually(async () =>
      expect(await it.client.get(ConfigMap, { namespace: "default", name: "a" })).toMatchObject({ metadata: { resourceVersion: "11" } }),
    );
    expect(it.told).toHaveLength(1);
    b.release();
    await eventually(() => expect(watch.closed).toBe(true));
    expect(it.server.requests).toHaveLength(1);
    it.server.on(`${of("default")}/a`, (exchange) => exchange.answer(configMap("a", "12")));
    expect(await it.client.get(ConfigMap, { namespace: "default", name: "a" })).toMatchObject({ metadata: { resourceVersion: "12" } });
  });

  test("does not end what was declared before the start", async () => {
    await using it = await bench();
    it.cache.declare(ConfigMap);
    const started = it.start();
    const watch = await it.server.next(ALL);
    watch.listed("10");
    await started;
    const lease = await it.cache.acquire(ConfigMap);
    lease.release();
    expect(await it.client.list(ConfigMap)).toEqual([]);
    expect(watch.closed).toBe(false);
    expect(it.server.requests).toHaveLength(1);
  });

  test("is refused where what is kept already has not its indexes", async () => {
    await using it = await bench();
    it.cache.declare(ConfigMap);
    const started = it.start();
    (await it.server.next(ALL)).listed("10");
    await started;
    await expect(it.cache.acquire(ConfigMap, { indexes: { team: () => ["a"] } })).rejects.toThrow("other indexes");
  });

  test("leaves nothing behind when the cluster does not have the kind", async () => {
    await using it = await bench();
    await it.start();
    await expect(it.cache.acquire({ apiVersion: "v1", kind: "Gizmo" })).rejects.toThrow(NoKindMatchError);
    expect(it.cache.isDeclared).toBe(false);
  });
});

describe("namespaces that change while running", () => {
  test("are watched when they come, and read live when they are left out", async () => {
    await using it = await bench({ namespaces: ["first"] });
    it.cache.declare(ConfigMap, it.handler);
    const started = it.start();
    const first = await it.server.next(of("first"));
    first.listed("10", inNamespace("first", "a"));
    await started;

    const changed = it.cache.setNamespaces(["second"]);
    const second = await it.server.next(of("second"));
    expect(first.closed).toBe(false);
    second.listed("20", inNamespace("second", "b"));
    await changed;
    await eventually(() => expect(first.closed).toBe(true));
    expect(it.told).toEqual(["ADDED first/a", "ADDED second/b"]);

    expect(await it.client.get(ConfigMap, { namespace: "second", name: "b" })).toBeDefined();
    expect(it.server.requests).toHaveLength(2);
    it.server.on(`${of("first")}/a`, (exchange) => exchange.answer(inNamespace("first", "a")));
    expect(await it.client.get(ConfigMap, { namespace: "first", name: "a" })).toBeDefined();
    it.server.on(of("first"), (exchange) => exchange.answer({ items: [inNamespace("first", "a")] }));
    expect(await it.client.list(ConfigMap, { namespace: "first" })).toHaveLength(1);
    expect(it.server.requests).toHaveLength(4);
  });

  test("may become all of them", async () => {
    await using it = await bench({ namespaces: ["first"] });
    it.cache.declare(ConfigMap);
    const started = it.start();
    const first = await it.server.next(of("first"));
    first.listed("10");
    await started;
    const changed = it.cache.setNamespaces(undefined);
    (await it.server.next(ALL)).listed("20", inNamespace("second", "b"));
    await changed;
    await eventually(() => expect(first.closed).toBe(true));
    expect(await it.client.list(ConfigMap)).toHaveLength(1);
    expect(it.server.requests).toHaveLength(2);
  });

  test("taken back before they are read end, and whoever waits for them reads live", async () => {
    await using it = await bench({ namespaces: ["first"] });
    it.cache.declare(ConfigMap);
    const started = it.start();
    (await it.server.next(of("first"))).listed("10");
    await started;
    const added = it.cache.setNamespaces(["first", "second"]);
    const second = await it.server.next(of("second"));
    it.server.on(`${of("second")}/b`, (exchange) => exchange.answer(inNamespace("second", "b")));
    const read = it.client.get(ConfigMap, { namespace: "second", name: "b" });
    const [, outcome] = await Promise.all([it.cache.setNamespaces(["first"]), Promise.allSettled([added]), read]);
    expect(outcome).toMatchObject([{ status: "rejected" }]);
    expect(await read).toBeDefined();
    await eventually(() => expect(second.closed).toBe(true));
  });

  test("do not touch a kind that has its own", async () => {
    await using it = await bench({ namespaces: ["first"] });
    it.cache.declare(ConfigMap, undefined, { namespaces: ["own"] });
    const started = it.start();
    (await it.server.next(of("own"))).listed("10", inNamespace("own", "a"));
    await started;
    await it.cache.setNamespaces(["second"]);
    expect(await it.client.list(ConfigMap, { namespace: "own" })).toHaveLength(1);
    expect(it.server.requests).toHaveLength(1);
    await expect(it.cache.setNamespaces([])).rejects.toThrow("empty");
  });
});
