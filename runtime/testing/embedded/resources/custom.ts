import { customResourceStrategy } from "../defaults/index.ts";
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import { compareVersions, strings } from "./registry.ts";
import type { Resource, ScalePaths, Subresource } from "./resource.ts";

const VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** The resources that an established CustomResourceDefinition serves, one for each served version. */
export function customResources(definition: JsonObject): Resource[] {
  const versions = arrayAt(definition, "spec", "versions").filter(isObject);
  const storage = versions.find((version) => version["storage"] === true);
  const group = stringAt(definition, "spec", "group") ?? "";
  return versions
    .filter((version) => version["served"] === true)
    .sort((left, right) => compareVersions(stringAt(left, "name") ?? "", stringAt(right, "name") ?? ""))
    .map((version) => customResource(definition, group, version, stringAt(storage, "name") ?? ""));
}

function customResource(definition: JsonObject, group: string, part: JsonObject, storage: string): Resource {
  const names = objectAt(definition, "status", "acceptedNames") ?? {};
  const version = stringAt(part, "name") ?? "";
  const kind = stringAt(names, "kind") ?? "";
  const plural = stringAt(names, "plural") ?? "";
  const subresources = subresourcesOf(part, group, version, kind);
  return {
    group,
    version,
    apiVersion: `${group}/${version}`,
    plural,
    singular: stringAt(names, "singular") ?? kind.toLowerCase(),
    kind,
    listKind: stringAt(names, "listKind") ?? `${kind}List`,
    namespaced: stringAt(definition, "spec", "scope") === "Namespaced",
    verbs: VERBS,
    shortNames: strings(names, "shortNames"),
    categories: strings(names, "categories"),
    subresources: new Map(subresources.map((each) => [each.name, each])),
    collection: `${plural}.${group}`,
    storageApiVersion: `${group}/${storage}`,
    scale: scaleOf(part),
    custom: { definition, version: part },
    strategy: () => customResourceStrategy(definition, version),
    storageStrategy: () => customResourceStrategy(definition, storage),
  };
}

function subresourcesOf(part: JsonObject, group: string, version: string, kind: string): Subresource[] {
  const found: Subresource[] = [];
  const verbs = ["get", "patch", "update"];
  if (objectAt(part, "subresources", "status")) found.push({ name: "status", group, version, kind, verbs });
  if (objectAt(part, "subresources", "scale")) found.push({ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs });
  return found;
}

function scaleOf(part: JsonObject): ScalePaths | undefined {
  const scale = objectAt(part, "subresources", "scale");
  if (scale === undefined) return undefined;
  const path = (field: string) => (stringAt(scale, field) ?? "").split(".").filter((each) => each !== "");
  const selector = path("labelSelectorPath");
  return {
    specReplicas: path("specReplicasPath"),
    statusReplicas: path("statusReplicasPath"),
    selector: selector.length === 0 ? undefined : selector,
  };
}
