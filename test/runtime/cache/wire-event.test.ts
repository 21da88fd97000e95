import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readWireEvent, wireName } from "../../../runtime/cache/wire-event.ts";
import { parseJson, stringifyJson, type KubernetesObject } from "../../../runtime/object/index.ts";

const isOurs = (manager: string, operation: string) => manager === "ours" && operation === "Apply";
const lineOf = (type: string, object: unknown) => Buffer.from(stringifyJson({ type, object }));
const entry = (manager: string, more: object = {}) => ({ manager, operation: "Apply", fieldsV1: { 'f:a"}]{': { '.': {}, 'k:{"name":"x,y"}': {} } }, ...more }); // prettier-ignore

function kept(object: object): { object: unknown; json: unknown } {
  const event = readWireEvent(lineOf("MODIFIED", object), isOurs);
  return { object: event.object, json: event.json && parseJson(event.json.toString("utf8")) };
}

/** What is expected of it, by other means. */
function without(object: KubernetesObject): unknown {
  const copy = structuredClone(object);
  const { metadata } = copy;
  if (!Array.isArray(metadata?.managedFields)) return copy;
  metadata.managedFields = metadata.managedFields.filter(({ manager = "", operation = "" }) => isOurs(manager, operation));
  if (metadata.managedFields.length === 0) delete metadata.managedFields;
  return copy;
}

describe("the managedFields of others are cut out, wherever they stand", () => {
  test.each([
    ["first", { managedFields: [entry("kubelet")], name: "a" }],
    ["last", { name: "a", managedFields: [entry("kubelet"), entry("kube-controller-manager")] }],
    ["in the middle", { name: "a", managedFields: [entry("kubelet")], namespace: "b" }],
    ["alone", { managedFields: [entry("kubelet")] }],
    ["with ours first", { name: "a", managedFields: [entry("ours"), entry("kubelet")], namespace: "b" }],
    ["with ours last", { managedFields: [entry("kubelet"), entry("ours")], namespace: "b" }],
    ["with ours between", { managedFields: [entry("kubelet"), entry("ours"), entry("ours", { subresource: "status" }), entry("x")] }],
    ["an empty list", { name: "a", managedFields: [] }],
    ["none", { name: "a" }],
  ])("%s", (_case, metadata) => {
    const object = { kind: "Pod", apiVersion: "v1", metadata, spec: { managedFields: [entry("kubelet")] } } as KubernetesObject;
    expect(kept(object)).toEqual({ object: without(object), json: without(object) });
  });
});

test("the name of an object is read off the bytes, where it is one", () => {
  expect(wireName(lineOf("ADDED", { kind: "Secret", metadata: { labels: { name: "no" }, name: "yes" } }))).toBe("yes");
  expect(wireName(lineOf("DELETED", { metadata: { name: "yes" }, data: { name: "no" } }))).toBe("yes");
  for (const object of [{}, { metadata: {} }, { metadata: null }, { name: "no" }])
    expect(wireName(lineOf("ADDED", object))).toBeUndefined();
  expect(wireName(lineOf("BOOKMARK", { metadata: { name: "a" } }))).toBeUndefined();
  expect(wireName(Buffer.from('{ "type": "ADDED", "object": { "metadata": { "name": "a" } } }'))).toBeUndefined();
});

test("any JSON object comes out as it went in, less what is cut", () => {
  const managedFields = fc.array(
    fc.record(
      { operation: fc.constantFrom("Apply", "Update"), fieldsV1: fc.jsonValue(), manager: fc.constantFrom("ours", "kubelet", 'a"b') },
      { requiredKeys: ["manager"] },
    ),
  );
  const metadata = fc
    .tuple(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.option(managedFields, { nil: undefined }),
      fc.dictionary(fc.string(), fc.jsonValue()),
    )
    .map(([before, fields, after]) => ({ ...before, ...(fields && { managedFields: fields }), ...after }));
  const object = fc
    .tuple(fc.dictionary(fc.string(), fc.jsonValue()), metadata, fc.dictionary(fc.string(), fc.jsonValue()))
    .map(([before, own, after]) => ({ ...before, metadata: own, ...after }));
  fc.assert(
    fc.property(object, (each) => {
      fc.pre(Array.isArray((each.metadata as KubernetesObject["metadata"])?.managedFields) || !("managedFields" in each.metadata));
      const plain = parseJson(stringifyJson(each)) as KubernetesObject;
      expect(kept(plain)).toEqual({ object: without(plain), json: without(plain) });
    }),
    { numRuns: 2000 },
  );
});

test("what is not written as Go writes it is read as a whole, and left to be written anew", () => {
  const object = { kind: "Pod", metadata: { name: "a", managedFields: [entry("kubelet")] } };
  const spaced = JSON.stringify({ type: "ADDED", object }, null, 1).replaceAll("\n", " ");
  expect(readWireEvent(Buffer.from(spaced), isOurs)).toEqual({ type: "ADDED", object, json: undefined });
  const late = `{"object":${JSON.stringify(object)},"type":"ADDED"}`;
  expect(readWireEvent(Buffer.from(late), isOurs)).toEqual({ type: "ADDED", object, json: undefined });
});

test("integers beyond 2^53 and letters of any alphabet stay as they came", () => {
  const text = `{"type":"ADDED","object":{"metadata":{"name":"a","managedFields":[]},"spec":{"size":9223372036854775807,"note":"Ωmega 🚀"}}}`;
  const { object, json } = readWireEvent(Buffer.from(text), isOurs);
  expect(object).toMatchObject({ spec: { size: 9223372036854775807n, note: "Ωmega 🚀" } });
  expect(json?.toString("utf8")).toBe(`{"metadata":{"name":"a"},"spec":{"size":9223372036854775807,"note":"Ωmega 🚀"}}`);
});

describe("what is no event is refused without quoting it:", () => {
  test.each([
    ["garbage", "tok3n"],
    ["an unknown type", `{"type":"SEEN","object":{"secret":"tok3n"}}`],
    ["a damaged object", `{"type":"ADDED","object":{"metadata":{"name":"a"},"data":{"a":tok3n"}}}`],
    ["damaged managedFields", `{"type":"ADDED","object":{"metadata":{"managedFields":[{"manager":tok3n]},"data":{}}}`],
    ["a cut line", `{"type":"ADDED","object":{"metadata":{"name":"tok3n"`],
    ["no object", `{"type":"ADDED","object":"tok3n"}`],
  ])("%s", (_case, line) => {
    const read = () => readWireEvent(Buffer.from(line), isOurs);
    expect(read).toThrow(expect.objectContaining({ code: "invalid-response" }));
    expect(read).not.toThrow("tok3n");
  });

  test("an error event is the server's answer", () => {
    const line = lineOf("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" });
    expect(() => readWireEvent(line, isOurs)).toThrow(expect.objectContaining({ reason: "Expired" }));
  });
});
