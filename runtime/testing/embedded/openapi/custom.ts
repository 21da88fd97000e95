import type { Resource } from "../resources/index.ts";
import { arrayAt, cloneJson, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import { customDocuments, describedPool } from "./data.ts";

/** The OpenAPI v3 document of a group and version of custom resources: the recorded template, once for each resource. */
export function customDocument(resources: readonly Resource[]): JsonObject {
  const paths: JsonObject = {};
  const schemas: JsonObject = {};
  let head: JsonObject = {};
  for (const resource of resources) {
    const document = fromTemplate(resource);
    head = document;
    for (const [path, item] of Object.entries(objectAt(document, "paths") ?? {})) {
      if (/\/(status|scale)$/.test(path) && !resource.subresources.has(path.slice(path.lastIndexOf("/") + 1))) continue;
      paths[path] = item;
    }
    const own = objectAt(document, "components", "schemas") ?? {};
    const name = Object.keys(own).find((each) => each.endsWith(`.${resource.kind}`)) ?? "";
    if (!resource.subresources.has("scale")) for (const each of Object.keys(own)) if (SCALE.test(each)) Reflect.deleteProperty(own, each);
    Object.assign(schemas, own, { [name]: kindSchema(resource, objectAt(own, name) ?? {}) });
  }
  return { ...head, paths, components: { ...objectAt(head, "components"), schemas } };
}

const SCALE = /^io\.k8s\.api\.autoscaling\.v1\.Scale/;

function fromTemplate(resource: Resource): JsonObject {
  const { group, version, kind, plural } = resource;
  const parts = group.split(/[.-]/);
  const pascal = [...parts, version].map(capitalize).join("");
  const camel = [parts[0] ?? "", ...parts.slice(1).map(capitalize)].join("");
  const text = JSON.stringify(customDocuments()[resource.namespaced ? "Namespaced" : "Cluster"])
    .replaceAll("dev.kubescaffold.tpl.v1.", `${group.split(".").reverse().join(".")}.${version}.`)
    .replaceAll("/apis/tpl.kubescaffold.dev/v1", `/apis/${group}/${version}`)
    .replaceAll("tplKubescaffoldDev_v1", `${camel}_${version}`)
    .replaceAll("TplKubescaffoldDevV1", pascal)
    .replaceAll('"version":"v1","kind":"Tplkind', `"version":"${version}","kind":"Tplkind`)
    .replaceAll('"kind":"Tplkind","version":"v1"', `"kind":"Tplkind","version":"${version}"`)
    .replaceAll('"kind":"TplkindList","version":"v1"', `"kind":"TplkindList","version":"${version}"`)
    .replaceAll("tpl.kubescaffold.dev", group)
    .replaceAll("Tplkind", kind)
    .replaceAll("tplplurals", plural);
  return JSON.parse(text) as JsonObject;
}

function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The schema of the definition, with the fields that every object has. */
function kindSchema(resource: Resource, template: JsonObject): JsonObject {
  const version = resource.custom?.version;
  const own = cloneJson(objectAt(version, "schema", "openAPIV3Schema") ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true });
  const common = objectAt(template, "properties") ?? {};
  const selectable = arrayAt(version, "selectableFields").map((each) => ({ fieldPath: (stringAt(each, "jsonPath") ?? "").replace(/^\./, "") }));
  const groupVersionKind = template["x-kubernetes-group-version-kind"];
  return {
    ...own,
    properties: {
      ...objectAt(own, "properties"),
      ...(common["apiVersion"] === undefined ? {} : { apiVersion: common["apiVersion"] }),
      ...(common["kind"] === undefined ? {} : { kind: common["kind"] }),
      ...(common["metadata"] === undefined ? {} : { metadata: common["metadata"] }),
    },
    ...(groupVersionKind === undefined ? {} : { "x-kubernetes-group-version-kind": groupVersionKind }),
    ...(selectable.length === 0 ? {} : { "x-kubernetes-selectable-fields": selectable }),
  };
}

/** Schemas by name for a Swagger 2 document, with `$ref`s to `#/definitions/`. */
export function swaggerDefinitions(custom: readonly JsonObject[]): JsonObject {
  const all: JsonObject = { ...describedPool() };
  for (const document of custom) Object.assign(all, objectAt(document, "components", "schemas"));
  const text = JSON.stringify(all).replaceAll("#/components/schemas/", "#/definitions/");
  const definitions = JSON.parse(text) as JsonObject;
  for (const definition of Object.values(definitions)) if (isObject(definition)) flatten(definition);
  return definitions;
}

/** Swagger 2 has no `allOf` around a single reference. In place. */
function flatten(schema: JsonObject): void {
  for (const [name, property] of Object.entries(objectAt(schema, "properties") ?? {})) {
    if (!isObject(property)) continue;
    const [only, ...rest] = arrayAt(property, "allOf");
    if (isObject(only) && rest.length === 0) {
      const flat = { ...property, ...only };
      delete flat["allOf"];
      delete flat["default"];
      const properties = objectAt(schema, "properties");
      if (properties !== undefined) properties[name] = flat;
    }
  }
}
