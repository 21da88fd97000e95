import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, objectAt, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { DEFINITIONS, MERGE, sender, widget, widgetDefinition, WIDGETS, type Send } from "./requests.ts";

let cluster: EmbeddedCluster;
let send: Send;
beforeEach(async () => {
  cluster = await EmbeddedCluster.start();
  send = sender(cluster.url);
  expect((await send("POST", DEFINITIONS, { body: widgetDefinition() })).code).toBe(201);
});
afterEach(() => cluster.stop());

const DEFINITION = `${DEFINITIONS}/widgets.example.com`;

async function kinds(path: string): Promise<string[]> {
  return arrayAt((await send("GET", path)).body, "resources").map((each) => stringAt(each, "name") ?? "");
}

test("a definition is established, and served, as soon as it is created", async () => {
  const { body } = await send("GET", DEFINITION);
  expect(
    arrayAt(body, "status", "conditions").map((each) => `${String(stringAt(each, "type"))} ${String(stringAt(each, "status"))}`),
  ).toEqual(["NamesAccepted True", "Established True"]);
  expect(objectAt(body, "status", "acceptedNames")).toMatchObject({ kind: "Widget", plural: "widgets", shortNames: ["wd"] });
  expect(await kinds("/apis/example.com/v1")).toEqual(["widgets", "widgets/status", "widgets/scale"]);
  expect((await send("GET", "/openapi/v3/apis/example.com/v1")).text).toContain('"com.example.v1.Widget"');
});

test("instances are validated, defaulted and pruned", async () => {
  const wrong = await send("POST", WIDGETS, { body: widget("wrong", { size: 9 }) });
  expect([wrong.code, wrong.body["message"]]).toEqual([
    422,
    'Widget.example.com "wrong" is invalid: spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5',
  ]);
  const made = await send("POST", WIDGETS, { body: widget("made", { color: "red", bogus: true }) });
  expect([made.body["spec"], made.warnings]).toEqual([{ color: "red", size: 3 }, ['299 - "unknown field \\"spec.bogus\\""']]);
});

test("instances are selected by the fields that the definition names", async () => {
  for (const color of ["red", "blue"]) await send("POST", WIDGETS, { body: widget(color, { color }) });
  const { body } = await send("GET", `${WIDGETS}?fieldSelector=spec.color%3Dblue`);
  expect(arrayAt(body, "items").map((item) => stringAt(item, "metadata", "name"))).toEqual(["blue"]);
});

test("a table shows the definition's columns", async () => {
  await send("POST", WIDGETS, { body: widget("a", { size: 2 }) });
  const { body } = await send("GET", WIDGETS, { headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } });
  expect(arrayAt(body, "columnDefinitions").map((column) => stringAt(column, "name"))).toEqual(["Name", "Size"]);
  expect(arrayAt(arrayAt(body, "rows")[0], "cells")).toEqual(["a", 2]);
});

test("the scale subresource follows the definition's paths", async () => {
  await send("POST", WIDGETS, { body: widget("a", { size: 2 }) });
  await send("PATCH", `${WIDGETS}/a/scale`, { body: { spec: { replicas: 4 } }, type: MERGE });
  expect((await send("GET", `${WIDGETS}/a`)).body["spec"]).toEqual({ size: 4 });
  expect((await send("PATCH", `${WIDGETS}/a/scale`, { body: { spec: { replicas: 40 } }, type: MERGE })).code).toBe(422);
});

test("strategic merge patches are for built-in kinds only", async () => {
  await send("POST", WIDGETS, { body: widget("a") });
  expect((await send("PATCH", `${WIDGETS}/a`, { body: {}, type: "application/strategic-merge-patch+json" })).code).toBe(415);
});

test("an instance is read through the schema that its definition has now", async () => {
  await send("POST", WIDGETS, { body: widget("a", { color: "red" }) });
  const properties = { spec: { type: "object", properties: { size: { type: "integer" }, added: { type: "string", default: "new" } } } };
  const version = {
    ...firstVersion(widgetDefinition()),
    schema: { openAPIV3Schema: { type: "object", properties } },
    selectableFields: [],
  };
  expect((await send("PATCH", DEFINITION, { body: { spec: { versions: [version] } }, type: MERGE })).code).toBe(200);
  expect((await send("GET", `${WIDGETS}/a`)).body["spec"]).toEqual({ added: "new", size: 3 });
});

test("versions are served side by side and leave when they are not served", async () => {
  const [first] = arrayAt(widgetDefinition(), "spec", "versions");
  const versions = [first ?? {}, { ...firstVersion(widgetDefinition()), name: "v2", storage: false }];
  await send("PATCH", DEFINITION, { body: { spec: { versions } }, type: MERGE });
  await send("POST", WIDGETS, { body: widget("a", { color: "red" }) });
  const v2 = await send("GET", WIDGETS.replace("/v1/", "/v2/") + "/a");
  expect([v2.body["apiVersion"], v2.body["spec"]]).toEqual(["example.com/v2", { color: "red", size: 3 }]);
  await send("PATCH", DEFINITION, {
    body: { spec: { versions: [{ ...firstVersion(widgetDefinition()), served: false }, versions[1] ?? {}] } },
    type: MERGE,
  });
  expect((await send("GET", WIDGETS)).code).toBe(404);
  expect((await send("GET", WIDGETS.replace("/v1/", "/v2/"))).code).toBe(200);
});

function firstVersion(definition: JsonObject): JsonObject {
  return (arrayAt(definition, "spec", "versions")[0] ?? {}) as JsonObject;
}

test("a second definition cannot have the names of the first", async () => {
  const second = widgetDefinition();
  const spec = { ...objectAt(second, "spec"), names: { kind: "Widget", plural: "gadgets", singular: "gadget", listKind: "GadgetList" } };
  await send("POST", DEFINITIONS, { body: { ...second, metadata: { name: "gadgets.example.com" }, spec } });
  const { body } = await send("GET", `${DEFINITIONS}/gadgets.example.com`);
  expect(
    arrayAt(body, "status", "conditions").map((each) => `${String(stringAt(each, "type"))} ${String(stringAt(each, "reason"))}`),
  ).toEqual(["NamesAccepted KindConflict", "Established NotAccepted"]);
  expect((await send("GET", "/apis/example.com/v1/namespaces/default/gadgets")).code).toBe(404);
});

test("a deleted definition takes its instances with it, once their finalizers let them go", async () => {
  await send("POST", WIDGETS, { body: widget("free") });
  await send("POST", WIDGETS, { body: widget("held", {}, { finalizers: ["example.com/hold"] }) });
  await send("DELETE", DEFINITION);
  expect((await send("GET", `${WIDGETS}/free`)).code).toBe(404);
  expect((await send("POST", WIDGETS, { body: widget("late") })).body["message"]).toBe(
    'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  );
  await send("PATCH", `${WIDGETS}/held`, { body: { metadata: { finalizers: null } }, type: MERGE });
  expect((await send("GET", DEFINITION)).code).toBe(404);
  expect((await send("GET", "/apis/example.com")).code).toBe(404);
});
