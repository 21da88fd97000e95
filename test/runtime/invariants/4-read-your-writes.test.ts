import { expect, test } from "@jest/globals";
import { metadataOnly } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { cacheBench, ConfigMap } from "../cache/bench.ts";
import { configMap } from "../fake-server.ts";

const ALL = "/api/v1/namespaces/default/configmaps";
const key = { namespace: "default", name: "a" };

test("after each kind of write, cached reads see it or something newer, though the watch is silent", async () => {
  await using bench = await cacheBench();
  const { server, client } = bench;
  bench.cache.declare(metadataOnly(ConfigMap));
  const lists = [server.next("GET /api/v1/configmaps"), server.next("GET /api/v1/configmaps")];
  const started = bench.start();
  const watches = await Promise.all(lists);
  for (const watch of watches) watch.listed("10", configMap("old", "3"));
  await started;
  const read = async () => (await client.get(ConfigMap, key))?.metadata.resourceVersion;
  const listed = async () => (await client.list(ConfigMap, { namespace: "default" })).map(({ metadata }) => `${metadata.name ?? ""}@${metadata.resourceVersion ?? ""}`); // prettier-ignore

  server.on(`POST ${ALL}`, (exchange) => exchange.answer(configMap("a", "11", {}, { labels: { app: "web" } })));
  await client.create(configMap("a", ""));
  expect(await read()).toBe("11");
  expect(await listed()).toEqual(["old@3", "a@11"]);
  expect(await client.list(ConfigMap, { labelSelector: "app=web" })).toHaveLength(1);
  expect(await client.get(metadataOnly(ConfigMap), key)).toMatchObject({ kind: "ConfigMap", metadata: { resourceVersion: "11" } });

  server.on(`PUT ${ALL}/a`, (exchange) => exchange.answer(configMap("a", "12")));
  await client.update(configMap("a", "11"));
  expect(await read()).toBe("12");
  expect(await client.list(ConfigMap, { labelSelector: "app=web" })).toEqual([]);

  server.on(`PATCH ${ALL}/a`, (exchange) => exchange.answer(configMap("a", "13")));
  await client.patch(ConfigMap, key, "merge", {});
  expect(await read()).toBe("13");

  server.on(`PATCH ${ALL}/a`, (exchange) => exchange.answer(configMap("a", "14")));
  await client.apply(configMap("a", ""));
  expect(await read()).toBe("14");

  server.on(`PATCH ${ALL}/a/status`, (exchange) => exchange.answer(configMap("a", "15")));
  await client.status.apply({ ...configMap("a", ""), status: { x: 1 } });
  expect(await read()).toBe("15");

  // The watch comes along, and reports a foreign change in between as well.
  for (const watch of watches) watch.events(["ADDED", configMap("a", "11")], ["MODIFIED", configMap("a", "13", { by: "others" })]);
  await eventually(() => expect(server.requests.length).toBeGreaterThan(0));
  expect(await read()).toBe("15");

  server.on(`DELETE ${ALL}/a`, (exchange) => exchange.answer({ kind: "Status", details: { uid: "uid-a" } }));
  await client.delete(ConfigMap, key);
  expect(await client.get(ConfigMap, key)).toBeUndefined();
  expect(await client.get(metadataOnly(ConfigMap), key)).toBeUndefined();
  expect(await listed()).toEqual(["old@3"]);

  for (const watch of watches) watch.events(["DELETED", configMap("a", "16")], ["ADDED", configMap("a", "17", {}, { uid: "another" })]);
  await eventually(async () => expect(await read()).toBe("17"));
});
