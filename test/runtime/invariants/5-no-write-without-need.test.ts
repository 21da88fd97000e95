import { expect, test } from "@jest/globals";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { cacheBench, ConfigMap } from "../cache/bench.ts";
import { configMap, type FakeServer } from "../fake-server.ts";

const A = "/api/v1/namespaces/default/configmaps/a";
const key = { namespace: "default", name: "a" };
const wanted = (data: Record<string, string>) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { ...key }, data });

/** The object as the server keeps it after an apply by `me` of these data. */
function stored(resourceVersion: string, data: Record<string, string>, owned = Object.keys(data), others: object[] = []) {
  const fieldsV1 = { "f:data": Object.fromEntries(owned.map((name) => [`f:${name}`, {}])) };
  const managedFields = [...others, { manager: "me", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1 }];
  return configMap("a", resourceVersion, data, { managedFields });
}

async function started(...objects: object[]) {
  const bench = await cacheBench();
  const { server, client } = bench;
  const list = bench.server.next("GET /api/v1/configmaps");
  const start = bench.start();
  const watch = await list;
  watch.listed("10", ...objects);
  await start;
  return { server, client, watch, [Symbol.asyncDispose]: bench[Symbol.asyncDispose] };
}

const applies = (server: FakeServer) => server.seen(`PATCH ${A}`).length;

test("an apply is sent once, and then only when something of ours is other than we want it", async () => {
  await using bench = await started(stored("5", { x: "0" }));
  const { server, client, watch } = bench;
  let version = 10;
  server.on(`PATCH ${A}`, (exchange) =>
    exchange.answer(stored(String(++version), (exchange.body as { data: Record<string, string> }).data)),
  );

  await client.apply(wanted({ x: "1" }));
  for (let again = 0; again < 3; again++) await client.apply(wanted({ x: "1" }));
  expect(applies(server)).toBe(1);
  expect(server.writes[0]?.query.get("force")).toBe("true");

  await client.apply(wanted({ x: "2", y: "1" }));
  await client.apply(wanted({ x: "2" })); // y is dropped
  await client.apply(wanted({ x: "2" }));
  expect(applies(server)).toBe(3);

  // Somebody takes over x: it is no longer in our entry.
  watch.events(["MODIFIED", stored("20", { x: "theirs" }, [], [{ manager: "kubectl", operation: "Update" }])]);
  await eventually(async () => expect((await client.get(ConfigMap, key))?.["data"]).toEqual({ x: "theirs" }));
  await client.apply(wanted({ x: "2" }));
  expect(applies(server)).toBe(4);

  // A foreign field beside ours is none of our business.
  watch.events(["MODIFIED", stored("30", { x: "2", z: "theirs" }, ["x"])]);
  await eventually(async () => expect((await client.get(ConfigMap, key))?.["data"]).toHaveProperty("z"));
  await client.apply(wanted({ x: "2" }));
  expect(applies(server)).toBe(4);
});

test("a restart sends nothing: what is ours is read from the server's own record, while others' records are not kept", async () => {
  const others = [
    { manager: "kubectl", operation: "Update", fieldsV1: { "f:data": { "f:z": {} } } },
    { manager: "me", operation: "Update" },
  ];
  await using bench = await started(stored("5", { x: "1", z: "2" }, ["x"], others));
  const answer = await bench.client.apply(wanted({ x: "1" }));
  expect(answer).toMatchObject({ data: { x: "1", z: "2" } });
  expect(answer.metadata).toMatchObject({ managedFields: [{ manager: "me", operation: "Apply" }] });
  expect(bench.server.writes).toEqual([]);
});

test("a value that the server rewrites costs one apply after each start, and none after that", async () => {
  for (let start = 0; start < 2; start++) {
    await using bench = await started(stored("11", { x: "normal" }));
    bench.server.on(`PATCH ${A}`, (exchange) => exchange.answer(stored("11", { x: "normal" })));
    for (let again = 0; again < 3; again++) await bench.client.apply(wanted({ x: "NORMAL" }));
    expect(applies(bench.server)).toBe(1);
  }
});

test("an apply that is meant for another object of this name is sent, so that the server refuses it", async () => {
  await using bench = await started(stored("5", { x: "1" }));
  bench.server.on(`PATCH ${A}`, (exchange) => exchange.fail(409, "Conflict"));
  const elsewhere = { ...wanted({ x: "1" }), metadata: { ...key, uid: "another" } };
  await expect(bench.client.apply(elsewhere)).rejects.toMatchObject({ reason: "Conflict" });
});
