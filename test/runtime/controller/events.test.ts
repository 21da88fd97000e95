import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ApiClient } from "../../../runtime/client/index.ts";
import { EventWriter } from "../../../runtime/controller/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";

let server: FakeServer;
let clock: DrivenClock;
let events: EventWriter;
let log: ReturnType<typeof recorder>;

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  log = recorder();
  const client = new ApiClient(server.parts({ clock }));
  events = new EventWriter({ client, log: log.log, clock, controller: "memcached" });
  server.on("POST", (exchange) => exchange.answer(exchange.body, 201));
  server.on("PATCH", (exchange) => exchange.answer({}));
});
afterEach(() => server.stop());

test("an event says what happened to which object", async () => {
  events.normal(configMap("a", "7"), "Created", "a Deployment", { action: "Create", related: configMap("b", "8") });
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)[0]?.body).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: expect.stringMatching(/^a\.[0-9a-f]{16}$/), namespace: "default" },
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "memcached",
    reportingInstance: expect.stringMatching(/^memcached-/),
    type: "Normal",
    reason: "Created",
    action: "Create",
    note: "a Deployment",
    regarding: { kind: "ConfigMap", name: "a", namespace: "default", uid: "uid-a", resourceVersion: "7" },
    related: { name: "b" },
  });
});

test("the same event again within six minutes is counted in a series, and is a new one after that", async () => {
  for (let again = 0; again < 3; again++) {
    events.warning(configMap("a", "7"), "Failed", "no disk");
    await events.flush();
    await clock.advance(60_000);
  }
  const patches = server.requests.filter(({ method }) => method === "PATCH");
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(1);
  expect(patches.map(({ body }) => body)).toEqual([
    { series: { count: 2, lastObservedTime: "2026-01-01T00:01:00.000000Z" } },
    { series: { count: 3, lastObservedTime: "2026-01-01T00:02:00.000000Z" } },
  ]);
  await clock.advance(7 * 60_000);
  events.warning(configMap("a", "7"), "Failed", "no disk");
  events.warning(configMap("a", "7"), "Failed", "no memory");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(3);
});

test("an event whose series has gone is written anew", async () => {
  events.normal(configMap("a", "7"), "Created", "x");
  await events.flush();
  server.on("PATCH", (exchange) => exchange.fail(404, "NotFound"));
  events.normal(configMap("a", "7"), "Created", "x");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(2);
});

test("names and notes that are too long are cut, and not inside a character", async () => {
  events.normal(configMap("a".repeat(253), "7"), "Created", "ä".repeat(1000));
  await events.flush();
  const { metadata, note } = server.seen(`POST ${EVENTS}`)[0]?.body as { metadata: { name: string }; note: string };
  expect(metadata.name).toHaveLength(253);
  expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
  expect(note).toMatch(/^ä+…$/);
});

test("of a cluster-scoped object events are in the namespace default", async () => {
  events.normal({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a", uid: "u" } }, "Created", "x");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(1);
});

test("an event that cannot be written harms nobody, and is warned of once", async () => {
  server.on("POST", (exchange) => exchange.fail(403, "Forbidden", "no"));
  for (const note of ["one", "two", "three"]) events.normal(configMap("a", "7"), "Created", note);
  await events.flush();
  expect(log.at("warn")).toHaveLength(1);
  expect(log.at("debug")).toHaveLength(2);
});

test("at most 200 wait for a server that does not answer, and none is written once the writer is closed", async () => {
  const first = (async () => {
    server.on("POST", () => undefined);
    for (let n = 0; n < 300; n++) events.normal(configMap("a", "7"), "Created", String(n));
    await eventually(() => expect(server.seen(`POST ${EVENTS}`)).toHaveLength(1));
    return server.seen(`POST ${EVENTS}`)[0];
  })();
  expect(log.at("debug")).toHaveLength(100);
  const post = await first;
  events.close();
  post?.answer({});
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(1);
});
