import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import {
  connect, isBadRequest, isConflict, isExpired, isInvalid, isNotFound, isRequestEntityTooLarge, type ApiError, type Client,
} from "../../../runtime/client/index.ts"; // prettier-ignore
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { EmbeddedCluster, type TestCluster } from "../../../runtime/testing/index.ts";
import { ConfigMap, Frigate, frigateCluster, Namespace } from "./frigates.ts";

let cluster: TestCluster;
let client: Client;
let namespace: string;
let count = 0;
beforeAll(async () => {
  cluster = await frigateCluster();
  client = cluster.client;
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  namespace = `bad-${++count}`;
  await client.create({ ...Namespace, metadata: { name: namespace } });
});

const key = (name = "a") => ({ namespace, name });
const configMap = (data: object, metadata: object = {}): KubernetesObject & { data: object } => ({
  ...ConfigMap,
  metadata: { ...key(), ...metadata },
  data,
});
const frigate = (spec: object, more: object = {}): KubernetesObject & { spec: object } => ({ ...Frigate, metadata: key(), spec, ...more });

/** What the user is told. */
async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  expect(String(error)).not.toContain("\n");
  return error as ApiError;
}

const MIB = 1024 * 1024;

describe("an object that is too large", () => {
  test("for its kind is refused by a line that says how large it may be", async () => {
    const error = await refusal(client.create(configMap({ a: "x".repeat(MIB + 1) })));
    expect(error.message).toMatch(/ConfigMap "a" is invalid: .*Too long: may not be more than 1048576 bytes$/);
    expect(isInvalid(error)).toBe(true);
  });

  test("for the store is told to be too large, by a create, an update and an apply", async () => {
    const stored = await client.create(frigate({ text: "x".repeat(1.4 * MIB) }));
    const larger = { ...stored, spec: { text: "x".repeat(1.6 * MIB) } };
    const calls = [
      () => client.update(larger),
      () => client.apply(frigate(larger.spec)),
      () => client.create(frigate({ text: "x".repeat(2.1 * MIB) }, { metadata: key("b") })),
    ];
    for (const call of calls) {
      const error = await refusal(call());
      expect(error.message).toMatch(/request is too large$|message larger than max \(\d+ vs\. 2097152\)$/);
      expect(isRequestEntityTooLarge(error)).toBe(true);
    }
    expect(await client.get(Frigate, key())).toEqual(stored);
  });

  test("for a request is told so, again and again", async () => {
    for (let again = 0; again < 3; again++) {
      const error = await refusal(client.apply(configMap({ a: "x".repeat(4 * MIB) })));
      expect(isRequestEntityTooLarge(error)).toBe(true);
      expect(error.message).toMatch(/Request entity too large: limit is 3145728$/);
    }
    expect(await client.get(ConfigMap, key())).toBeUndefined();
  });
});

describe("an object with 10,000 labels", () => {
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`label-${index}`, "v"]));

  test("is as good as any other", async () => {
    await client.apply(configMap({}, { labels }));
    const read = await client.get(ConfigMap, key());
    expect(Object.keys(read?.metadata.labels ?? {})).toHaveLength(10_000);
    await client.update({ ...read, data: { a: "1" } } as KubernetesObject);
    const selector = Object.keys(labels)
      .slice(0, 2000)
      .map((name) => `${name}=v`)
      .join(",");
    expect(await client.list(ConfigMap, { namespace, labelSelector: selector })).toHaveLength(1);
  });

  test("of which none is right is refused in a line that ends", async () => {
    const wrong = Object.fromEntries(Object.keys(labels).map((name) => [`-${name}`, "v"]));
    const error = await refusal(client.create(configMap({}, { labels: wrong })));
    expect(isInvalid(error)).toBe(true);
    expect(error.message.length).toBeLessThan(2200);
    expect(error.message).toMatch(/metadata\.labels: Invalid value: "-label-\d+": name part must .*… \(\d+ characters in all\)$/);
  });
});

describe("a name", () => {
  test("of 253 characters is good; one more, or another alphabet, is refused and told how names are made", async () => {
    const longest = "a".repeat(253);
    expect(await client.create(configMap({}, { name: longest }))).toMatchObject({ metadata: { name: longest } });
    expect(await client.get(ConfigMap, key(longest))).toBeDefined();
    const long = await refusal(client.create(configMap({}, { name: `${longest}a` })));
    expect(long.causes).toMatchObject([
      { field: "metadata.name", message: expect.stringContaining("must be no more than 253 characters") },
    ]);
    const upper = await refusal(client.create(configMap({}, { name: "Upper_case" })));
    expect(upper.message).toContain("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters");
  });

  test("of a namespace or a label ends at 63", async () => {
    const [good, long] = ["n".repeat(63), "n".repeat(64)];
    await client.create(configMap({}, { labels: { [good]: good } }));
    const label = await refusal(client.create(configMap({}, { name: "b", labels: { [long]: long } })));
    expect(label.causes).toHaveLength(2);
    const tooLong = await refusal(client.create({ ...Namespace, metadata: { name: long } }));
    expect(tooLong.message).toContain('metadata.name: Invalid value: "' + long + '": must be no more than 63 characters');
  });

  test("that would lead elsewhere is not sent at all", async () => {
    for (const name of ["a/b", "../b", "a/../../b"]) {
      await expect(client.get(ConfigMap, key(name))).rejects.toThrow(`ConfigMap: "${name}" is not a name`);
      await expect(client.list(ConfigMap, { namespace: name })).rejects.toThrow("is not a name");
    }
  });
});

describe("a field that the kind does not have", () => {
  test("is refused and named, whichever way it is written", async () => {
    await client.create(frigate({}));
    const misspelt = frigate({ txet: "x" });
    expect((await refusal(client.create(frigate({ txet: "x" }, { metadata: key("b") })))).message).toContain('unknown field "spec.txet"');
    expect((await refusal(client.apply(misspelt))).message).toContain(".spec.txet: field not declared in schema");
    const error = await refusal(client.patch(Frigate, key(), "merge", { spec: misspelt.spec }));
    expect(error.message).toMatch(
      / is invalid: patch: Invalid value: \(an object of \d+ characters\): strict decoding error: unknown field "spec\.txet"$/,
    );
    expect(JSON.stringify(error.causes)).not.toContain("resourceVersion");
  });

  test("of the status, too", async () => {
    await client.create(frigate({}));
    const sunk = { ...Frigate, metadata: key(), status: { sunk: true } } as KubernetesObject;
    const error = await refusal(client.status.apply(sunk));
    expect(isBadRequest(error)).toBe(true);
    expect(error.message).toContain(".status.sunk: field not declared in schema");
    const other = { ...Frigate, metadata: key(), status: { afloat: "yes" } } as KubernetesObject;
    expect((await refusal(client.status.apply(other))).message).toContain(".status.afloat: expected boolean, got &{yes}");
  });

  test("may be dropped on request", async () => {
    const created = await client.create(frigate({ txet: "x" }), { fieldValidation: "Ignore" });
    expect(created).toMatchObject({ spec: {} });
  });
});

test("a Secret that is refused is not told", async () => {
  const Secret = { apiVersion: "v1", kind: "Secret" };
  await client.create({ ...Secret, metadata: key(), stringData: { password: "hunter2" } } as KubernetesObject);
  const error = await refusal(client.patch(Secret, key(), "merge", { tpye: "Opaque" }));
  expect(error.message).toContain('unknown field "tpye"');
  const secret = Buffer.from("hunter2").toString("base64");
  expect(JSON.stringify([error.message, error.details, error.stack])).not.toContain(secret);
});

describe("a list by key with a key twice", () => {
  const crew = [{ name: "a" }, { name: "a", rank: "captain" }];

  test("is refused by an apply and by a create, and the key is named", async () => {
    const applied = await refusal(client.apply(frigate({ crew })));
    expect(applied.message).toContain('.spec.crew: duplicate entries for key [name="a"]');
    expect(isBadRequest(applied)).toBe(true);
    const created = await refusal(client.create(frigate({ crew })));
    expect(created.causes).toMatchObject([{ reason: "FieldValueDuplicate", field: "spec.crew[1]" }]);
  });
});

describe("keys that mean something to JavaScript", () => {
  const spiked = JSON.parse(
    '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"x","n":1}',
  ) as object;

  test("are fields like any other: they survive whatever is done to the object, and reach nothing else", async () => {
    const created = await client.create(frigate({ any: spiked }));
    expect(ownKeys(created)).toEqual(["__proto__", "constructor", "n", "toString"]);
    const updated = await client.update({ ...created, spec: { ...created.spec, text: "x" } });
    expect(ownKeys(updated)).toHaveLength(4);
    const patched = await client.patch(Frigate, key(), "merge", JSON.parse('{"spec":{"any":{"__proto__":{"more":"yes"}}}}'));
    expect(new Map(Object.entries(anyOf(patched))).get("__proto__")).toEqual({ polluted: "yes", more: "yes" });
    await client.delete(Frigate, key());

    await client.apply(frigate({ any: spiked }));
    const applied = await client.apply(frigate({ any: JSON.parse('{"__proto__":{"polluted":"yes"}}') as object }));
    expect(ownKeys(applied)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("are data of a ConfigMap, and no labels", async () => {
    const data = JSON.parse('{"__proto__":"x"}') as object;
    await client.create(configMap(data));
    const read = await client.get(ConfigMap, key());
    await client.update({ ...read, metadata: { ...read?.metadata, labels: { a: "b" } } });
    expect(Object.keys((await client.get(ConfigMap, key()))?.["data"] as object)).toEqual(["__proto__"]);
    const error = await refusal(client.create(configMap({}, { name: "b", labels: data })));
    expect(error.causes).toMatchObject([{ field: "metadata.labels", message: expect.stringContaining('"__proto__"') }]);
  });

  const anyOf = (object: object) => (object as { spec: { any: object } }).spec.any;
  const ownKeys = (object: object) => Object.keys(anyOf(object)).toSorted();
});

describe("what is no JSON is refused before it is sent:", () => {
  const Deployment = { apiVersion: "apps/v1", kind: "Deployment" };

  test("an object that holds itself", async () => {
    const round = configMap({});
    Object.assign(round.data, { self: round });
    expect((await refusal(client.create(round))).message).toBe(
      'ConfigMap "a" cannot be written as JSON: Converting circular structure to JSON',
    );
  });

  test("a number that is none, which would go out as null and delete the field", async () => {
    const message = 'the patch of Deployment "a": spec.replicas is NaN, which JSON does not have';
    const patch = client.patch(Deployment, key(), "merge", { spec: { replicas: Number("3 pods") } });
    expect((await refusal(patch)).message).toBe(message);
    const infinite = { ...Deployment, metadata: key(), spec: { replicas: 1 / 0 } };
    expect((await refusal(client.apply(infinite))).message).toBe('Deployment "a": spec.replicas is Infinity, which JSON does not have');
    await client.create(configMap({}));
    expect(await client.patch(ConfigMap, key(), "merge", { data: null })).toBeDefined(); // who says null means it
  });
});

describe("a list that changes under paging", () => {
  const names = async (pages: AsyncIterable<KubernetesObject[]>, between: () => Promise<unknown> = () => Promise.resolve()) => {
    const all: string[] = [];
    for await (const page of pages) {
      all.push(...page.map(({ metadata }) => metadata?.name ?? ""));
      await between();
    }
    return all;
  };

  beforeEach(async () => {
    for (const name of ["a", "c", "e"]) await client.create(configMap({}, { name, labels: { paged: "yes" } }));
  });

  test("is of the state at its beginning, one object at a time too", async () => {
    let changed = false;
    const change = async () => {
      if (changed) return;
      changed = true;
      await client.create(configMap({}, { name: "d", labels: { paged: "yes" } }));
      await client.delete(ConfigMap, key("e"));
      await client.patch(ConfigMap, key("c"), "merge", { metadata: { labels: { paged: null } } });
    };
    const pages = client.listPages(ConfigMap, { namespace, labelSelector: "paged=yes", pageSize: 1 });
    expect(await names(pages, change)).toEqual(["a", "c", "e"]);
    expect(await names(client.listPages(ConfigMap, { namespace, labelSelector: "paged=yes", pageSize: 1 }))).toEqual(["a", "d"]);
  });

  test("comes in pages without selected objects, too, and in one piece", async () => {
    expect(await names(client.listPages(ConfigMap, { namespace, fieldSelector: "metadata.name=e", pageSize: 1 }))).toEqual(["e"]);
    expect(await names(client.listPages(ConfigMap, { namespace, labelSelector: "paged=yes", pageSize: 0 }))).toEqual(["a", "c", "e"]);
    expect(await names(client.listPages(ConfigMap, { namespace, labelSelector: "paged=no", pageSize: 1 }))).toEqual([]);
  });
});

test("a list whose state is compacted between two pages is told as expired", async () => {
  await using embedded = await EmbeddedCluster.start(); // etcd compacts after minutes
  using connection = await connect({ kubeconfig: embedded.kubeconfig });
  const many = Array.from({ length: 3 }, (_, index) => ({ ...ConfigMap, metadata: { namespace: "default", name: `m${index}` } }));
  for (const each of many) await connection.client.create(each);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const page of connection.client.listPages(ConfigMap, { namespace: "default", pageSize: 1 })) {
      seen.push(...page.map(({ metadata }) => metadata.name ?? ""));
      await connection.client.patch(ConfigMap, { namespace: "default", name: "m0" }, "merge", { data: { again: String(seen.length) } });
      embedded.compact();
    }
  })();
  const error: unknown = await reading.catch((reason: unknown) => reason);
  expect(isExpired(error)).toBe(true);
  expect(seen).toHaveLength(1);
});

test("a write in a namespace that is not there, or of an object that is not or has another uid, says which", async () => {
  const nowhere = await refusal(client.create(configMap({}, { namespace: "nowhere" })));
  expect(nowhere.message).toContain('namespaces "nowhere" not found');
  const absent = await refusal(client.update(configMap({})));
  expect(isNotFound(absent)).toBe(true);
  expect(absent.message).toContain('configmaps "a" not found');
  await client.create(configMap({}));
  const another = await refusal(client.delete(ConfigMap, key(), { preconditions: { uid: "other" } }));
  expect(isConflict(another)).toBe(true);
  expect(another.message).toContain("the UID in the precondition (other) does not match the UID in record");
});
