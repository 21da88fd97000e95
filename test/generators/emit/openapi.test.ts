import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { emitOpenApi } from "../../../generators/emit/index.ts";
import { readFleet } from "./fleet.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Path {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly [method: string]: unknown;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Path>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly [key: string]: unknown }>> };
}

const methods = ["get", "put", "post", "patch", "delete"];

async function fleet(path = "openapi.json"): Promise<string> {
  return emitOpenApi((await readFleet()).resources, path);
}

test("JSON and YAML are the same document, and say first that they are derived", async () => {
  const [json, yaml] = [await fleet(), await fleet("docs/openapi.yaml")];
  expect(json).toMatch(/^\{\n {2}"x-comment": "Derived from api\/v1\/frigate\.types\.ts, /);
  expect(yaml).toMatch(/^# Derived from api\/v1\/frigate\.types\.ts, /);
  const { "x-comment": _comment, ...document } = JSON.parse(json) as Record<string, unknown>;
  expect(parse(yaml)).toEqual(document);
});

test("every served version has its paths, with the status where there is one", async () => {
  const { paths } = JSON.parse(await fleet()) as Document;
  expect(Object.keys(paths)).toEqual([
    "/apis/fleet.ships.io/v1/frigates",
    "/apis/fleet.ships.io/v1/harbours",
    "/apis/fleet.ships.io/v1/harbours/{name}",
    "/apis/fleet.ships.io/v1/namespaces/{namespace}/frigates",
    "/apis/fleet.ships.io/v1/namespaces/{namespace}/frigates/{name}",
    "/apis/fleet.ships.io/v1/namespaces/{namespace}/frigates/{name}/status",
    "/apis/fleet.ships.io/v1beta1/frigates",
    "/apis/fleet.ships.io/v1beta1/namespaces/{namespace}/frigates",
    "/apis/fleet.ships.io/v1beta1/namespaces/{namespace}/frigates/{name}",
  ]);
});

test("the document holds together: references, path parameters, ids, answers", async () => {
  const text = await fleet();
  const { openapi, paths, components } = JSON.parse(text) as Document;
  expect(openapi).toBe("3.0.3");
  const references = [...text.matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name);
  expect(references.length).toBeGreaterThan(20);
  expect(references.filter((name) => !Object.hasOwn(components.schemas, name))).toEqual([]);
  const ids: string[] = [];
  for (const [path, item] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect((item.parameters ?? []).filter((each) => each.in === "path").map(({ name }) => name)).toEqual(named);
    for (const method of methods) {
      const operation = item[method] as Operation | undefined;
      if (operation === undefined) continue;
      ids.push(operation.operationId);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["200", "default"]));
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
});

test("schemas are called as API servers call them, and carry group, version and kind", async () => {
  const { components } = JSON.parse(await fleet()) as Document;
  expect(Object.keys(components.schemas)).toEqual([
    "ListMeta",
    "ObjectMeta",
    "Status",
    "io.ships.fleet.v1.Frigate",
    "io.ships.fleet.v1.FrigateList",
    "io.ships.fleet.v1.Harbour",
    "io.ships.fleet.v1.HarbourList",
    "io.ships.fleet.v1beta1.Frigate",
    "io.ships.fleet.v1beta1.FrigateList",
  ]);
  expect(components.schemas["io.ships.fleet.v1.Frigate"]).toMatchObject({
    type: "object",
    "x-kubernetes-group-version-kind": [{ group: "fleet.ships.io", version: "v1", kind: "Frigate" }],
    properties: { metadata: { allOf: [{ $ref: "#/components/schemas/ObjectMeta" }] } },
  });
});
