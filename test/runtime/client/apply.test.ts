import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ApplyMemory } from "../../../runtime/client/apply-memory.ts";
import { sameJson } from "../../../runtime/object/index.ts";
import { isAsWanted, ownedPart, type FieldSet } from "../../../runtime/client/managed-fields.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";

/** An object as the server has it, with the fields that `me` applied. */
function live(fields: object, content: object = {}, entry: object = {}): KubernetesObject {
  const managedFields = [{ manager: "me", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: fields, ...entry }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", namespace: "default", uid: "u", resourceVersion: "7", managedFields },
    ...content,
  };
}

const desired = (content: object = {}, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", namespace: "default", ...metadata },
  ...content,
});

const nothing = (wanted: KubernetesObject, now: KubernetesObject, subresource?: string) =>
  new ApplyMemory().wouldChangeNothing(wanted, now, "me", subresource);

describe("an apply would change nothing when", () => {
  test("our fields are there as we want them, whatever else there is", () => {
    const now = live({ "f:spec": { "f:replicas": {} } }, { spec: { replicas: 3, paused: true }, status: { replicas: 1 } });
    expect(nothing(desired({ spec: { replicas: 3 } }), now)).toBe(true);
  });

  test("a list by key holds our items, with keys that the server filled in, among others' items", () => {
    const fields = {
      "f:spec": {
        "f:ports": {
          'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} },
          'k:{"containerPort":81,"protocol":"UDP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} },
        },
      },
    };
    const ports = [
      { containerPort: 80, protocol: "TCP" },
      { containerPort: 9, protocol: "TCP", name: "theirs" },
      { containerPort: 81, protocol: "UDP" },
    ];
    const wanted = { spec: { ports: [{ containerPort: 80 }, { containerPort: 81, protocol: "UDP" }] } };
    expect(nothing(desired(wanted), live(fields, { spec: { ports } }))).toBe(true);
  });

  test("a set holds our values among others'", () => {
    const fields = { "f:metadata": { "f:finalizers": { ".": {}, 'v:"a.b/c<d"': {} } } };
    const now = live(fields);
    now.metadata = { ...now.metadata, finalizers: ["theirs", "a.b/c<d"] };
    expect(nothing(desired({}, { finalizers: ["a.b/c<d"] }), now)).toBe(true);
    const escaped = live({ "f:metadata": { "f:finalizers": { 'v:"a.b/c\\u003cd"': {} } } });
    escaped.metadata = { ...escaped.metadata, finalizers: ["a.b/c<d"] };
    expect(nothing(desired({}, { finalizers: ["a.b/c<d"] }), escaped)).toBe(true);
  });

  test("a value that is owned as a whole is the same, nested as it may be", () => {
    const now = live({ "f:spec": { "f:selector": {}, "f:args": {} } }, { spec: { selector: { a: { b: [] } }, args: ["x", "y"] } });
    expect(nothing(desired({ spec: { args: ["x", "y"], selector: { a: { b: [] } } } }), now)).toBe(true);
    expect(nothing(desired({ spec: { args: ["y", "x"], selector: { a: { b: [] } } } }), now)).toBe(false);
  });

  test("an empty map is there as we want it", () => {
    const now = live({ "f:spec": { "f:emptyDir": {}, "f:labels": { ".": {} } } }, { spec: { emptyDir: {}, labels: {} } });
    expect(nothing(desired({ spec: { emptyDir: {}, labels: {} } }), now)).toBe(true);
  });

  test("what names the object, or only the server says, is all that is wanted besides", () => {
    const metadata = { creationTimestamp: "2026-01-01T00:00:00Z", generation: 3, uid: "u", resourceVersion: "7" };
    expect(nothing(desired({ data: { a: "1" } }, metadata), live({ "f:data": { "f:a": {} } }, { data: { a: "1" } }))).toBe(true);
  });

  test("a key is called __proto__ and is data like others", () => {
    const data = JSON.parse('{"__proto__": "x"}') as object;
    expect(nothing(desired({ data }), live({ "f:data": { "f:__proto__": {} } }, { data }))).toBe(true);
    expect(nothing(desired({ data: {} }), live({ "f:data": { ".": {}, "f:__proto__": {} } }, { data }))).toBe(false);
  });
});

test("a field that is owned but not there is absent, whatever it is called", () => {
  const data = { a: "1" };
  expect(nothing(desired({ data }), live({ "f:data": { "f:a": {}, "f:constructor": {} } }, { data }))).toBe(true);
});

describe("an apply is needed when", () => {
  const fields = { "f:spec": { "f:replicas": {}, "f:paused": {} } };
  const content = { spec: { replicas: 3, paused: true } };
  const now = live(fields, content);

  test("a value of ours is another", () => expect(nothing(desired({ spec: { replicas: 4, paused: true } }), now)).toBe(false));
  test("we want a field more", () => expect(nothing(desired({ spec: { replicas: 3, paused: true, x: 1 } }), now)).toBe(false));
  test("we dropped a field", () => expect(nothing(desired({ spec: { replicas: 3 } }), now)).toBe(false));
  test("somebody took a field over, though its value is the same", () =>
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }), live({ "f:spec": { "f:paused": {} } }, content))).toBe(false));
  test("somebody removed what we applied", () =>
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }), live(fields, { spec: { replicas: 3 } }))).toBe(false));
  test("we never applied it", () => expect(nothing(desired({ spec: { replicas: 3 } }), { ...now, metadata: { name: "a" } })).toBe(false));
  test("we applied it through another subresource", () => {
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }), now, "status")).toBe(false);
    const status = live({ "f:status": { "f:x": {} } }, { status: { x: 1 } }, { subresource: "status" });
    expect(nothing(desired({ status: { x: 1 } }), status, "status")).toBe(true);
  });
  test("we applied it in another version", () =>
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }), live(fields, content, { apiVersion: "v2" }))).toBe(false));
  test("it is meant for another object or state than this", () => {
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }, { uid: "other" }), live(fields, { spec: { replicas: 3, paused: true } }))).toBe(false);
    expect(nothing(desired({ spec: { replicas: 3, paused: true } }, { resourceVersion: "6" }), live(fields, { spec: { replicas: 3, paused: true } }))).toBe(false);
  }); // prettier-ignore
});

describe("what the server rewrites", () => {
  const wanted = desired({ spec: { cpu: "1000m" } });
  const answer = live({ "f:spec": { "f:cpu": {} } }, { spec: { cpu: "1" } });

  test("is applied once, and again only when something changes", () => {
    const memory = new ApplyMemory();
    expect(memory.wouldChangeNothing(wanted, answer, "me", undefined)).toBe(false);
    memory.applied(wanted, answer, "me", undefined);
    expect(memory.wouldChangeNothing(wanted, answer, "me", undefined)).toBe(true);
    expect(memory.wouldChangeNothing(desired({ spec: { cpu: "2000m" } }), answer, "me", undefined)).toBe(false);
    const foreign = live({ "f:spec": { "f:cpu": {} } }, { spec: { cpu: "5" } });
    expect(memory.wouldChangeNothing(wanted, foreign, "me", undefined)).toBe(false);
    const recreated = { ...answer, metadata: { ...answer.metadata, uid: "v" } };
    expect(memory.wouldChangeNothing(wanted, recreated, "me", undefined)).toBe(false);
  });

  test("is forgotten once it is applied as the server writes it", () => {
    const memory = new ApplyMemory();
    memory.applied(wanted, answer, "me", undefined);
    memory.applied(desired({ spec: { cpu: "1" } }), answer, "me", undefined);
    expect(memory.wouldChangeNothing(wanted, answer, "me", undefined)).toBe(false);
  });
});

describe("comparing JSON", () => {
  test("knows no order of keys, and copies nothing else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = JSON.parse(JSON.stringify(value), (_key, each: unknown) =>
          typeof each === "object" && each !== null && !Array.isArray(each)
            ? (Object.fromEntries(Object.entries(each).toReversed()) as object)
            : each,
        );
        expect(sameJson(JSON.parse(JSON.stringify(value)), copy)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameJson(a, b)).toBe(sameJson(b, a));
      }),
    );
    for (const [a, b] of [[[], {}], [null, {}], [{ a: 1 }, { b: 1 }], [[1, 2], [2, 1]], [{ a: 1 }, { a: 1, b: 1 }], ["1", 1]]) {
      expect(sameJson(a, b)).toBe(false);
    } // prettier-ignore
  });

  test("the part that a field set owns is what the set was made from", () => {
    // Objects of granular fields whose leaves are scalars or atomic lists.
    const tree = fc.letrec<{ node: Record<string, unknown>; leaf: unknown }>((tie) => ({
      leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 })),
      node: fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.oneof({ depthSize: "small" }, tie("leaf"), tie("node")), {
        maxKeys: 4,
        minKeys: 1,
        noNullPrototype: true,
      }),
    })).node;
    const isNode = (value: unknown): value is Record<string, unknown> =>
      typeof value === "object" && value !== null && !Array.isArray(value);
    const setOf = (value: unknown): FieldSet => {
      const children = isNode(value) ? Object.entries(value) : [];
      return Object.fromEntries<FieldSet>(children.map(([name, each]) => [`f:${name}`, setOf(each)]));
    };
    const withMore = (value: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries([
        ...Object.entries(value).map(([name, each]): [string, unknown] => [name, isNode(each) ? withMore(each) : each]),
        ["somebody else's", { field: 1 }],
      ]);
    fc.assert(
      fc.property(tree, (wanted) => {
        const json = JSON.parse(JSON.stringify(wanted)) as Record<string, unknown>;
        expect(sameJson(ownedPart(withMore(json), setOf(json)), json)).toBe(true);
        expect(isAsWanted(json, withMore(json), setOf(json), { compare: sameJson })).toBe(true);
      }),
    );
  });
});
