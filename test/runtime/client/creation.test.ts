import { expect, test } from "@jest/globals";
import type { ManagedFieldsEntry } from "../../../runtime/api/index.ts";
import { cacheBench } from "../cache/bench.ts";
import { configMap, type Exchange, type FakeServer } from "../fake-server.ts";

const COLLECTION = "/api/v1/namespaces/default/configmaps";
const A = `${COLLECTION}/a`;
const key = { namespace: "default", name: "a" };
type Data = Record<string, string>;
const wanted = (data: Data) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { ...key }, data });

function entry(manager: string, operation: "Apply" | "Update", data: Data): ManagedFieldsEntry {
  const owned = Object.fromEntries(Object.keys(data).map((name) => [`f:${name}`, {}]));
  return { manager, operation, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": owned } };
}

const managerOf = (exchange: Exchange) => exchange.query.get("fieldManager") ?? "";
const dataOf = (exchange: Exchange) => (exchange.body as { data: Data }).data;
const isApply = (exchange: Exchange) => exchange.headers["content-type"] === "application/apply-patch+yaml";
const isTurn = (exchange: Exchange) => typeof exchange.body === "object" && exchange.body !== null && "metadata" in exchange.body;
const stepOf = (exchange: Exchange) =>
  exchange.method !== "PATCH" ? exchange.method : isApply(exchange) ? "APPLY" : isTurn(exchange) ? "TURN" : "VALUES";
const steps = (server: FakeServer) => server.writes.map(stepOf);

/** A started cache before a server that keeps one object the way the real one does. */
async function started(stored?: { data: Data; managedFields: ManagedFieldsEntry[] }) {
  const bench = await cacheBench();
  const { server } = bench;
  let version = 10;
  let kept = stored;
  const answered = (next: typeof stored & object) => {
    kept = next;
    return configMap("a", String(++version), kept.data, { managedFields: kept.managedFields });
  };
  server.on(`POST ${COLLECTION}`, (exchange) => {
    if (kept !== undefined) {
      exchange.fail(409, "AlreadyExists");
      return;
    }
    const data = dataOf(exchange);
    exchange.answer(answered({ data, managedFields: [entry(managerOf(exchange), "Update", data)] }), 201);
  });
  server.on(`GET ${A}`, (exchange) => exchange.answer(configMap("a", String(version), kept?.data, { managedFields: kept?.managedFields })));
  server.on(`PATCH ${A}`, (exchange) => {
    const { data = {}, managedFields = [] } = kept ?? {};
    if (isApply(exchange)) {
      const others = managedFields.filter(({ operation }) => operation !== "Apply");
      exchange.answer(answered({ data: dataOf(exchange), managedFields: [...others, entry("me", "Apply", dataOf(exchange))] }));
      return;
    }
    if (!isTurn(exchange)) {
      exchange.answer(answered({ data: { ...data, ...dataOf(exchange) }, managedFields }));
      return;
    }
    const { metadata } = exchange.body as { metadata: { resourceVersion: string; managedFields: ManagedFieldsEntry[] } };
    if (metadata.resourceVersion !== String(version)) {
      exchange.fail(409, "Conflict");
      return;
    }
    exchange.answer(answered({ data, managedFields: metadata.managedFields }));
  });
  const list = server.next("GET /api/v1/configmaps");
  const start = bench.start();
  const initial = stored && configMap("a", String(version), stored.data, { managedFields: stored.managedFields });
  (await list).listed("10", ...(initial ? [initial] : []));
  await start;
  return bench;
}

test("what the cache knows to be absent is created by one POST, whose field manager's name says which fields it had", async () => {
  await using bench = await started();
  const answer = await bench.client.apply(wanted({ x: "1" }));
  for (let again = 0; again < 3; again++) await bench.client.apply(wanted({ x: "1" }));
  expect(answer).toMatchObject({ data: { x: "1" } });
  expect(steps(bench.server)).toEqual(["POST"]);
  expect(managerOf(bench.server.writes[0] as Exchange)).toMatch(/^me\/[\w-]{16}$/);
});

test("another value of the same fields is a merge patch of it alone, under the name of the creation", async () => {
  await using bench = await started();
  const { server, client } = bench;
  await client.apply(wanted({ x: "1", y: "1" }));
  for (let again = 0; again < 2; again++) await client.apply(wanted({ y: "2", x: "1" }));
  expect(steps(server)).toEqual(["POST", "VALUES"]);
  const [creation, change] = server.writes as [Exchange, Exchange];
  expect(change.body).toEqual({ data: { y: "2" } });
  expect(managerOf(change)).toBe(managerOf(creation));
  await client.apply(wanted({ x: "1" })); // y is dropped
  expect(steps(server)).toEqual(["POST", "VALUES", "TURN", "APPLY"]);
});

test("another value is applied where fields of others are not to be taken over, or the object has gone meanwhile", async () => {
  await using bench = await started();
  const { server, client } = bench;
  await client.apply(wanted({ x: "1" }));
  await client.apply(wanted({ x: "2" }), { force: false });
  expect(steps(server)).toEqual(["POST", "APPLY"]);

  await using gone = await started();
  await gone.client.apply(wanted({ x: "1" }));
  gone.server.on(`PATCH ${A}`, (exchange) => {
    if (!isApply(exchange)) {
      exchange.fail(404, "NotFound");
      return;
    }
    exchange.answer(configMap("a", "40", dataOf(exchange), { managedFields: [entry("me", "Apply", dataOf(exchange))] }), 201);
  });
  await gone.client.apply(wanted({ x: "2" }));
  expect(steps(gone.server)).toEqual(["POST", "VALUES", "APPLY"]);
});

test("once other fields are wanted, the creation's record becomes that of an apply, so that the next one removes what it leaves out", async () => {
  await using bench = await started();
  await bench.client.apply(wanted({ x: "1", y: "1" }));
  const creator = managerOf(bench.server.writes[0] as Exchange);
  await bench.client.apply(wanted({ x: "1" }));
  expect(steps(bench.server)).toEqual(["POST", "TURN", "APPLY"]);
  const { metadata } = bench.server.writes[1]?.body as { metadata: { managedFields: ManagedFieldsEntry[] } };
  expect(metadata.managedFields).toEqual([entry("me", "Apply", { x: "", y: "" })]);
  expect(creator).not.toBe("me");
  await bench.client.apply(wanted({ x: "1" }));
  expect(bench.server.writes).toHaveLength(3);
});

test("after a restart the record of the creation is enough: nothing is sent while the same is wanted", async () => {
  await using before = await started();
  await before.client.apply(wanted({ x: "1" }));
  const creator = managerOf(before.server.writes[0] as Exchange);
  const foreign = entry("kubectl", "Update", { z: "" });
  await using bench = await started({ data: { x: "1", z: "1" }, managedFields: [foreign, entry(creator, "Update", { x: "" })] });
  await bench.client.apply(wanted({ x: "1" }));
  expect(bench.server.writes).toEqual([]);
  await bench.client.apply(wanted({ y: "1" }));
  expect(steps(bench.server)).toEqual(["TURN", "APPLY"]);
  const { metadata } = bench.server.writes[0]?.body as { metadata: { managedFields: ManagedFieldsEntry[] } };
  expect(metadata.managedFields).toEqual([foreign, entry("me", "Apply", { x: "" })]);
});

test("the record is read again when somebody else writes the object in between", async () => {
  await using bench = await started();
  await bench.client.apply(wanted({ x: "1", y: "1" }));
  const creator = managerOf(bench.server.writes[0] as Exchange);
  let isChanged = false;
  const object = (version: string) =>
    configMap("a", version, { x: "1", y: "1" }, { managedFields: [entry(creator, "Update", { x: "", y: "" })] });
  bench.server.on(`GET ${A}`, (exchange) => exchange.answer(object(isChanged ? "31" : "30")));
  bench.server.on(`PATCH ${A}`, (exchange) => {
    if (isApply(exchange)) {
      exchange.answer(configMap("a", "40", { x: "1" }, { managedFields: [entry("me", "Apply", { x: "" })] }));
      return;
    }
    const { resourceVersion } = (exchange.body as { metadata: { resourceVersion: string } }).metadata;
    isChanged = true;
    if (resourceVersion !== "31") {
      exchange.fail(409, "Conflict");
      return;
    }
    exchange.answer(object("32"));
  });
  await bench.client.apply(wanted({ x: "1" }));
  expect(steps(bench.server)).toEqual(["POST", "TURN", "TURN", "APPLY"]);
});

test("what is there after all, though the cache does not know it yet, is applied to", async () => {
  await using bench = await started();
  bench.server.on(`POST ${COLLECTION}`, (exchange) => exchange.fail(409, "AlreadyExists"));
  await bench.client.apply(wanted({ x: "1" }));
  expect(steps(bench.server)).toEqual(["POST", "APPLY"]);
});

test("an apply that is meant for a certain object creates nothing", async () => {
  await using bench = await started();
  const meant = wanted({ x: "1" });
  await bench.client.apply({ ...meant, metadata: { ...meant.metadata, uid: "another" } });
  expect(steps(bench.server)).toEqual(["APPLY"]);
});

test.each([{ x: "" }, {}])(
  "an apply of empty values, which the record of a creation may lack, is sent as an apply: %j",
  async (data: Data) => {
    await using bench = await started();
    await bench.client.apply(wanted(data));
    expect(steps(bench.server)).toEqual(["APPLY"]);
  },
);
