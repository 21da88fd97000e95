import { expect, test } from "@jest/globals";
import { Cache } from "../../../runtime/cache/index.ts";
import { ApiClient } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const Ship = unstructured({ apiVersion: "fleet.ships.io/v1", kind: "Ship" });
const DISCOVERY = "GET /apis/fleet.ships.io/v1";
const ALL = "GET /apis/fleet.ships.io/v1/ships";
const ship = (name: string) => ({ ...Ship, metadata: { namespace: "default", name, uid: name, resourceVersion: "5" } });
const SERVED = { kind: "APIResourceList", resources: [{ name: "ships", kind: "Ship", namespaced: true }] };

async function started() {
  const server = await FakeServer.start();
  server.on(DISCOVERY, (exchange) => exchange.answer(SERVED));
  const clock = new DrivenClock();
  const life = new AbortController();
  const { log, lines } = recorder();
  const parts = server.parts({ clock, random: () => 0.5 });
  const cache = new Cache({ ...parts, log, clock, random: () => 0.5 });
  const told: string[] = [];
  cache.declare(Ship, ({ type, key }) => void told.push(`${type} ${key.name}`));
  const ready = cache.start(life.signal);
  const watch = await server.next(ALL);
  watch.listed("10", ship("a"), ship("b"));
  await ready;
  told.length = 0;
  /** The next try, once the pause before it is over. */
  const retried = async () => {
    const next = server.next(ALL);
    await eventually(() => expect(clock.pending.length).toBeGreaterThan(0));
    for (let tries = 0; tries < 3; tries++) await clock.advance(15_000);
    return next;
  };
  const told404 = () => lines.filter(({ message }) => message.includes("not served any more"));
  const stop = async () => {
    life.abort(new Error("the test is over"));
    await server.stop();
  };
  return {
    server,
    cache,
    client: new ApiClient({ ...parts, reader: cache }),
    watch,
    told,
    lines,
    told404,
    retried,
    [Symbol.asyncDispose]: stop,
  };
}

test("a kind that is taken away has no objects any more, is told once, and is watched again when it is back", async () => {
  await using it = await started();
  const unknown = "404 page not found\n";
  it.server.on(DISCOVERY, (exchange) => exchange.text(unknown, 404));
  it.watch.end();
  for (let tries = 0; tries < 4; tries++) (await it.retried()).text(unknown, 404);
  await eventually(() => expect(it.told).toEqual(["DELETED a", "DELETED b"]));
  expect(it.cache.states).toMatchObject([{ phase: "waiting", objects: 0, bytes: 0 }]);
  expect(it.told404()).toHaveLength(1);

  it.server.on(DISCOVERY, (exchange) => exchange.answer(SERVED));
  (await it.retried()).listed("30", ship("a"));
  await eventually(() => expect(it.told).toEqual(["DELETED a", "DELETED b", "ADDED a"]));
  expect(it.cache.states).toMatchObject([{ phase: "watching", objects: 1 }]);
  expect(it.lines.filter(({ message }) => message.includes("up to date again"))).toHaveLength(1);
  expect(await it.client.list(Ship)).toHaveLength(1);
});

test("a 404 that discovery does not bear out takes nothing away", async () => {
  await using it = await started();
  it.watch.end();
  for (let tries = 0; tries < 3; tries++) (await it.retried()).text("404 page not found\n", 404);
  const again = await it.retried();
  expect(it.told).toEqual([]);
  expect(it.cache.states).toMatchObject([{ phase: "listing", objects: 2 }]);
  again.listed("30", ship("a"), ship("b"));
  await eventually(() => expect(it.cache.states).toMatchObject([{ phase: "watching" }]));
  expect(it.told).toEqual([]);
});

test.each([
  [401, "Unauthorized", "ships is unknown"],
  [
    403,
    "Forbidden",
    'ships.fleet.ships.io is forbidden: User "me" cannot watch resource "ships" in API group "fleet.ships.io" at the cluster scope',
  ],
  [429, "TooManyRequests", "later"],
  [503, "ServiceUnavailable", "not now"],
])("a watch that is refused with %i is told once, and once when it is over", async (status, reason, message) => {
  await using it = await started();
  it.watch.end();
  for (let tries = 0; tries < 4; tries++) (await it.retried()).fail(status, reason, message);
  const again = await it.retried();
  const warned = it.lines.filter(({ level }) => level === "warn");
  expect(warned).toHaveLength(1);
  expect(warned[0]?.["error"]).toContain(message);
  if (status === 403) expect(warned[0]?.["error"]).toContain("add the access rule");
  again.bookmark("40");
  await eventually(() => expect(it.lines.filter(({ level }) => level === "info")).toHaveLength(1));
});
