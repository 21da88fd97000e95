import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, objectAt, stringAt } from "../../../../runtime/schema/index.ts";
import { ManualClock } from "./clock.ts";
import { MERGE, sender, Watch, type Send } from "./requests.ts";

const SECRETS = "/api/v1/namespaces/default/secrets";

let clock: ManualClock;
let cluster: EmbeddedCluster;
let send: Send;
beforeEach(async () => {
  clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  cluster = await EmbeddedCluster.start({ clock, history: 50 });
  send = sender(cluster.url);
});
afterEach(() => cluster.stop());

function create(name: string, labels: Record<string, string> = {}) {
  return send("POST", SECRETS, { body: { metadata: { name, labels } } });
}

function label(name: string, labels: Record<string, string>) {
  return send("PATCH", `${SECRETS}/${name}`, { body: { metadata: { labels } }, type: MERGE });
}

async function version(): Promise<string> {
  return stringAt((await send("GET", SECRETS)).body, "metadata", "resourceVersion") ?? "";
}

test("a watch from a version shows all that happened since, in order, and goes on", async () => {
  const start = await version();
  await create("a");
  await create("b");
  await send("DELETE", `${SECRETS}/a`);
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}`);
  expect(await watch.names(3)).toEqual(["ADDED a", "ADDED b", "DELETED a"]);
  await label("b", { x: "1" });
  expect(await watch.names(1)).toEqual(["MODIFIED b"]);
});

test("a deletion carries the version of the deletion", async () => {
  const { body } = await create("a");
  const start = await version();
  await send("DELETE", `${SECRETS}/a`);
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}`);
  const event = await watch.next();
  expect(Number(stringAt(event, "object", "metadata", "resourceVersion"))).toBeGreaterThan(
    Number(stringAt(body, "metadata", "resourceVersion")),
  );
});

test("a watch without a version begins with what there is", async () => {
  await create("a");
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1`);
  expect(await watch.names(1)).toEqual(["ADDED a"]);
});

test("what begins to match a selector is added, what ceases to is deleted as it last matched", async () => {
  const start = await version();
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}&labelSelector=on%3Dyes`);
  await create("a", { on: "no" });
  await label("a", { on: "yes" });
  await label("a", { on: "yes", more: "1" });
  const { body } = await label("a", { on: "no" });
  await label("a", { on: "no", more: "2" });
  await create("z", { on: "yes" });
  expect(await watch.names(2)).toEqual(["ADDED a", "MODIFIED a"]);
  const left = await watch.next();
  expect([left?.["type"], objectAt(left, "object", "metadata", "labels")]).toEqual(["DELETED", { on: "yes", more: "1" }]);
  expect(stringAt(left, "object", "metadata", "resourceVersion")).toBe(stringAt(body, "metadata", "resourceVersion"));
  expect(await watch.names(1)).toEqual(["ADDED z"]);
});

test("a watch by name sees only that object", async () => {
  const start = await version();
  await create("a");
  await create("b");
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}&fieldSelector=metadata.name%3Db`);
  expect(await watch.names(1)).toEqual(["ADDED b"]);
});

test("a watch from a version that is forgotten gets one 410 event and ends", async () => {
  const start = await version();
  await create("a");
  cluster.compact();
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}`);
  const event = await watch.next();
  expect([event?.["type"], objectAt(event, "object")?.["code"], objectAt(event, "object")?.["reason"]]).toEqual(["ERROR", 410, "Expired"]);
  expect(await watch.next()).toBeUndefined();
});

test("the history is as long as was asked for", async () => {
  const start = await version();
  for (let index = 0; index < 100; index++) await create(`s${index}`);
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&resourceVersion=${start}`);
  expect((await watch.next())?.["type"]).toBe("ERROR");
});

test("a streaming list ends with a bookmark that says so", async () => {
  await create("a");
  const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  await using watch = await Watch.open(cluster.url, `${SECRETS}?${query}`);
  expect(await watch.names(1)).toEqual(["ADDED a"]);
  const end = await watch.next();
  expect(end?.["type"]).toBe("BOOKMARK");
  expect(objectAt(end, "object", "metadata")).toEqual({
    resourceVersion: await version(),
    annotations: { "k8s.io/initial-events-end": "true" },
  });
  await create("b");
  expect(await watch.names(1)).toEqual(["ADDED b"]);
});

test("a watch that allows bookmarks gets one each minute with the version reached", async () => {
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&allowWatchBookmarks=true&resourceVersion=${await version()}`);
  await send("POST", "/api/v1/namespaces/default/configmaps", { body: { metadata: { name: "other" } } });
  clock.advance(60_000);
  const event = await watch.next();
  expect([event?.["type"], stringAt(event, "object", "metadata", "resourceVersion")]).toEqual(["BOOKMARK", await version()]);
});

test("a watch ends after timeoutSeconds", async () => {
  await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&timeoutSeconds=7`);
  clock.advance(6999);
  await create("a");
  expect(await watch.names(1)).toEqual(["ADDED a"]);
  clock.advance(1);
  expect(await watch.next()).toBeUndefined();
});

test("a watch that its client leaves keeps no timer", async () => {
  const before = clock.waiting;
  {
    await using watch = await Watch.open(cluster.url, `${SECRETS}?watch=1&allowWatchBookmarks=true`);
    expect(watch).toBeDefined();
    expect(clock.waiting).toBe(before + 2);
  }
  while (clock.waiting > before) await new Promise((resolve) => setImmediate(resolve));
  expect(clock.waiting).toBe(before);
});

test("a watch of metadata and a watch of tables show the same changes in their form", async () => {
  const start = await version();
  await create("a");
  const path = `${SECRETS}?watch=1&resourceVersion=${start}`;
  await using partial = await Watch.open(cluster.url, path, { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" });
  expect(stringAt(await partial.next(), "object", "kind")).toBe("PartialObjectMetadata");
  await using table = await Watch.open(cluster.url, path, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
  const first = objectAt(await table.next(), "object");
  expect([first?.["kind"], arrayAt(first, "columnDefinitions").length, arrayAt(first, "rows").length]).toEqual(["Table", 4, 1]);
  await create("b");
  expect(objectAt(await table.next(), "object")?.["columnDefinitions"]).toBeNull();
});
