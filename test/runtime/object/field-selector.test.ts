import { expect, test } from "@jest/globals";
import { formatFields, matchFields } from "../../../runtime/object/index.ts";

const pod = {
  metadata: { name: "a,b=c", namespace: "default" },
  spec: { nodeName: "n1", hostNetwork: true },
  status: { phase: "Running" },
};

test.each([
  ["", true],
  ["metadata.namespace=default", true],
  ["metadata.namespace==default,status.phase!=Pending", true],
  [" metadata.namespace = default , spec.nodeName=n2", false],
  ["spec.hostNetwork=true", true],
  ["spec.absent=", true],
  ["spec.absent!=", false],
  ["spec.nodeName.length=2", false],
  ["constructor.name=Object", false],
  ["metadata.name=a\\,b\\=c", true],
])("%p selects: %p", (selector, expected) => {
  expect(matchFields(selector)(pod)).toBe(expected);
});

test("fields are written as the list API takes them, and are found again", () => {
  const selector = formatFields({ "metadata.name": pod.metadata.name, "spec.nodeName": "n1" });
  expect(selector).toBe("metadata.name=a\\,b\\=c,spec.nodeName=n1");
  expect(matchFields(selector)(pod)).toBe(true);
});

test.each(["spec.nodeName", "=n1", "a b=c"])("%p is no field selector", (selector) => {
  expect(() => matchFields(selector)).toThrow(/is not a field selector/);
});
