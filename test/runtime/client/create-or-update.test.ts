import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  addFinalizer, connect, createOrUpdate, removeFinalizer, type CachedReader, type Connection,
} from "../../../runtime/client/index.ts"; // prettier-ignore
import { hasFinalizer, unstructured, type KubernetesObject } from "../../../runtime/object/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/embedded/index.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
type Map = KubernetesObject & { data?: Record<string, string> };

let cluster: EmbeddedCluster;
let connection: Connection;
let count = 0;
let key: { namespace: string; name: string };
let object: Map;

beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  connection = await connect({ kubeconfig: cluster.kubeconfig });
});
afterAll(async () => {
  connection.close();
  await cluster.stop();
});
beforeEach(() => {
  key = { namespace: "default", name: `map-${++count}` };
  object = { ...ConfigMap, metadata: key };
});

const set = (name: string, value: string) => (map: Map) => void (map.data = { ...map.data, [name]: value });
const stored = async () => (await connection.client.get(ConfigMap, key)) as Map | undefined;

/** A client whose cache says that the object is `cached`, or absent, whatever the server has. */
function withStaleCache(cached: Map | undefined) {
  const reader: CachedReader = {
    get: () => Promise.resolve({ object: structuredClone(cached) }),
    list: () => Promise.resolve(undefined),
    wrote: () => undefined,
    removed: () => undefined,
  };
  return connection.client.readingThrough(reader);
}

describe("createOrUpdate", () => {
  test("creates what is absent, changes what differs, and writes nothing else", async () => {
    const { client } = connection;
    const first = await createOrUpdate(client, object, set("a", "1"));
    expect([first.operation, first.object.data]).toEqual(["created", { a: "1" }]);
    const second = await createOrUpdate(client, object, set("b", "2"));
    expect([second.operation, second.object.data]).toEqual(["updated", { a: "1", b: "2" }]);
    const third = await createOrUpdate(client, object, set("b", "2"));
    expect([third.operation, third.object.metadata?.resourceVersion]).toEqual(["unchanged", second.object.metadata?.resourceVersion]);
    expect(object).toEqual({ ...ConfigMap, metadata: key });
  });

  test("takes the namespace from its client", async () => {
    const client = connection.client.inNamespace("default");
    const nameless = { ...ConfigMap, metadata: { name: key.name } };
    expect((await createOrUpdate(client, nameless, set("a", "1"))).operation).toBe("created");
    expect((await createOrUpdate(client, nameless, set("a", "2"))).operation).toBe("updated");
  });

  test("writes over nothing that its cache does not know of", async () => {
    const created = await connection.client.create<Map>({ ...object, data: { theirs: "1" } });
    await connection.client.patch(ConfigMap, key, "merge", { data: { more: "1" } });
    const stale = await createOrUpdate(withStaleCache(created), object, set("ours", "1"));
    expect(stale.operation).toBe("updated");
    const unaware = await createOrUpdate(withStaleCache(undefined), object, set("late", "1"));
    expect(unaware.operation).toBe("updated");
    expect((await stored())?.data).toEqual({ theirs: "1", more: "1", ours: "1", late: "1" });
  });

  test("creates what was deleted behind its cache's back", async () => {
    const gone = { ...object, metadata: { ...key, uid: "u", resourceVersion: "1" } };
    expect((await createOrUpdate(withStaleCache(gone), object, set("a", "1"))).operation).toBe("created");
  });

  test("begins again when somebody writes in between, and gives up when that never ends", async () => {
    await connection.client.create<Map>(object);
    let others = 0;
    const interrupted = (times: number, ours: string) => async (map: Map) => {
      set("ours", ours)(map);
      if (others < times) await connection.client.patch(ConfigMap, key, "merge", { data: { theirs: String(++others) } });
    };
    const { operation } = await createOrUpdate(connection.client, object, interrupted(3, "1"));
    expect([operation, (await stored())?.data]).toEqual(["updated", { ours: "1", theirs: "3" }]);
    const endless = createOrUpdate(connection.client, object, interrupted(100, "2"));
    await expect(endless).rejects.toMatchObject({ reason: "Conflict" });
  });

  test("tells what the server refuses, and what mutate throws, and does not let it rename", async () => {
    const { client } = connection;
    const invalid = createOrUpdate(client, object, (map) => void (map.data = { "not a key": "1" }));
    await expect(invalid).rejects.toMatchObject({ reason: "Invalid" });
    const throwing = createOrUpdate(client, object, () => {
      throw new Error("no");
    });
    await expect(throwing).rejects.toThrow("no");
    const renaming = createOrUpdate(client, object, (map) => void (map.metadata = { ...map.metadata, name: "other" }));
    await expect(renaming).rejects.toThrow(`mutate may not rename ConfigMap "default/${key.name}"`);
    expect(await stored()).toBeUndefined();
  });
});

describe("finalizers", () => {
  test("are added and taken off beside those of others, though what was read is old", async () => {
    const { client } = connection;
    const old = await client.create<Map>(object);
    await client.patch(ConfigMap, key, "merge", { metadata: { finalizers: ["example.com/theirs"] } });
    const added = await addFinalizer(client, old, "example.com/ours");
    expect(added?.metadata?.finalizers).toEqual(["example.com/theirs", "example.com/ours"]);
    const removed = await removeFinalizer(client, added ?? old, "example.com/ours");
    expect(removed?.metadata?.finalizers).toEqual(["example.com/theirs"]);
    expect((await stored())?.metadata?.finalizers).toEqual(["example.com/theirs"]);
    expect(old.metadata?.finalizers).toBeUndefined();
  });

  test("cost nothing when there is nothing to do", async () => {
    const created = await connection.client.create<Map>({ ...object, metadata: { ...key, finalizers: ["example.com/ours"] } });
    expect(await addFinalizer(connection.client.readOnly(), created, "example.com/ours")).toBe(created);
    expect(await removeFinalizer(connection.client.readOnly(), created, "example.com/none")).toBe(created);
  });

  test("let an object go with the last one, and what is gone already is no failure", async () => {
    const { client } = connection;
    const created = await client.create<Map>({ ...object, metadata: { ...key, finalizers: ["example.com/ours"] } });
    await client.delete(ConfigMap, key);
    await removeFinalizer(client, created, "example.com/ours");
    expect(await stored()).toBeUndefined();
    expect(await removeFinalizer(client, created, "example.com/ours")).toBeUndefined();
  });

  test("are not put on another object of the same name", async () => {
    const { client } = connection;
    const before = await client.create<Map>(object);
    await client.delete(ConfigMap, key);
    const after = await client.create<Map>(object);
    expect(await addFinalizer(client, before, "example.com/ours")).toBeUndefined();
    expect(hasFinalizer((await stored()) ?? after, "example.com/ours")).toBe(false);
  });
});
