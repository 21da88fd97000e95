import { expect, test } from "@jest/globals";
import { managerFromUserAgent } from "../../../../../runtime/testing/embedded/apply/index.ts";
import { customResourceStrategy } from "../../../../../runtime/testing/embedded/defaults/index.ts";
import { arrayAt, cloneJson, objectAt, setField, stringAt } from "../../../../../runtime/schema/index.ts";
import type { JsonObject } from "../../../../../runtime/schema/index.ts";
import { definition } from "./cases.ts";
import { Replica } from "./replica.ts";
import type { Step } from "./replica.ts";

/** The definition with some versions, all of one schema. */
function versions(...names: readonly string[]): JsonObject {
  const copy = cloneJson(definition);
  const [first] = arrayAt(copy, "spec", "versions");
  const spec = objectAt(copy, "spec") ?? {};
  setField(
    spec,
    "versions",
    names.map((name, index) => ({ ...(cloneJson(first ?? null) as JsonObject), name, storage: index === 0 })),
  );
  return copy;
}

const apply = (manager: string, version: string, spec: JsonObject, force = false): Step => ({
  op: "apply",
  manager,
  force,
  body: { apiVersion: `apply.example.com/${version}`, kind: "Sample", metadata: { name: "sample", namespace: "default" }, spec },
});
const owners = (answer: JsonObject): string[] =>
  arrayAt(answer, "metadata", "managedFields").map((entry) => `${stringAt(entry, "manager") ?? ""} ${stringAt(entry, "apiVersion") ?? ""}`);

// As a kube-apiserver did it, step by step.
test("appliers of different versions conflict, and keep the version that they last applied", () => {
  const both = versions("v1", "v2");
  const [v1, v2] = [customResourceStrategy(both, "v1"), customResourceStrategy(both, "v2")];
  const first = new Replica(v1);
  first.send(apply("a", "v1", { size: 1, tags: ["x"] }), 1);
  const second = first.with(v2);
  expect(second.send(apply("b", "v2", { size: 2 }), 2)["message"]).toBe('Apply failed with 1 conflict: conflict with "a": .spec.size');
  expect(owners(second.send(apply("b", "v2", { size: 2 }, true), 3))).toEqual(["a apply.example.com/v1", "b apply.example.com/v2"]);
  expect(owners(second.send(apply("a", "v2", { tags: ["x", "y"] }), 4))).toEqual(["b apply.example.com/v2", "a apply.example.com/v2"]);
  const third = second.with(v1);
  const last = third.send(apply("a", "v1", {}), 5);
  expect(owners(last)).toEqual(["b apply.example.com/v2", "a apply.example.com/v1"]);
  expect(last["spec"]).toEqual({ size: 2 });
});

test("owners of a version that is gone are forgotten", () => {
  const both = versions("v1", "v2");
  const replica = new Replica(customResourceStrategy(both, "v2"));
  replica.send(apply("a", "v2", { size: 1 }), 1);
  const later = replica.with(customResourceStrategy(versions("v1"), "v1"));
  expect(owners(later.send(apply("b", "v1", { size: 2 }), 2))).toEqual(["b apply.example.com/v1"]);
});

test("a list that becomes atomic is owned as a whole by whoever owned a part of it", () => {
  const before = versions("v1");
  const after = versions("v1");
  const tags =
    objectAt(arrayAt(after, "spec", "versions")[0], "schema", "openAPIV3Schema", "properties", "spec", "properties", "tags") ?? {};
  setField(tags, "x-kubernetes-list-type", "atomic");
  const replica = new Replica(customResourceStrategy(before, "v1"));
  replica.send(apply("a", "v1", { tags: ["x"] }), 1);
  const later = replica.with(customResourceStrategy(after, "v1"));
  expect(later.send(apply("b", "v1", { tags: ["y"] }), 2)["message"]).toBe('Apply failed with 1 conflict: conflict with "a": .spec.tags');
});

test("the manager of a request that names none is the start of its user agent", () => {
  expect(managerFromUserAgent("kubectl/v1.35.4 (linux/amd64) kubernetes/abc")).toBe("kubectl");
  expect(managerFromUserAgent("curl")).toBe("curl");
  expect(managerFromUserAgent(undefined)).toBe("");
});
