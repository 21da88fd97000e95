import { describe, expect, test } from "@jest/globals";
import { Manager } from "../../../runtime/manager/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { cacheBench, ConfigMap, Pod } from "../cache/bench.ts";
import { configMap } from "../fake-server.ts";

const key = { namespace: "default", name: "a" };

describe("what a cache gives out", () => {
  test("belongs to whom it was given: nobody else sees what is done to it", async () => {
    await using bench = await cacheBench();
    const handed: { data?: unknown }[] = [];
    for (let handler = 0; handler < 2; handler++) {
      bench.cache.declare(ConfigMap, ({ object }) => {
        handed.push(object as { data?: unknown });
        Object.assign(object, { data: "spoilt by a handler" });
      });
    }
    const list = bench.server.next("GET /api/v1/configmaps");
    const started = bench.start();
    (await list).listed("10", configMap("a", "3", { x: "1" }, { labels: { app: "web" } }));
    await started;
    expect(handed).toHaveLength(2);
    expect(handed[0]).not.toBe(handed[1]);
    const [first, listed] = [await bench.client.get(ConfigMap, key), (await bench.client.list(ConfigMap))[0]];
    for (const each of [first, listed]) {
      if (each) Object.assign(each, { data: "spoilt" });
      if (each?.metadata.labels) each.metadata.labels["app"] = "spoilt";
    }
    expect(await bench.client.get(ConfigMap, key)).toMatchObject({ data: { x: "1" }, metadata: { labels: { app: "web" } } });
    expect(await bench.client.list(ConfigMap, { labelSelector: "app=web" })).toHaveLength(1);
  });
});

describe("reads go live", () => {
  test("of kinds that were not declared, and no watch is started for them", async () => {
    await using bench = await cacheBench();
    const list = bench.server.next("GET /api/v1/configmaps");
    const started = bench.start();
    (await list).listed("10");
    await started;
    bench.server.on("GET /api/v1/namespaces/default/pods/a", (exchange) =>
      exchange.answer({ apiVersion: "v1", kind: "Pod", metadata: key }),
    );
    bench.server.on("GET /api/v1/pods", (exchange) => exchange.answer({ items: [{ metadata: key }] }));
    expect(await bench.client.get(Pod, key)).toBeDefined();
    expect(await bench.client.list(Pod)).toHaveLength(1);
    expect(bench.server.requests.filter(({ isWatch, path }) => isWatch && path.includes("pods"))).toEqual([]);
  });

  test("outside the namespaces of the cache, where absence in the cache says nothing", async () => {
    await using bench = await cacheBench({ namespaces: ["default", "web", "web"] });
    const lists = ["default", "web"].map((namespace) => bench.server.next(`GET /api/v1/namespaces/${namespace}/configmaps`));
    const started = bench.start();
    for (const list of lists) (await list).listed("10", configMap("a", "3", {}, { namespace: list === lists[0] ? "default" : "web" }));
    await started;
    expect(bench.server.requests).toHaveLength(2);
    expect(await bench.client.get(ConfigMap, key)).toBeDefined();
    expect(await bench.client.list(ConfigMap, { namespace: "web" })).toHaveLength(1);
    expect(bench.server.requests).toHaveLength(2);

    const outside = { namespace: "other", name: "a" };
    bench.server.on("GET /api/v1/namespaces/other/configmaps/a", (exchange) => exchange.answer(configMap("a", "4", {}, outside)));
    bench.server.on("GET /api/v1/configmaps", (exchange) =>
      exchange.answer({ items: [1, 2, 3].map((n) => ({ metadata: { name: String(n) } })) }),
    );
    expect(await bench.client.get(ConfigMap, outside)).toBeDefined();
    expect(await bench.client.list(ConfigMap)).toHaveLength(3);
    expect(bench.server.requests.filter(({ isWatch }) => isWatch)).toHaveLength(2);
  });

  test("and an empty list of namespaces is a mistake that is told", async () => {
    await expect(Manager.create({ namespaces: [] })).rejects.toThrow("the list of namespaces is empty; leave it out to watch all of them");
  });
});

test("a cache that cannot be filled says what is missing, and waits for it", async () => {
  await using bench = await cacheBench();
  const list = bench.server.next("GET /api/v1/configmaps");
  const started = bench.start();
  const message = 'configmaps is forbidden: User "u" cannot list resource "configmaps" in API group "" at the cluster scope';
  (await list).fail(403, "Forbidden", message);
  const again = bench.server.next("GET /api/v1/configmaps");
  await eventually(() => expect(bench.lines).toHaveLength(1));
  expect(bench.lines[0]).toMatchObject({
    level: "warn",
    kind: "v1 ConfigMap",
    error: expect.stringContaining('add the access rule { apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"] }'),
  });
  await bench.clock.advance(60_000);
  (await again).listed("10");
  await started;
});
