import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, numberAt, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { ManualClock } from "./clock.ts";
import { sender, type Send } from "./requests.ts";

const SECRETS = "/api/v1/namespaces/default/secrets";

let clock: ManualClock;
let cluster: EmbeddedCluster;
let send: Send;
beforeEach(async () => {
  clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  cluster = await EmbeddedCluster.start({ clock });
  send = sender(cluster.url);
  for (const name of ["a", "b", "c", "d", "e"])
    await send("POST", SECRETS, { body: { metadata: { name, labels: { is: name, all: "yes" } } } });
});
afterEach(() => cluster.stop());

function names(list: JsonObject): string[] {
  return arrayAt(list, "items").map((item) => stringAt(item, "metadata", "name") ?? "");
}

async function listed(query: string): Promise<string[]> {
  return names((await send("GET", `${SECRETS}?${query}`)).body);
}

test("the pages of a list are one snapshot, whatever is written between them", async () => {
  const first = (await send("GET", `${SECRETS}?limit=2`)).body;
  expect([names(first), numberAt(first, "metadata", "remainingItemCount")]).toEqual([["a", "b"], 3]);
  await send("DELETE", `${SECRETS}/d`);
  await send("POST", SECRETS, { body: { metadata: { name: "bb" } } });
  const rest = (await send("GET", `${SECRETS}?limit=10&continue=${stringAt(first, "metadata", "continue") ?? ""}`)).body;
  expect(names(rest)).toEqual(["c", "d", "e"]);
  expect(stringAt(rest, "metadata", "resourceVersion")).toBe(stringAt(first, "metadata", "resourceVersion"));
});

test("a continue token whose snapshot is forgotten gets 410 with a token that goes on without it", async () => {
  const first = (await send("GET", `${SECRETS}?limit=2`)).body;
  await send("POST", SECRETS, { body: { metadata: { name: "bb" } } });
  cluster.compact();
  const expired = await send("GET", `${SECRETS}?limit=2&continue=${stringAt(first, "metadata", "continue") ?? ""}`);
  expect([expired.code, expired.body["reason"]]).toEqual([410, "Expired"]);
  expect(await listed(`continue=${stringAt(expired.body, "metadata", "continue") ?? ""}`)).toEqual(["bb", "c", "d", "e"]);
});

test("a list at an exact version shows what there was then, and 410 once that is forgotten", async () => {
  const version = stringAt((await send("GET", SECRETS)).body, "metadata", "resourceVersion") ?? "";
  await send("DELETE", `${SECRETS}/a`);
  const query = `resourceVersion=${version}&resourceVersionMatch=Exact`;
  expect(await listed(query)).toEqual(["a", "b", "c", "d", "e"]);
  cluster.compact();
  expect((await send("GET", `${SECRETS}?${query}`)).code).toBe(410);
});

test("a list at a version that is not reached waits three seconds and then gives up", async () => {
  const waiting = send("GET", `${SECRETS}?resourceVersion=100000`);
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(3000);
  const answer = await waiting;
  expect([answer.code, answer.body["reason"]]).toEqual([504, "Timeout"]);
});

test.each([
  ["labelSelector=is%3Da", ["a"]],
  ["labelSelector=is+in+(a,b)", ["a", "b"]],
  ["labelSelector=is+notin+(a,b),all", ["c", "d", "e"]],
  ["labelSelector=!all", []],
  ["labelSelector=is!%3Da,is!%3Db", ["c", "d", "e"]],
  ["fieldSelector=metadata.name%3Dc", ["c"]],
  ["fieldSelector=metadata.name!%3Dc,type%3DOpaque", ["a", "b", "d", "e"]],
  ["resourceVersion=0&limit=1", ["a", "b", "c", "d", "e"]],
])("%s lists %j", async (query, expected) => {
  expect(await listed(query)).toEqual(expected);
});

test.each([
  ["labelSelector=is+in+a", "unable to parse requirement: found 'a' expected: '('"],
  ["labelSelector=%3D", "found '=', expected: !, identifier, or 'end of string'"],
  ["fieldSelector=spec.x%3D1", "field label not supported: spec.x"],
  [
    "resourceVersion=abc",
    'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ],
])("%s is refused with the server's words", async (query, message) => {
  const answer = await send("GET", `${SECRETS}?${query}`);
  expect(answer.code).toBe(400);
  expect(answer.body["message"]).toBe(message);
});

test("a collection is deleted by selector", async () => {
  await send("DELETE", `${SECRETS}?labelSelector=is+in+(a,b)`);
  expect(await listed("")).toEqual(["c", "d", "e"]);
});

test("objects come as metadata alone when that is asked for", async () => {
  const accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
  const { body } = await send("GET", `${SECRETS}?limit=1`, { headers: { accept } });
  expect([body["kind"], body["apiVersion"]]).toEqual(["PartialObjectMetadataList", "meta.k8s.io/v1"]);
  expect(Object.keys(arrayAt(body, "items")[0] ?? {}).sort()).toEqual(["apiVersion", "kind", "metadata"]);
});

test("a table has the kind's columns and one row for each object", async () => {
  clock.advance(90_000);
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const { body } = await send("GET", SECRETS, { headers: { accept } });
  expect(arrayAt(body, "columnDefinitions").map((column) => stringAt(column, "name"))).toEqual(["Name", "Type", "Data", "Age"]);
  expect(arrayAt(arrayAt(body, "rows")[0], "cells")).toEqual(["a", "Opaque", 0, "90s"]);
});
