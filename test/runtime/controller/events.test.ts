import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ApiClient } from "../../../runtime/client/index.ts";
import { EventWriter } from "../../../runtime/controller/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
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

/** Events of so many objects. */
const ofObjects = (count: number) => {
  for (let n = 0; n < count; n++) events.normal(configMap(`map-${n}`, "7"), "Created", "x");
};

test("at most 200 wait for a server that does not answer, the dropped are counted, and none is written once the writer is closed", async () => {
  server.on("POST", () => undefined);
  ofObjects(300);
  await eventually(() => expect(server.seen(`POST ${EVENTS}`)).toHaveLength(4));
  expect(log.at("info")).toMatchObject([{ dropped: 1 }]); // the rest is told later, in one line
  await clock.advance(60_000);
  ofObjects(301);
  expect(log.at("info")).toMatchObject([{ dropped: 1 }, { dropped: 96 }]);
  await eventually(() => expect(server.seen(`POST ${EVENTS}`)).toHaveLength(8)); // the first four were given up
  events.close();
  for (const post of server.seen(`POST ${EVENTS}`).slice(4)) post.answer({});
  await events.flush();
  ofObjects(1);
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(8);
});

test("a few are written at a time, and those of one series one after the other, in one write for all that came meanwhile", async () => {
  const open: Exchange[] = [];
  for (const method of ["POST", "PATCH"]) server.on(method, (exchange) => void open.push(exchange));
  const again = () => events.warning(configMap("a", "7"), "Failed", "no disk");
  again();
  await eventually(() => expect(open).toHaveLength(1));
  for (let time = 0; time < 5; time++) again();
  ofObjects(2);
  await eventually(() => expect(open).toHaveLength(3));
  await settle();
  expect(open.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
  for (const exchange of open.splice(0)) exchange.answer(exchange.body, 201);
  await eventually(() => expect(open).toHaveLength(1));
  expect(open[0]?.body).toEqual({ series: { count: 6, lastObservedTime: "2026-01-01T00:00:00.000000Z" } });
  open[0]?.answer({});
  await events.flush();
});

test("of more than ten different notes of one reason the others are combined", async () => {
  for (let n = 0; n < 15; n++) events.warning(configMap("a", "7"), "Failed", `disk ${n}`);
  events.warning(configMap("a", "7"), "Other", "disk 14");
  await events.flush();
  const notes = server.seen(`POST ${EVENTS}`).map(({ body }) => (body as { note: string }).note);
  expect(notes).toHaveLength(12);
  expect(new Set(notes)).toEqual(
    new Set([...Array.from({ length: 10 }, (_, n) => `disk ${n}`), "(combined from similar events): disk 10", "disk 14"]),
  );
  expect(server.requests.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toMatchObject([{ series: { count: 5 } }]);
  await clock.advance(10 * 60_000 + 1);
  events.warning(configMap("a", "7"), "Failed", "disk 99");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`).at(-1)?.body).toMatchObject({ note: "disk 99" });
});

test("of one object 25 are written and then one in five minutes; of a series none is lost count of, and other objects have theirs", async () => {
  const again = () => events.warning(configMap("a", "7"), "Failed", "no disk");
  for (let time = 0; time < 100; time++) {
    again();
    await events.flush();
  }
  const patches = () => server.requests.filter(({ method }) => method === "PATCH");
  expect(patches()).toHaveLength(24);
  expect(patches().at(-1)?.body).toMatchObject({ series: { count: 25 } });
  events.warning(configMap("a", "7"), "Another", "no memory");
  events.warning(configMap("b", "7"), "Failed", "no disk");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`).map(({ body }) => (body as { reason: string }).reason)).toEqual(["Failed", "Failed"]);
  expect(log.at("info")).toMatchObject([{ dropped: 1 }]);
  await clock.advance(5 * 60_000);
  again();
  await events.flush();
  expect(patches().at(-1)?.body).toMatchObject({ series: { count: 101 } });
});

test("an event is of the object as it was then, whatever becomes of it before the event is written", async () => {
  const object = configMap("a", "7");
  events.normal(object, "Created", "x");
  object.metadata.name = "changed";
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)[0]?.body).toMatchObject({ regarding: { name: "a" } });
});

test("of what failed to be written nothing stays behind, and the same event is written the next time", async () => {
  server.on("POST", (exchange) => exchange.fail(500, "InternalError"));
  events.normal(configMap("a", "7"), "Created", "x");
  await events.flush();
  server.on("POST", (exchange) => exchange.answer(exchange.body, 201));
  events.normal(configMap("a", "7"), "Created", "x");
  await events.flush();
  expect(server.seen(`POST ${EVENTS}`)).toHaveLength(2);
});
