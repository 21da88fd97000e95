import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Informer } from "../../../runtime/cache/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";

const PATH = "/api/v1/configmaps";
const LIST = `GET ${PATH}`;

let server: FakeServer;
let clock: DrivenClock;
let life: AbortController;
let informer: Informer;
let running: Promise<void>;
let seen: string[];
let faults: { message: string; delay: number }[];

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  life = new AbortController();
  seen = [];
  faults = [];
  informer = new Informer({
    transport: server.transport({ clock }),
    path: PATH,
    query: {},
    apiVersion: "v1",
    kind: "ConfigMap",
    clock,
    random: () => 0.5,
    isOurs: () => false,
    onFault: (error, delay) => faults.push({ message: String(error), delay }),
  });
  informer.addHandler(({ type, key, object }) => seen.push(`${type} ${key.name}@${object.metadata?.resourceVersion ?? ""}`));
  running = informer.run(life.signal);
});

afterEach(async () => {
  life.abort(new Error("the test is over"));
  await running;
  await server.stop();
});

/** Answers the first list and resolves once it is taken over. */
async function listed(...objects: object[]): Promise<Exchange> {
  const watch = await server.next(LIST);
  watch.listed("10", ...objects);
  await informer.synced;
  return watch;
}

/** Waits for the fault, lets the pause go by, and takes the next request. */
async function afterFault(count = 1): Promise<Exchange> {
  await eventually(() => expect(faults).toHaveLength(count));
  await clock.advance(faults[count - 1]?.delay ?? 0);
  return server.next(LIST);
}

const names = () =>
  informer
    .list({})
    .map(({ metadata }) => `${metadata?.name ?? ""}@${metadata?.resourceVersion ?? ""}`)
    .toSorted();

describe("the first list", () => {
  test("comes as a stream, and is taken over only when it is complete", async () => {
    const watch = await server.next(LIST);
    expect(Object.fromEntries(watch.query)).toMatchObject({
      watch: "true", sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: "true",
    }); // prettier-ignore
    watch.events(["ADDED", configMap("a", "3")]);
    await settle(20);
    expect(informer.hasSynced).toBe(false);
    expect(informer.size).toBe(0);
    watch.listed("10", configMap("b", "4"));
    await informer.synced;
    expect(names()).toEqual(["a@3", "b@4"]);
    expect(seen).toEqual(["ADDED a@3", "ADDED b@4"]);
  });

  test("takes in changes that are reported before it is complete", async () => {
    const watch = await server.next(LIST);
    watch.events(
      ["ADDED", configMap("a", "3")],
      ["ADDED", configMap("b", "4")],
      ["MODIFIED", configMap("a", "11")],
      ["DELETED", configMap("b", "12")],
    );
    watch.listed("12");
    await informer.synced;
    expect(names()).toEqual(["a@11"]);
  });

  test("comes in pages from a server that has no streaming lists", async () => {
    (await server.next(LIST)).fail(422, "Invalid", "sendInitialEvents is forbidden");
    const first = await afterFault();
    expect(first.query.get("limit")).toBe("500");
    first.answer({ metadata: { resourceVersion: "10", continue: "more" }, items: [{ metadata: { name: "a", resourceVersion: "3" } }] });
    const second = await server.next(LIST);
    expect(second.query.get("continue")).toBe("more");
    second.answer({ metadata: { resourceVersion: "10" }, items: [{ metadata: { name: "b", resourceVersion: "4" } }] });
    const watch = await server.next(LIST);
    expect(watch.query.get("resourceVersion")).toBe("10");
    expect(informer.get({ name: "a" })).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
  });

  test("comes in pages when the stream ends without an end of the initial state", async () => {
    const stream = await server.next(LIST);
    stream.events(["ADDED", configMap("a", "3")]);
    stream.end();
    const page = await afterFault();
    expect(page.query.get("limit")).toBe("500");
    expect(informer.hasSynced).toBe(false);
  });

  test("comes in pages when the stream falls silent before the end of the initial state", async () => {
    const stream = await server.next(LIST);
    stream.events(["ADDED", configMap("a", "3")]);
    await settle(20);
    await clock.advance(150_000);
    expect((await afterFault()).query.get("limit")).toBe("500");
  });

  test("is tried again until the kind is there", async () => {
    (await server.next(LIST)).fail(404, "NotFound");
    (await afterFault(1)).fail(404, "NotFound");
    (await afterFault(2)).listed("10", configMap("a", "3"));
    await informer.synced;
    expect(names()).toEqual(["a@3"]);
  });

  test.each([
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [500, "InternalError"],
    [503, "ServiceUnavailable"],
  ])("is tried again after %d", async (status, reason) => {
    (await server.next(LIST)).fail(status, reason);
    (await afterFault()).listed("10", configMap("a", "3"));
    await informer.synced;
    expect(faults[0]?.message).toContain(reason);
  });

  test("whoever waits for it is told when the informer ends before", async () => {
    await server.next(LIST);
    life.abort(new Error("stopped"));
    await expect(informer.synced).rejects.toThrow("stopped");
  });
});

describe("a watch", () => {
  test("goes on from the last event, or bookmark, after it was cut", async () => {
    const watch = await listed(configMap("a", "3"));
    watch.events(["MODIFIED", configMap("a", "11")]);
    watch.bookmark("15");
    await eventually(() => expect(seen).toEqual(["ADDED a@3", "MODIFIED a@11"]));
    await settle(20);
    watch.cut();
    const next = await afterFault();
    expect(next.query.get("resourceVersion")).toBe("15");
    expect(next.query.has("sendInitialEvents")).toBe(false);
    next.events(["DELETED", configMap("a", "16")]);
    await eventually(() => expect(names()).toEqual([]));
  });

  test("is taken up again at once when the server ends it after its time", async () => {
    const watch = await listed();
    await clock.advance(11_000);
    watch.end();
    const next = await server.next(LIST);
    expect(next.query.get("resourceVersion")).toBe("10");
    expect(faults).toEqual([]);
  });

  test("is taken up again after a pause when the server ends it at once", async () => {
    (await listed()).end();
    await eventually(() => expect(clock.pending).toContain(250));
    await clock.advance(250);
    (await server.next(LIST)).end();
    await eventually(() => expect(clock.pending).toContain(500));
  });

  test("that is silent for 150 s is given up and taken up again", async () => {
    const watch = await listed();
    await settle(20);
    await clock.advance(149_000);
    watch.bookmark("12");
    await settle(20);
    await clock.advance(149_000);
    expect(faults).toEqual([]);
    await clock.advance(2000);
    expect((await afterFault()).query.get("resourceVersion")).toBe("12");
    expect(faults[0]?.message).toContain("silent for 150 s");
    await eventually(() => expect(watch.closed).toBe(true));
  });

  test.each([
    ["a line that is not JSON", "{not json\n"],
    ["bytes that are no text", Buffer.from([0, 255, 254, 10])],
    ["JSON that is no event", '{"kind":"Status"}\n'],
    ["an event without an object", '{"type":"ADDED","object":null}\n'],
  ])("goes on from the last good event after %s", async (_name, bytes) => {
    const watch = await listed();
    watch.events(["ADDED", configMap("a", "11")]);
    watch.raw(bytes);
    const next = await afterFault();
    expect(next.query.get("resourceVersion")).toBe("11");
    expect(seen).toEqual(["ADDED a@11"]);
  });

  test("drops half a line at its end, and gets it again", async () => {
    const watch = await listed();
    const line = JSON.stringify({ type: "ADDED", object: configMap("a", "11") });
    watch.raw(line.slice(0, 40));
    await clock.advance(11_000);
    watch.end();
    const next = await server.next(LIST);
    expect(seen).toEqual([]);
    next.raw(line.slice(0, 40));
    await settle(20);
    next.raw(`${line.slice(40)}\n`);
    await eventually(() => expect(seen).toEqual(["ADDED a@11"]));
  });

  test("never tells what a line that it could not read says", async () => {
    (await listed()).raw('"cGFzc3dvcmQ="}}\n');
    await afterFault();
    expect(faults[0]?.message).not.toContain("cGFzc3dvcmQ");
  });

  test.each([
    ["in the stream", (watch: Exchange) => watch.events(["ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" }])],
    ["in the stream, by its older name", (watch: Exchange) => watch.events(["ERROR", { kind: "Status", code: 410, reason: "Gone" }])],
  ])("is followed by a list with exactly the differences after 410 %s", async (_name, expire) => {
    const watch = await listed(configMap("kept", "1"), configMap("changed", "2"), configMap("gone", "3"));
    seen.length = 0;
    expire(watch);
    const list = await afterFault();
    expect(list.query.get("sendInitialEvents")).toBe("true");
    list.listed("20", configMap("kept", "1"), configMap("changed", "12"), configMap("new", "13"));
    await eventually(() => expect(seen).toHaveLength(3));
    expect(seen.toSorted()).toEqual(["ADDED new@13", "DELETED gone@3", "MODIFIED changed@12"]);
  });

  test("is followed by a list after 410 as its answer", async () => {
    const watch = await listed();
    watch.cut();
    (await afterFault()).fail(410, "Expired");
    expect((await afterFault(2)).query.get("sendInitialEvents")).toBe("true");
  });

  test("is followed by lists until the kind is there again, after 404", async () => {
    const watch = await listed(configMap("a", "3"));
    watch.cut();
    (await afterFault(1)).fail(404, "NotFound");
    const list = await afterFault(2);
    expect(list.query.get("sendInitialEvents")).toBe("true");
    list.listed("30");
    await eventually(() => expect(names()).toEqual([]));
  });

  test("comes back no earlier than the server asks, after 429", async () => {
    (await listed()).cut();
    (await afterFault()).fail(429, "TooManyRequests", "slow down", { "retry-after": "20" });
    await eventually(() => expect(faults).toHaveLength(2));
    expect(faults[1]?.delay).toBeGreaterThanOrEqual(20_000);
  });

  test("backs off further with every fault, and begins anew after a good time", async () => {
    const watch = await listed();
    watch.cut();
    for (let count = 1; count <= 9; count++) (await afterFault(count)).fail(500, "InternalError");
    await eventually(() => expect(faults).toHaveLength(10));
    expect(faults.map(({ delay }) => delay)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    const good = await afterFault(10);
    good.bookmark("12");
    await settle(20);
    await clock.advance(11_000);
    good.cut();
    await eventually(() => expect(faults).toHaveLength(11));
    expect(faults[10]?.delay).toBe(250);
  });

  test("ends with its connection when the informer ends", async () => {
    const watch = await listed();
    life.abort(new Error("over"));
    await running;
    await eventually(() => expect(watch.closed).toBe(true));
    expect(clock.pending).toEqual([]);
  });
});
