import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  controllerOf, controllerReference, finalizersWith, formatMicroTime, formatSelector, formatTime, hasFinalizer, isConditionTrue,
  isControlledBy, joinDeadline, joinSignals, keyOf, keyString, matchLabels, metadataOnly, milliseconds, ownerReference, parseKey,
  parseQuantity, refersTo, sameQuantity, setCondition, sleep, unstructured,
} from "../../../runtime/object/index.ts"; // prettier-ignore
import { DrivenClock } from "../driven-clock.ts";

describe("durations", () => {
  test.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["1.5s", 1500],
    ["100us", 0.1],
    ["0", 0],
    [42, 42],
  ])("%p is %d ms", (duration, expected) => {
    expect(milliseconds(duration)).toBeCloseTo(expected);
  });

  test.each(["", "5", "5 s", "s", "-1s", "1d", Number.NaN, -1, Infinity])("%p is none", (duration) => {
    expect(() => milliseconds(duration)).toThrow(TypeError);
  });
});

describe("quantities", () => {
  test.each([
    ["500m", 0.5],
    ["1Gi", 2 ** 30],
    ["1.5Ki", 1536],
    ["2e3", 2000],
    ["2E3", 2000],
    ["1E", 1e18],
    ["+.5", 0.5],
    ["-3k", -3000],
    [7, 7],
  ])("%p is %d", (quantity, expected) => {
    expect(parseQuantity(quantity)).toBeCloseTo(expected, 9);
  });

  test.each(["", ".", "1 Gi", "Gi", "1gi", "1e", "1e9999999", Number.NaN])("%p is none", (quantity) => {
    expect(parseQuantity(quantity)).toBeUndefined();
    expect(sameQuantity(quantity, quantity)).toBe(false);
  });

  test("are the same amount however they are written", () => {
    expect(sameQuantity("1000m", 1)).toBe(true);
    expect(sameQuantity("1Gi", "1024Mi")).toBe(true);
    expect(sameQuantity("0.5", "500m")).toBe(true);
    expect(sameQuantity("1G", "1Gi")).toBe(false);
  });

  test("are not the same when they differ by one in sixteen digits", () => {
    expect(sameQuantity("9007199254740992", "9007199254740993")).toBe(false);
    fc.assert(fc.property(fc.bigInt(), (n) => sameQuantity(`${n}k`, `${n}000`) && !sameQuantity(String(n), String(n + 1n))));
  });
});

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", "example.com/rank": "7" };
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web , tier=front", true],
    ["app!=web", false],
    ["missing!=web", true],
    ["app in (web, api)", true],
    ["app in(web)", true],
    ["app notin (web,api)", false],
    ["missing notin (web)", true],
    ["missing in (web)", false],
    ["app", true],
    ["!app", false],
    ["! missing", true],
    ["example.com/rank>6", true],
    ["example.com/rank<7", false],
    ["app>1", false],
    ["app=", false],
  ])("%p matches: %p", (selector, expected) => {
    expect(matchLabels(selector)(labels)).toBe(expected);
  });

  test("take labels as data, whatever they are called", () => {
    expect(matchLabels("constructor")({})).toBe(false);
    expect(matchLabels("!toString")({})).toBe(true);
    expect(matchLabels("app")(undefined)).toBe(false);
  });

  test.each(["app=web,", ",", "app in web", "app in (a", "a b", "=web", "app=web tier=front", "app>x"])("%p is none", (selector) => {
    expect(() => matchLabels(selector)).toThrow(/is not a label selector/);
  });

  test("are written as the list API takes them", () => {
    const selector = {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["a", "b"] },
        { key: "rank", operator: "NotIn", values: ["c"] },
        { key: "x", operator: "Exists" },
        { key: "y", operator: "DoesNotExist" },
      ],
    };
    expect(formatSelector(selector)).toBe("app=web,tier in (a,b),rank notin (c),x,!y");
    expect(matchLabels(selector)({ app: "web", tier: "b", x: "" })).toBe(true);
    expect(() => formatSelector({ matchExpressions: [{ key: "x", operator: "Gt" }] })).toThrow(/"Gt" is not an operator/);
  });
});

describe("conditions", () => {
  const now = "2026-01-02T00:00:00Z";
  const ready = { type: "Ready", status: "True" as const, reason: "Up", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" };

  test("keep the time of their transition while their status is the same", () => {
    const [changed] = setCondition([ready], { type: "Ready", status: "True", reason: "Still", message: "up" }, now);
    expect(changed).toEqual({ ...ready, reason: "Still", message: "up" });
  });

  test("get a new time with a new status, and keep their place", () => {
    const other = { ...ready, type: "Other" };
    const after = setCondition([ready, other], { type: "Ready", status: "False", reason: "Down", message: "" }, now);
    expect(after.map(({ type, status, lastTransitionTime }) => [type, status, lastTransitionTime])).toEqual([
      ["Ready", "False", now],
      ["Other", "True", ready.lastTransitionTime],
    ]);
    expect(isConditionTrue(after, "Ready")).toBe(false);
    expect(isConditionTrue(after, "Other")).toBe(true);
  });

  test("are added where there were none, and what was there is left alone", () => {
    expect(setCondition(undefined, { type: "Ready", status: "Unknown", reason: "New", message: "" }, now)).toHaveLength(1);
    const before = [ready];
    setCondition(before, { type: "Ready", status: "False", reason: "Down", message: "" }, now);
    expect(before).toEqual([ready]);
  });

  test("have times as Kubernetes writes them", () => {
    const at = Date.parse("2026-01-02T03:04:05.678Z");
    expect(formatTime(at)).toBe("2026-01-02T03:04:05Z");
    expect(formatMicroTime(at)).toBe("2026-01-02T03:04:05.678000Z");
  });
});

describe("owner references", () => {
  const owner = { apiVersion: "cache.example.com/v1alpha1", kind: "Memcached", metadata: { name: "sample", uid: "u1" } };

  test("name the owner, and say that it controls", () => {
    expect(controllerReference(owner)).toEqual({
      apiVersion: owner.apiVersion, kind: "Memcached", name: "sample", uid: "u1", controller: true, blockOwnerDeletion: true,
    }); // prettier-ignore
    expect(ownerReference(owner)).not.toHaveProperty("controller");
  });

  test("are refused of an owner that was never stored", () => {
    expect(() => controllerReference({ ...owner, metadata: { name: "sample" } })).toThrow(/Memcached cannot own anything/);
  });

  test("are found again by uid, and by kind in any version", () => {
    const child = { metadata: { ownerReferences: [ownerReference({ ...owner, kind: "Other" }), controllerReference(owner)] } };
    expect(controllerOf(child)?.uid).toBe("u1");
    expect(isControlledBy(child, owner)).toBe(true);
    expect(isControlledBy(child, { ...owner, metadata: { name: "sample", uid: "u2" } })).toBe(false);
    expect(refersTo(controllerReference(owner), { apiVersion: "cache.example.com/v1", kind: "Memcached" })).toBe(true);
    expect(refersTo(controllerReference(owner), { apiVersion: "other.example.com/v1", kind: "Memcached" })).toBe(false);
  });
});

test("a finalizer is added and taken off without touching the others", () => {
  const object = { metadata: { finalizers: ["theirs", "ours", "more"] } };
  expect(hasFinalizer(object, "ours")).toBe(true);
  expect(finalizersWith(object, "ours", false)).toEqual(["theirs", "more"]);
  expect(finalizersWith({}, "ours", true)).toEqual(["ours"]);
  expect(finalizersWith({ metadata: { finalizers: ["theirs"] } }, "ours", true)).toEqual(["theirs", "ours"]);
});

test("keys are read and written as namespace/name", () => {
  for (const key of [{ namespace: "a", name: "b" }, { name: "c" }]) expect(parseKey(keyString(key))).toEqual(key);
  expect(keyOf({ metadata: { name: "b", namespace: "a" } })).toEqual({ namespace: "a", name: "b" });
  expect(() => keyOf({ kind: "Pod", metadata: {} })).toThrow("Pod has no metadata.name");
});

test("kind tokens name a kind without a class", () => {
  expect(unstructured({ apiVersion: "v1", kind: "Pod" })).toEqual({ apiVersion: "v1", kind: "Pod" });
  expect(metadataOnly({ apiVersion: "v1", kind: "Pod" })).toEqual({ apiVersion: "v1", kind: "Pod", metadataOnly: true });
});

describe("waiting", () => {
  test("ends after its time, and leaves nothing behind", async () => {
    const clock = new DrivenClock();
    const life = new AbortController();
    const waiting = sleep(clock, 1000, life.signal);
    expect(clock.pending).toEqual([1000]);
    await clock.advance(1000);
    await waiting;
    expect(clock.pending).toEqual([]);
  });

  test("ends at once with the reason of its signal", async () => {
    const clock = new DrivenClock();
    const life = new AbortController();
    const waiting = sleep(clock, 1000, life.signal);
    life.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(clock.pending).toEqual([]);
    await expect(sleep(clock, 1000, life.signal)).rejects.toThrow("enough");
  });
});

describe("joined signals", () => {
  test("abort with the first of their sources, and let go of the others", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const joined = joinSignals(a.signal, undefined, b.signal);
    expect(joined.signal.aborted).toBe(false);
    b.abort(new Error("b"));
    expect(joined.signal.reason).toEqual(new Error("b"));
    a.abort(new Error("a"));
    expect(joined.signal.reason).toEqual(new Error("b"));
  });

  test("are aborted from the beginning when a source is", () => {
    expect(joinSignals(AbortSignal.abort(new Error("old"))).signal.reason).toEqual(new Error("old"));
  });

  test("hear nothing any more once they are released", () => {
    const life = new AbortController();
    const joined = joinSignals(life.signal);
    joined.release();
    life.abort();
    expect(joined.signal.aborted).toBe(false);
  });

  test("may have a time of their own", async () => {
    const clock = new DrivenClock();
    const life = new AbortController();
    const late = joinDeadline(clock, 50, new Error("late"), life.signal);
    await clock.advance(50);
    expect(late.signal.reason).toEqual(new Error("late"));
    const released = joinDeadline(clock, 50, new Error("late"), life.signal);
    released.release();
    expect(clock.pending).toEqual([]);
  });
});
