import { discoveryData } from "../openapi/index.ts";
import { objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { GroupVersion } from "./registry.ts";
import type { Resource, Subresource } from "./resource.ts";

const CORE = "";

/** A version of a group as discovery shows it. */
export interface ServedVersion {
  readonly version: string;
  /** What this server serves of it. */
  readonly local?: GroupVersion;
  /** Its `APIVersionDiscovery`, where another server serves it. */
  readonly remote?: JsonObject;
}

export interface ServedGroup {
  /** `""` for the core group. */
  readonly name: string;
  /** The first one is the preferred one. */
  readonly versions: readonly ServedVersion[];
}

/** True when an Accept header asks for aggregated discovery. */
export function wantsAggregated(accept: string | undefined): boolean {
  return (accept ?? "").split(",").some((clause) => /as=APIGroupDiscoveryList/.test(clause) && /;\s*v=v2\s*(;|$)/.test(clause));
}

/** Answer of `/api` (core) or `/apis` in aggregated form. */
export function aggregatedDiscovery(groups: readonly ServedGroup[], core: boolean): JsonObject {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups
      .filter((group) => (group.name === CORE) === core)
      .map((group) => ({ metadata: group.name === CORE ? {} : { name: group.name }, versions: group.versions.map(versionDiscovery) })),
  };
}

function versionDiscovery({ version, local, remote }: ServedVersion): JsonObject {
  return remote ?? { version, resources: (local?.resources ?? []).map(aggregatedResource), freshness: "Current" };
}

function aggregatedResource(resource: Resource): JsonObject {
  return {
    resource: resource.plural,
    responseKind: responseKind(resource, resource.custom !== undefined),
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
    ...(resource.subresources.size === 0
      ? {}
      : {
          subresources: [...resource.subresources.values()].map((subresource) => ({
            subresource: subresource.name,
            responseKind: { group: subresource.group, version: subresource.version, kind: subresource.kind },
            verbs: [...subresource.verbs],
          })),
        }),
  };
}

/** Built-in resources leave group and version of their kind to the list that they are in. */
function responseKind(resource: Resource, whole: boolean): JsonObject {
  return whole
    ? { group: resource.group, version: resource.version, kind: resource.kind }
    : { group: "", version: "", kind: resource.kind };
}

/** Answer of `/apis`. */
export function groupList(all: readonly ServedGroup[]): JsonObject {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: all.filter((group) => group.name !== CORE).map(groupBody),
  };
}

/** Answer of `/apis/GROUP`. */
export function groupAnswer(group: ServedGroup): JsonObject {
  return { kind: "APIGroup", apiVersion: "v1", ...groupBody(group) };
}

function groupBody(group: ServedGroup): JsonObject {
  const versions = group.versions.map(({ version }) => ({ groupVersion: `${group.name}/${version}`, version }));
  const preferredVersion = versions[0] ?? { groupVersion: "", version: "" };
  return { name: group.name, versions, preferredVersion };
}

/** Answer of `/api/v1` and `/apis/GROUP/VERSION`. */
export function resourceList(group: ServedGroup, { version, resources }: GroupVersion): JsonObject {
  const groupVersion = group.name === CORE ? version : `${group.name}/${version}`;
  const hashes = objectAt(discoveryData(), "hashes") ?? {};
  const lists = resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: [...resource.verbs],
      ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
      ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
      ...hashOf(hashes, groupVersion, resource),
    },
    ...[...resource.subresources.values()].map((subresource) => subresourceEntry(resource, subresource)),
  ]);
  return { kind: "APIResourceList", ...(group.name === CORE ? {} : { apiVersion: "v1" }), groupVersion, resources: lists };
}

function hashOf(hashes: JsonObject, groupVersion: string, resource: Resource): JsonObject {
  const hash = stringAt(hashes, `${groupVersion}/${resource.plural}`);
  if (hash !== undefined) return { storageVersionHash: hash };
  return {};
}

function subresourceEntry(resource: Resource, { name, group, version, kind, verbs }: Subresource): JsonObject {
  const foreign = group !== resource.group || version !== resource.version;
  return {
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...(foreign && version !== "" ? { group, version } : {}),
    kind,
    verbs: [...verbs],
  };
}
