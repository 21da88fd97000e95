import { describe, expect, test } from "@jest/globals";
import type { InformerEvent } from "../../../runtime/cache/index.ts";
import {
  and, annotationsChanged, byType, generationChanged, labelsChanged, not, or, resourceVersionChanged, type Predicate,
} from "../../../runtime/controller/index.ts"; // prettier-ignore
import type { ObjectMeta } from "../../../runtime/api/index.ts";

const FIRST: ObjectMeta = { name: "a", uid: "u1", resourceVersion: "1", generation: 1, labels: { l: "1" }, annotations: { a: "1" } };

function event(type: InformerEvent["type"], after: ObjectMeta, before?: ObjectMeta): InformerEvent {
  const of = (metadata: ObjectMeta) => ({ apiVersion: "v1", kind: "Pod", metadata });
  return { type, key: { name: "a" }, fromList: false, ownerReferences: [], object: of(after), before: before && of(before) };
}
const changedBy = (change: ObjectMeta) => event("MODIFIED", { ...FIRST, resourceVersion: "2", ...change }, FIRST);

const CREATED = event("ADDED", FIRST);
const DELETED = event("DELETED", { ...FIRST, resourceVersion: "9" }, FIRST);
const RECREATED = event("MODIFIED", { ...FIRST, uid: "u2", resourceVersion: "9" }, FIRST);
const DELETION_BEGAN = changedBy({ deletionTimestamp: "2026-01-01T00:00:00Z" });

describe.each<[string, Predicate, ObjectMeta]>([
  ["generationChanged", generationChanged, { generation: 2 }],
  ["labelsChanged", labelsChanged, { labels: { l: "2" } }],
  ["annotationsChanged", annotationsChanged, { annotations: { a: "1", b: "1" } }],
  ["resourceVersionChanged", resourceVersionChanged, {}],
])("%s", (_name, predicate, change) => {
  test("lets its own change through", () => expect(predicate(changedBy(change))).toBe(true));

  test.each([
    ["a creation", CREATED],
    ["a deletion", DELETED],
    ["another object of the same name, whose predecessor's deletion was missed", RECREATED],
    ["the beginning of a deletion", DELETION_BEGAN],
  ])("lets %s through", (_what, each) => expect(predicate(each)).toBe(true));
});

test.each<[string, Predicate, ObjectMeta]>([
  ["generationChanged", generationChanged, { labels: {}, annotations: {} }],
  ["labelsChanged", labelsChanged, { generation: 2, annotations: {} }],
  ["annotationsChanged", annotationsChanged, { generation: 2, labels: {} }],
  ["resourceVersionChanged", resourceVersionChanged, { resourceVersion: "1" }],
])("%s keeps other changes out", (_name, predicate, change) => {
  expect(predicate(changedBy(change))).toBe(false);
});

test("predicates are combined", () => {
  const [yes, no]: Predicate[] = [() => true, () => false];
  if (!yes || !no) throw new Error();
  expect([and(yes, yes)(CREATED), and(yes, no)(CREATED), and()(CREATED)]).toEqual([true, false, true]);
  expect([or(no, yes)(CREATED), or(no, no)(CREATED), or()(CREATED)]).toEqual([true, false, false]);
  expect([not(yes)(CREATED), not(no)(CREATED)]).toEqual([false, true]);
});

describe("byType", () => {
  test("decides by a function or a flag for each type, and lets through what is left out", () => {
    const predicate = byType({ create: false, update: (before, after) => before.metadata?.generation !== after.metadata?.generation });
    expect([CREATED, RECREATED, changedBy({ generation: 2 }), changedBy({ labels: {} }), DELETED].map(predicate)).toEqual([
      false, false, true, false, true,
    ]); // prettier-ignore
  });

  test("is given the object with which a deletion ended", () => {
    const seen: unknown[] = [];
    byType({ delete: ({ metadata }) => seen.push(metadata?.resourceVersion) > 0 })(DELETED);
    expect(seen).toEqual(["9"]);
  });
});
