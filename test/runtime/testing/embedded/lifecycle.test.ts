import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, numberAt, objectAt, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { configMap, CONFIGMAPS, MERGE, sender, Watch, type Send } from "./requests.ts";

let cluster: EmbeddedCluster;
let send: Send;
beforeEach(async () => {
  cluster = await EmbeddedCluster.start();
  send = sender(cluster.url);
});
afterEach(() => cluster.stop());

async function create(name: string, metadata: JsonObject = {}): Promise<JsonObject> {
  const { code, body } = await send("POST", CONFIGMAPS, { body: configMap(name, {}, metadata) });
  expect(code).toBe(201);
  return body;
}

function owner(object: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    name: stringAt(object, "metadata", "name"),
    uid: stringAt(object, "metadata", "uid"),
    ...more,
  };
}

async function exists(name: string): Promise<boolean> {
  return (await send("GET", `${CONFIGMAPS}/${name}`)).code === 200;
}

test("what an object owns is deleted after it, level by level", async () => {
  const parent = await create("parent");
  const child = await create("child", { ownerReferences: [owner(parent)] });
  await create("grandchild", { ownerReferences: [owner(child)] });
  await create("stranger");
  await send("DELETE", `${CONFIGMAPS}/parent`);
  expect(await Promise.all(["parent", "child", "grandchild", "stranger"].map(exists))).toEqual([false, false, false, true]);
});

test("an object whose owner never existed is deleted", async () => {
  await create("lost", {
    ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "none", uid: "1c1f0b0e-0000-4000-8000-000000000000" }],
  });
  expect(await exists("lost")).toBe(false);
});

test("an object whose owner is of a kind that nobody serves stays", async () => {
  await create("foreign", { ownerReferences: [{ apiVersion: "example.com/v1", kind: "Nothing", name: "none", uid: "1" }] });
  expect(await exists("foreign")).toBe(true);
});

test("an object stays as long as one of its owners does, and forgets the others", async () => {
  const [first, second] = [await create("first"), await create("second")];
  await create("shared", { ownerReferences: [owner(first), owner(second)] });
  await send("DELETE", `${CONFIGMAPS}/first`);
  const { body } = await send("GET", `${CONFIGMAPS}/shared`);
  expect(arrayAt(body, "metadata", "ownerReferences").map((each) => stringAt(each, "name"))).toEqual(["second"]);
});

test("a deletion in the foreground waits for the dependents that block it", async () => {
  const parent = await create("parent");
  await create("child", { finalizers: ["example.com/hold"], ownerReferences: [owner(parent, { blockOwnerDeletion: true })] });
  const { body } = await send("DELETE", `${CONFIGMAPS}/parent?propagationPolicy=Foreground`);
  expect(arrayAt(body, "metadata", "finalizers")).toEqual(["foregroundDeletion"]);
  expect(stringAt((await send("GET", `${CONFIGMAPS}/child`)).body, "metadata", "deletionTimestamp")).toBeDefined();
  expect(await exists("parent")).toBe(true);
  await send("PATCH", `${CONFIGMAPS}/child`, { body: { metadata: { finalizers: null } }, type: MERGE });
  expect(await Promise.all(["parent", "child"].map(exists))).toEqual([false, false]);
});

test("a deletion that orphans leaves the dependents without the owner", async () => {
  const parent = await create("parent");
  await create("child", { ownerReferences: [owner(parent)] });
  await send("DELETE", `${CONFIGMAPS}/parent`, { body: { propagationPolicy: "Orphan" } });
  expect(await exists("parent")).toBe(false);
  const { body } = await send("GET", `${CONFIGMAPS}/child`);
  expect(objectAt(body, "metadata")?.["ownerReferences"]).toBeUndefined();
});

test("finalizers hold a deleted object until the last of them is gone", async () => {
  await create("held", { finalizers: ["example.com/one", "example.com/two"] });
  const { body } = await send("DELETE", `${CONFIGMAPS}/held`);
  expect(numberAt(body, "metadata", "deletionGracePeriodSeconds")).toBe(0);
  const keep = (finalizers: string[]) => send("PATCH", `${CONFIGMAPS}/held`, { body: { metadata: { finalizers } }, type: MERGE });
  expect((await keep(["example.com/one", "example.com/two", "example.com/three"])).code).toBe(422);
  expect((await keep(["example.com/two"])).code).toBe(200);
  expect(await exists("held")).toBe(true);
  await keep([]);
  expect(await exists("held")).toBe(false);
});

test("a deletion with another uid or version than the object's is a conflict", async () => {
  await create("guarded");
  for (const preconditions of [{ uid: "other" }, { resourceVersion: "1" }]) {
    expect((await send("DELETE", `${CONFIGMAPS}/guarded`, { body: { preconditions } })).code).toBe(409);
  }
  expect(await exists("guarded")).toBe(true);
});

test("a pod on a node is given its grace period, and then taken away by force", async () => {
  const pods = "/api/v1/namespaces/default/pods";
  const spec = { nodeName: "node-1", containers: [{ name: "main", image: "nginx" }] };
  await send("POST", pods, { body: { metadata: { name: "graceful" }, spec } });
  const start = stringAt((await send("GET", pods)).body, "metadata", "resourceVersion") ?? "";
  await using watch = await Watch.open(cluster.url, `${pods}?watch=1&resourceVersion=${start}`);
  const { body } = await send("DELETE", `${pods}/graceful`);
  expect(numberAt(body, "metadata", "deletionGracePeriodSeconds")).toBe(30);
  await send("DELETE", `${pods}/graceful?gracePeriodSeconds=0`);
  expect(await watch.names(3)).toEqual(["MODIFIED graceful", "MODIFIED graceful", "DELETED graceful"]);
});

test("a namespace goes when all that is in it has gone", async () => {
  await send("POST", "/api/v1/namespaces", { body: { metadata: { name: "short" } } });
  const inside = "/api/v1/namespaces/short/configmaps";
  await send("POST", inside, { body: configMap("free") });
  await send("POST", inside, { body: configMap("held", {}, { finalizers: ["example.com/hold"] }) });
  const { body } = await send("DELETE", "/api/v1/namespaces/short");
  expect(stringAt(body, "status", "phase")).toBe("Terminating");
  expect((await send("GET", `${inside}/free`)).code).toBe(404);
  const refused = await send("POST", inside, { body: configMap("late") });
  expect([refused.code, refused.body["message"]]).toEqual([
    403,
    'configmaps "late" is forbidden: unable to create new content in namespace short because it is being terminated',
  ]);
  await send("PATCH", `${inside}/held`, { body: { metadata: { finalizers: null } }, type: MERGE });
  expect((await send("GET", "/api/v1/namespaces/short")).code).toBe(404);
});

test("the namespaces of the system cannot be deleted", async () => {
  expect((await send("DELETE", "/api/v1/namespaces/default")).code).toBe(403);
});

test("nothing is created in a namespace that does not exist", async () => {
  const answer = await send("POST", "/api/v1/namespaces/nowhere/configmaps", { body: configMap("a") });
  expect([answer.code, answer.body["message"]]).toEqual([404, 'namespaces "nowhere" not found']);
});

test("a new namespace gets its service account, and gets it again when it is deleted", async () => {
  await send("POST", "/api/v1/namespaces", { body: { metadata: { name: "fresh" } } });
  const account = "/api/v1/namespaces/fresh/serviceaccounts/default";
  const first = await send("GET", account);
  await send("DELETE", account);
  const second = await send("GET", account);
  expect([first.code, second.code]).toEqual([200, 200]);
  expect(stringAt(second.body, "metadata", "uid")).not.toBe(stringAt(first.body, "metadata", "uid"));
});
