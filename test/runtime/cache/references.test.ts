import { describe, expect, test } from "@jest/globals";
import { Cache, UnresolvedReferenceError, type ReferencesSettings } from "../../../runtime/cache/index.ts";
import { ApiClient } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const HERE = "/api/v1/namespaces/default/configmaps";
const WATCH = `GET ${HERE}`;
const key = (name: string) => ({ namespace: "default", name });
const keys = (...names: string[]) => names.map(key);
const selector = (watch: Exchange) => watch.query.get("fieldSelector");

async function started(settings: ReferencesSettings = {}) {
  const server = await FakeServer.start();
  const clock = new DrivenClock();
  const life = new AbortController();
  const { log, lines } = recorder();
  const parts = server.parts({ clock, random: () => 0.5 });
  const cache = new Cache({ ...parts, log, clock, random: () => 0.5, references: settings });
  await cache.start(life.signal);
  const client = new ApiClient({ ...parts, reader: cache }, { fieldManager: "me" });
  const changed: string[] = [];
  const referrer = (id: string) => ({ id, changed: () => void changed.push(id) });
  const track = (id: string, ...names: string[]) => cache.references.track(referrer(id), ConfigMap, keys(...names));
  /** Tracks one object that the server has, and returns its watch. */
  const tracked = async (id: string, name: string, object?: object) => {
    await track(id, name);
    const watch = await server.next(WATCH);
    watch.listed("10", ...(object === undefined ? [] : [object]));
    await cache.references.get(ConfigMap, key(name)).catch(() => undefined);
    return watch;
  };
  const get = (name: string) => cache.references.get(ConfigMap, key(name));
  const stop = async () => {
    life.abort(new Error("the test is over"));
    await server.stop();
  };
  return { server, cache, client, clock, lines, changed, track, tracked, get, [Symbol.asyncDispose]: stop };
}

describe("a referenced object", () => {
  test("is watched by its name alone, and read from memory by whoever asks", async () => {
    await using bench = await started();
    const watch = await bench.tracked("shop", "a", configMap("a", "5", { key: "value" }));
    expect(selector(watch)).toBe("metadata.name=a");
    expect(await bench.get("a")).toMatchObject({ data: { key: "value" } });
    expect(await bench.client.get(ConfigMap, key("a"))).toMatchObject({ data: { key: "value" } });
    expect(bench.server.requests).toHaveLength(1);
  });

  test("brings back all who refer to it when it changes, goes or comes, and not for its first state", async () => {
    await using bench = await started();
    const watch = await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.track("other", "a");
    expect(bench.changed).toEqual([]);
    watch.events(["MODIFIED", configMap("a", "11")]);
    await eventually(() => expect(bench.changed).toEqual(["shop", "other"]));
    watch.events(["DELETED", configMap("a", "12")]);
    await eventually(() => expect(bench.changed).toHaveLength(4));
    watch.events(["ADDED", configMap("a", "13")]);
    await eventually(() => expect(bench.changed).toHaveLength(6));
    expect(bench.server.requests).toHaveLength(1);
  });

  test("is watched until the last who refers to it lets go", async () => {
    await using bench = await started();
    const watch = await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.track("other", "a");
    bench.cache.references.release("shop");
    await settle();
    expect(watch.closed).toBe(false);
    await bench.track("other");
    await eventually(() => expect(watch.closed).toBe(true));
    expect(bench.cache.states).toEqual([]);
  });

  test("keeps its watch when an owner names it again among others", async () => {
    await using bench = await started();
    const watch = await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.track("shop", "b", "a");
    const second = await bench.server.next(WATCH);
    await bench.track("shop", "b");
    await eventually(() => expect(watch.closed).toBe(true));
    expect(second.closed).toBe(false);
    expect(bench.server.requests).toHaveLength(2);
  });

  test("is as our own write left it, before the watch says so", async () => {
    await using bench = await started();
    await bench.tracked("shop", "a", configMap("a", "5"));
    bench.server.on(`PUT ${HERE}/a`, (exchange) => exchange.answer(configMap("a", "11", { ours: "yes" })));
    await bench.client.update(configMap("a", "5", { ours: "yes" }));
    expect(await bench.get("a")).toMatchObject({ data: { ours: "yes" } });
  });
});

describe("a reference that cannot be read says why", () => {
  const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error as UnresolvedReferenceError); // prettier-ignore

  test("nobody tracks it", async () => {
    await using bench = await started();
    const error = await failure(bench.get("a"));
    expect(error).toBeInstanceOf(UnresolvedReferenceError);
    expect(error).toMatchObject({ reason: "not-registered", code: "reference-not-registered", key: key("a") });
    expect(error?.message).toMatch(/ConfigMap default\/a .*track/);
    expect(bench.server.requests).toHaveLength(0);
  });

  test("it is not there in time, with what stands in the way", async () => {
    await using bench = await started();
    await bench.track("shop", "a");
    const watch = await bench.server.next(WATCH);
    watch.fail(403, "Forbidden", 'configmaps "a" is forbidden');
    await eventually(() => expect(bench.lines.length).toBeGreaterThan(0));
    const read = failure(bench.get("a"));
    await bench.clock.advance(1000);
    expect(await read).toMatchObject({ reason: "not-synced", message: expect.stringContaining("forbidden") });
  });

  test("there is no such object", async () => {
    await using bench = await started();
    await bench.tracked("shop", "a");
    expect(await failure(bench.get("a"))).toMatchObject({ reason: "not-found" });
    expect(await bench.client.get(ConfigMap, key("a"))).toBeUndefined();
    expect(bench.server.requests).toHaveLength(1);
  });
});

describe("an immutable object", () => {
  test("is not watched any more and served from memory", async () => {
    await using bench = await started();
    const watch = await bench.tracked("shop", "a", { ...configMap("a", "5", { key: "value" }), immutable: true });
    await eventually(() => expect(watch.closed).toBe(true));
    await bench.clock.advance(600_000);
    expect(await bench.get("a")).toMatchObject({ data: { key: "value" } });
    expect(bench.server.requests).toHaveLength(1);
  });

  test("is watched again once we have deleted it, for another may come in its place", async () => {
    await using bench = await started();
    await bench.tracked("shop", "a", { ...configMap("a", "5"), immutable: true });
    bench.server.on(`DELETE ${HERE}/a`, (exchange) => exchange.answer({ kind: "Status", status: "Success", details: { uid: "uid-a" } }));
    await bench.client.delete(ConfigMap, key("a"));
    const watch = await bench.server.next(WATCH);
    watch.listed("20", configMap("a", "15", {}, { uid: "another" }));
    expect(await bench.get("a")).toMatchObject({ metadata: { uid: "another" } });
  });
});

describe("many references in one namespace", () => {
  const many = ["a", "b", "c"];

  test("share one watch, which keeps none but them, and leave their own when it is complete", async () => {
    await using bench = await started({ foldAbove: 2 });
    const single = await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.track("other", ...many);
    const fold = await bench.server.next(WATCH);
    expect(selector(fold)).toBeNull();
    expect(single.closed).toBe(false);
    fold.listed("10", ...["a", "b", "c", "d", "e"].map((name) => configMap(name, "5")));
    await eventually(() => expect(single.closed).toBe(true));
    expect(bench.changed).toEqual([]);
    fold.events(["MODIFIED", configMap("d", "11")], ["MODIFIED", configMap("a", "12")]);
    await eventually(() => expect(bench.changed).toEqual(["shop", "other"]));
    expect(bench.cache.states).toMatchObject([{ objects: 3 }]);
    expect(bench.server.requests).toHaveLength(2);
  });

  test("tell of a change that came between the watch of its own and the shared one", async () => {
    await using bench = await started({ foldAbove: 2 });
    await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.track("other", ...many);
    (await bench.server.next(WATCH)).listed("12", configMap("a", "11"));
    await eventually(() => expect(bench.changed).toEqual(["shop", "other"]));
  });

  test("are dropped from memory one by one, and the watch with the last", async () => {
    await using bench = await started({ foldAbove: 2 });
    await bench.track("shop", ...many);
    const fold = await bench.server.next(WATCH);
    fold.listed("10", ...many.map((name) => configMap(name, "5")));
    await bench.get("a");
    await bench.track("shop", "a");
    expect(bench.cache.states).toMatchObject([{ objects: 1 }]);
    fold.events(["MODIFIED", configMap("b", "11")], ["MODIFIED", configMap("a", "12")]);
    await eventually(() => expect(bench.changed).toEqual(["shop"]));
    expect(bench.cache.states).toMatchObject([{ objects: 1 }]);
    bench.cache.references.release("shop");
    await eventually(() => expect(fold.closed).toBe(true));
  });

  test("that come later have their own watch, for the shared one has let them pass", async () => {
    await using bench = await started({ foldAbove: 2 });
    await bench.track("shop", ...many);
    (await bench.server.next(WATCH)).listed("10", ...[...many, "d"].map((name) => configMap(name, "5")));
    await bench.get("a");
    await bench.track("other", "d");
    const own = await bench.server.next(WATCH);
    expect(selector(own)).toBe("metadata.name=d");
    own.listed("10", configMap("d", "5"));
    expect(await bench.get("d")).toBeDefined();
  });
});

describe("with owners that come by themselves", () => {
  test("a watch that nobody reads is closed after five times as long, and the next read opens it and tells what has changed", async () => {
    await using bench = await started({ resync: "20s" });
    const watch = await bench.tracked("shop", "a", configMap("a", "5"));
    await bench.clock.advance(90_000);
    expect(watch.closed).toBe(false);
    await bench.clock.advance(60_000);
    await eventually(() => expect(watch.closed).toBe(true));
    const read = bench.get("a");
    (await bench.server.next(WATCH)).listed("20", configMap("a", "15", { key: "new" }));
    expect(await read).toMatchObject({ data: { key: "new" } });
    expect(bench.changed).toEqual(["shop"]);
  });

  test("a watch that is read stays open", async () => {
    await using bench = await started({ resync: "20s" });
    const watch = await bench.tracked("shop", "a", configMap("a", "5"));
    for (let minute = 0; minute < 5; minute++) {
      await bench.clock.advance(55_000);
      watch.bookmark(String(20 + minute));
      await settle(20);
      await bench.get("a");
    }
    expect(watch.closed).toBe(false);
  });
});

test("what is in a referenced object is in no line of the log", async () => {
  await using bench = await started();
  const watch = await bench.tracked("shop", "a", configMap("a", "5", { password: "hunter2" }));
  watch.raw('{"type":"MODIFIED","object":{"data":{"password":"hunter2"}\n');
  await eventually(() => expect(bench.lines.length).toBeGreaterThan(0));
  expect(JSON.stringify(bench.lines)).not.toContain("hunter2");
});
