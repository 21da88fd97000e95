import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Client } from "../../../runtime/client/index.ts";
import { done, type Reconciler, type Result } from "../../../runtime/controller/index.ts";
import type { UnstructuredObject } from "../../../runtime/object/index.ts";
import { eventually, startTestCluster, type TestCluster } from "../../../runtime/testing/index.ts";
import { ConfigMap, Namespace } from "./frigates.ts";
import { startOperator } from "./operator.ts";

let cluster: TestCluster;
let client: Client;
let namespace: string;
let count = 0;
beforeAll(async () => {
  cluster = await startTestCluster();
  client = cluster.client;
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  namespace = `bad-${++count}`;
  await client.create({ ...Namespace, metadata: { name: namespace } });
});

const create = (name: string, data: object = {}) =>
  client.create({ ...ConfigMap, metadata: { namespace, name, labels: { mine: "yes" } }, data });

/** A reconciler of ConfigMaps with the label `mine`, which does its worst with the one called "bad", for the first time. */
function worstOnce(worst: (object: UnstructuredObject) => Promise<Result>) {
  const seen: string[] = [];
  const reconciler: Reconciler<UnstructuredObject> = {
    reconcile(object) {
      const name = object.metadata.name ?? "";
      seen.push(name);
      return name === "bad" && seen.filter((each) => each === "bad").length === 1 ? worst(object) : Promise.resolve(done());
    },
  };
  return { seen, reconciler };
}

const thrower = (thrown: () => unknown) => (): never => {
  throw thrown();
};

describe("a reconciler that throws", () => {
  const loop = new Error("round");
  loop.cause = loop;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  test.each<[string, () => unknown, string]>([
    ["an error", () => new Error("no luck"), "no luck"],
    ["an error that is its own cause", () => loop, "round"],
    ["an error of several lines", () => new Error("one\ntwo"), "one\ntwo"],
    ["a text", () => "no luck", 'the reconciler threw "no luck", which is no Error'],
    ["nothing", () => undefined, "the reconciler threw undefined, which is no Error"],
    ["null", () => null, "the reconciler threw null, which is no Error"],
    ["a number", () => 0n, "the reconciler threw 0, which is no Error"],
    ["a symbol", () => Symbol("no luck"), "the reconciler threw Symbol(no luck), which is no Error"],
    ["an object without a prototype", () => Object.create(null) as object, "the reconciler threw an object, which is no Error"],
    [
      "an error that cannot be read",
      () => Object.defineProperty(new Error("x"), "message", { get: thrower(() => new Error("twice")) }),
      "what was thrown cannot be read: twice",
    ],
    [
      "what cannot even be looked at",
      () => proxy,
      "what was thrown cannot be read: Cannot perform 'getPrototypeOf' on a proxy that has been revoked",
    ],
  ])("%s is told in one line, and costs that object a retry", async (_name, thrown, told) => {
    const { seen, reconciler } = worstOnce(thrower(thrown));
    await using operator = await startOperator(cluster, namespace, (manager) =>
      manager.controller(ConfigMap, { name: "test" }).reconcileWith(reconciler),
    );
    await create("bad");
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(["bad", "bad"])));
    await create("good");
    await eventually(() => expect(seen).toContain("good"));
    expect(operator.complaints()).toMatchObject([{ level: "error", msg: "Reconciler error", name: "bad", error: told, retryInMs: 5 }]);
  });
});

describe("a reconciler that", () => {
  test("never settles is given up and tried again, while others go on", async () => {
    const { seen, reconciler } = worstOnce(() => new Promise(() => undefined));
    await using operator = await startOperator(cluster, namespace, (manager) =>
      manager.controller(ConfigMap, { name: "test" }).reconcileWith(reconciler, { timeout: "300ms" }),
    );
    await create("bad");
    await create("good");
    await eventually(() => expect(seen.filter((name) => name === "bad")).toHaveLength(2));
    expect(seen).toContain("good");
    expect(operator.complaints()).toMatchObject([{ name: "bad", error: "the reconcile did not end within 0.3 s", retryInMs: 5 }]);
  });

  test("resolves to something that is no result is not told of the next change any less", async () => {
    const { seen, reconciler } = worstOnce(() => Promise.resolve("done" as unknown as Result));
    await using operator = await startOperator(cluster, namespace, (manager) =>
      manager.controller(ConfigMap, { name: "test" }).reconcileWith(reconciler),
    );
    await create("bad");
    await eventually(() => expect(seen).toContain("bad"));
    await client.patch(ConfigMap, { namespace, name: "bad" }, "merge", { data: { a: "1" } });
    await eventually(() => expect(seen.filter((name) => name === "bad")).toHaveLength(2));
    expect(operator.complaints()).toEqual([]);
  });

  test("blocks the loop holds up everything for that long, and nothing is lost", async () => {
    const { seen, reconciler } = worstOnce(() => {
      for (const end = Date.now() + 400; Date.now() < end;);
      return Promise.resolve(done());
    });
    await using operator = await startOperator(cluster, namespace, (manager) =>
      manager.controller(ConfigMap, { name: "test" }).reconcileWith(reconciler),
    );
    await Promise.all(["bad", "a", "b", "c"].map((name) => create(name)));
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(["bad", "a", "b", "c"])));
    expect(operator.complaints()).toEqual([]);
  });

  test("spoils what it was given harms nobody else", async () => {
    const spoil = (object: UnstructuredObject) => {
      for (const field of Object.keys(object)) if (field !== "metadata") Reflect.deleteProperty(object, field);
      Object.assign(object.metadata, { name: "other", labels: { mine: "no" }, resourceVersion: "0" });
      return Promise.resolve(done());
    };
    const { seen, reconciler } = worstOnce(spoil);
    const second: unknown[] = [];
    await using operator = await startOperator(cluster, namespace, (manager) => {
      manager.controller(ConfigMap, { name: "spoiler" }).reconcileWith(reconciler);
      manager.controller(ConfigMap, { name: "second" }).reconcileWith({
        async reconcile(object, context) {
          if (object.metadata.name !== "bad" || seen.length === 0) return done();
          second.push(object, await context.client.get(ConfigMap, { namespace, name: "bad" }));
          return done();
        },
      });
    });
    await create("bad", { a: "1" });
    await eventually(() => expect(seen).toContain("bad"));
    await client.patch(ConfigMap, { namespace, name: "bad" }, "merge", { data: { b: "2" } });
    await eventually(() => expect(second.length).toBeGreaterThan(0));
    for (const object of second) {
      expect(object).toMatchObject({ kind: "ConfigMap", metadata: { name: "bad", labels: { mine: "yes" } }, data: { a: "1" } });
    }
    expect(operator.complaints()).toEqual([]);
  });
});

describe("what throws on the way of an event", () => {
  const broken = thrower(() => new Error("broken"));

  test("is told, and reconciles nothing for that event; the cache and the other controllers go on", async () => {
    const seen: string[] = [];
    const note = (prefix: string): Reconciler<UnstructuredObject> => ({
      reconcile(object) {
        seen.push(`${prefix} ${object.metadata.name ?? ""}`);
        return Promise.resolve(done());
      },
    });
    await using operator = await startOperator(cluster, namespace, (manager) => {
      manager
        .controller(ConfigMap, { name: "predicate", predicates: [(event) => event.object.metadata?.name !== "bad" || broken()] })
        .reconcileWith(note("predicate"));
      manager.controller(Namespace, { name: "mapper" }).watches(ConfigMap, broken).reconcileWith(note("mapper"));
      manager.controller(ConfigMap, { name: "healthy" }).reconcileWith(note("healthy"));
    });
    await create("bad");
    await create("good");
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(["healthy bad", "healthy good", "predicate good"])));
    expect(seen).not.toContain("predicate bad");
    const told = operator.complaints().filter(({ controller }) => controller === "predicate");
    expect(told).toMatchObject([{ msg: "an event handler failed; this event reconciles nothing", error: "broken", kind: "ConfigMap" }]);
    expect(operator.complaints().filter(({ controller }) => controller === "mapper").length).toBeGreaterThan(0);
  });

  test("in an index or a transform leaves the object as it is", async () => {
    await using operator = await startOperator(cluster, namespace, (manager) => {
      manager.cache(ConfigMap, {
        indexes: { color: (object) => (object.metadata.name === "bad" ? broken() : ["red"]) },
        transform: (object) => {
          if (object.metadata.name === "bad") broken();
        },
      });
      manager.controller(ConfigMap, { name: "test" }).reconcileWith({
        async reconcile(object, context) {
          const red = await context.client.list(ConfigMap, { namespace, index: { color: "red" } });
          found.set(object.metadata.name ?? "", red.map(({ metadata }) => metadata.name ?? "")); // prettier-ignore
          return done();
        },
      });
    });
    const found = new Map<string, string[]>();
    await create("good");
    await create("bad");
    await eventually(() => expect(found.get("bad")).toContain("good"));
    expect(found.get("bad")).not.toContain("bad");
    expect(new Set(operator.complaints().map(({ msg }) => msg))).toEqual(
      new Set(["an index function failed; the object is not in that index", "a transform failed; the object is kept as it is now"]),
    );
  });
});
