import { expect, test } from "@jest/globals";
import { lastAppliedBytes, mostAnnotationBytes } from "../../../generators/emit/index.ts";

const key = "kubectl.kubernetes.io/last-applied-configuration";

test("counts the object as kubectl keeps it, the annotation's own name, and the other annotations", () => {
  const object = { kind: "A", metadata: { name: "a", annotations: { b: "é" } } };
  const kept = '{"kind":"A","metadata":{"name":"a","annotations":{"b":"é"}}}\n';
  expect(lastAppliedBytes(object)).toBe(key.length + Buffer.byteLength(kept) + 1 + 2);
});

test("counts the empty annotations that kubectl adds, and the codes that Go writes for some characters", () => {
  const kept = '{"kind":"\\u003c\\u003e\\u0026","metadata":{"name":"a","annotations":{}}}\n';
  expect(lastAppliedBytes({ kind: "<>&", metadata: { name: "a" } })).toBe(key.length + Buffer.byteLength(kept));
});

test("the limit is that of API servers", () => {
  expect(mostAnnotationBytes).toBe(262144);
});
