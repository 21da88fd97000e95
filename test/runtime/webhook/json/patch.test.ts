import { expect, test } from "@jest/globals";
import { createPatch, readJson, writeJson, type JsonValue } from "../../../../runtime/webhook/json/index.ts";

/** What RFC 6902 shows in its appendix A, turned round: from the two documents to the operations. */
const DOCUMENTS: [what: string, before: JsonValue, after: JsonValue, patch: unknown][] = [
  ["a field is added", { foo: "bar" }, { baz: "qux", foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }]],
  [
    "an item is added in the middle",
    { foo: ["bar", "baz"] },
    { foo: ["bar", "qux", "baz"] },
    [{ op: "add", path: "/foo/1", value: "qux" }],
  ],
  ["a field is removed", { baz: "qux", foo: "bar" }, { foo: "bar" }, [{ op: "remove", path: "/baz" }]],
  ["an item is removed", { foo: ["bar", "qux", "baz"] }, { foo: ["bar", "baz"] }, [{ op: "remove", path: "/foo/1" }]],
  ["a value is replaced", { baz: "qux", foo: "bar" }, { baz: "boo", foo: "bar" }, [{ op: "replace", path: "/baz", value: "boo" }]],
  [
    "an object is added",
    { foo: "bar" },
    { foo: "bar", child: { grandchild: {} } },
    [{ op: "add", path: "/child", value: { grandchild: {} } }],
  ],
  ["a list is added to a list", { foo: ["bar"] }, { foo: ["bar", ["abc", "def"]] }, [{ op: "add", path: "/foo/1", value: ["abc", "def"] }]],
  [
    "keys are escaped, the tilde first",
    { a: { "~1": 10, "/": 9 } },
    { a: { "~1": 11, "/": 9 } },
    [{ op: "replace", path: "/a/~01", value: 11 }],
  ],
  [
    "a key is empty",
    { a: { "": 1, b: "some longer text" } },
    { a: { "": 2, b: "some longer text" } },
    [{ op: "replace", path: "/a/", value: 2 }],
  ],
  ["null is a value", { a: 1, b: "text" }, { a: null, b: "text" }, [{ op: "replace", path: "/a", value: null }]],
  [
    "a text that looks like a number is another value",
    { a: "10", b: "text" },
    { a: 10, b: "text" },
    [{ op: "replace", path: "/a", value: 10 }],
  ],
  ["the whole is replaced when nothing is left of it", { first: 1, second: 2, third: 3 }, {}, [{ op: "replace", path: "", value: {} }]],
  [
    "a list becomes an object",
    { a: [1, 2], b: "some longer text" },
    { a: { "0": 1 }, b: "some longer text" },
    [{ op: "replace", path: "/a", value: { "0": 1 } }],
  ],
];

test.each(DOCUMENTS)("%s", (_what, before, after, patch) => {
  expect(createPatch(before, after)).toEqual(patch);
});

const container = (name: string, image = "registry.example.com/team/image:1.0.0") => ({ name, image, imagePullPolicy: "IfNotPresent" });

test("a container that is put in front leaves the others alone", () => {
  const [web, log] = [container("web"), container("log")];
  expect(createPatch([web, log], [container("proxy"), web, log])).toEqual([{ op: "add", path: "/0", value: container("proxy") }]);
});

test("items of a keyed list are found again by their name, also when they changed meanwhile", () => {
  const before = [container("init"), container("web"), container("log")];
  const after = [container("proxy"), container("web", "other"), container("log", "other")];
  expect(createPatch(before, [...before.slice(0, 1), ...after])).toEqual([
    { op: "replace", path: "/2/image", value: "other" },
    { op: "replace", path: "/1/image", value: "other" },
    { op: "add", path: "/1", value: container("proxy") },
  ]);
});

test("removals and additions all over a list apply in the order given", () => {
  const before = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => container(name));
  const after = ["a", "x", "c", "e", "f", "y", "z", "h"].map((name) => container(name));
  const patch = createPatch(before, after);
  expect(patch.length).toBeLessThanOrEqual(5);
  expect(JSON.stringify(patch).length).toBeLessThan(JSON.stringify(after).length / 2);
});

test("a change in a pod with 1,000 environment variables is one operation", () => {
  const env = Array.from({ length: 1000 }, (_, index) => ({ name: `SETTING_${index}`, value: `value ${index}` }));
  const pod = { spec: { containers: [{ name: "web", env }] } };
  const changed = structuredClone(pod);
  Object.assign(changed.spec.containers[0]?.env[500] ?? {}, { value: "other" });
  expect(createPatch(pod, changed)).toEqual([{ op: "replace", path: "/spec/containers/0/env/500/value", value: "other" }]);
});

test("two long lists with nothing in common are a replacement, and soon found to be", () => {
  const [before, after] = [0, 5000].map((from) => Array.from({ length: 5000 }, (_, index) => index + from)) as [number[], number[]];
  expect(createPatch({ list: before }, { list: after })).toEqual([{ op: "replace", path: "/list", value: after }]);
});

test("what JSON cannot say counts as it is written: undefined is absent, dates are texts", () => {
  const before = { a: 1, b: { c: 2 }, list: [1, 2], time: "2026-01-01T00:00:00.000Z" };
  const same = { a: 1, b: { c: 2, d: undefined }, list: [1, 2], more: undefined, time: new Date("2026-01-01T00:00:00Z") };
  expect(createPatch(before, same)).toEqual([]);
  expect(createPatch(before, { ...same, a: undefined, b: { c: Number.NaN } })).toEqual([
    { op: "remove", path: "/a" },
    { op: "replace", path: "/b/c", value: null },
  ]);
});

test("fields called __proto__ and constructor are fields like others", () => {
  const before = JSON.parse('{"a":{"x":1,"text":"some longer text"}}') as JsonValue;
  const after = JSON.parse('{"a":{"__proto__":{"polluted":true},"constructor":1,"x":1,"text":"some longer text"}}') as JsonValue;
  expect(JSON.stringify(createPatch(before, after))).toBe(
    '[{"op":"add","path":"/a/__proto__","value":{"polluted":true}},{"op":"add","path":"/a/constructor","value":1}]',
  );
  expect(JSON.stringify(createPatch(after, before))).toBe('[{"op":"replace","path":"/a","value":{"x":1,"text":"some longer text"}}]');
});

test("large integers are read as numbers and written as they were", () => {
  const text = '{"serial":12345678901234567891,"negative":-9223372036854775808,"small":7,"decimal":0.1000000000000000055}';
  const { value, integers } = readJson(text);
  expect(writeJson(value, integers)).toBe('{"serial":12345678901234567891,"negative":-9223372036854775808,"small":7,"decimal":0.1}');
});

test("a large integer is found wherever in the text it stands", () => {
  for (let space = 0; space < 40; space++) {
    const text = `${" ".repeat(space)}[12,9007199254740993]${" ".repeat(space % 7)}`;
    const { value, integers } = readJson(text);
    expect(writeJson(value, integers)).toBe("[12,9007199254740993]");
  }
});

test("a text without large integers is read the fast way", () => {
  expect(readJson('{"hash":"0123456789012345","size":9007199254740991}').integers).toBeUndefined();
});
