import { builtinStrategy, type Strategy } from "../defaults/index.ts";
import { discoveryData, resolveSchema, schemaOfKind } from "../openapi/index.ts";
import { arrayAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import type { Resource, ScalePaths, Subresource } from "./resource.ts";

/** One version of a group, with its resources in discovery's order. */
export interface GroupVersion {
  readonly version: string;
  readonly resources: readonly Resource[];
}

/** An API group; the first version is the preferred one. */
export interface Group {
  /** `""` for the core group. */
  readonly name: string;
  readonly versions: readonly GroupVersion[];
}

/** Kinds whose objects live in another group's collection. */
const SHARED_COLLECTIONS: Readonly<Record<string, { collection: string; apiVersion: string }>> = {
  "events.k8s.io/events": { collection: "events", apiVersion: "v1" },
};

const WORKLOAD_SCALE: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

/** All that is served: the built-in resources, and those that CustomResourceDefinitions add while the server runs. */
export class ResourceRegistry {
  readonly #builtin: readonly Group[];
  readonly #index = new Map<string, Resource>();
  readonly #custom = new Map<string, readonly Resource[]>();
  #groups: readonly Group[] | undefined;
  /** Changes with every change of what is served. */
  generation = 0;

  constructor() {
    const data = discoveryData();
    this.#builtin = [...arrayAt(data, "core"), ...arrayAt(data, "groups")].map(builtinGroup);
    for (const group of this.#builtin) {
      for (const version of group.versions) for (const resource of version.resources) this.#index.set(indexKey(resource), resource);
    }
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#index.get(`${group}/${version}/${plural}`);
  }

  /** Every served resource whose collection this is, the storage version's first if it is served. */
  ofCollection(collection: string): Resource | undefined {
    let found: Resource | undefined;
    for (const resource of this.#index.values()) {
      if (resource.collection !== collection) continue;
      if (resource.apiVersion === resource.storageApiVersion) return resource;
      found ??= resource;
    }
    return found;
  }

  /** The resource of a kind, `undefined` when it is not served. */
  ofKind(apiVersion: string, kind: string): Resource | undefined {
    for (const resource of this.#index.values()) if (resource.kind === kind && resource.apiVersion === apiVersion) return resource;
    return undefined;
  }

  all(): IterableIterator<Resource> {
    return this.#index.values();
  }

  /** True for a group that the server has by itself. */
  isBuiltin(group: string): boolean {
    return this.#builtin.some(({ name }) => name === group);
  }

  /** Replaces what one CustomResourceDefinition serves; nothing takes it away. */
  setCustom(definition: string, resources: readonly Resource[]): void {
    for (const resource of this.#custom.get(definition) ?? []) this.#index.delete(indexKey(resource));
    if (resources.length === 0) this.#custom.delete(definition);
    else this.#custom.set(definition, resources);
    for (const resource of resources) this.#index.set(indexKey(resource), resource);
    this.#groups = undefined;
    this.generation++;
  }

  /** Built-in groups as the real server orders them, then the groups of custom resources by name. */
  groups(): readonly Group[] {
    return (this.#groups ??= [...this.#builtin, ...customGroups([...this.#custom.values()].flat(), this.#builtin)]);
  }
}

function indexKey({ group, version, plural }: Resource): string {
  return `${group}/${version}/${plural}`;
}

function builtinGroup(entry: JsonValue): Group {
  const name = stringAt(entry, "metadata", "name") ?? "";
  const versions = arrayAt(entry, "versions");
  const preferred = stringAt(versions[0], "version") ?? "";
  return {
    name,
    versions: versions.map((item) => {
      const version = stringAt(item, "version") ?? "";
      return { version, resources: arrayAt(item, "resources").map((resource) => builtinResource(name, version, preferred, resource)) };
    }),
  };
}

function builtinResource(group: string, version: string, preferred: string, entry: JsonValue): Resource {
  const plural = stringAt(entry, "resource") ?? "";
  const kind = stringAt(entry, "responseKind", "kind") ?? "";
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const shared = SHARED_COLLECTIONS[`${group}/${plural}`];
  const subresources = arrayAt(entry, "subresources").map(subresource);
  const namespaced = stringAt(entry, "scope") === "Namespaced";
  let made: Strategy | undefined;
  const strategy = () =>
    (made ??= builtinStrategy({
      group,
      version,
      kind,
      namespaced,
      schema: (wanted) => {
        const [first = "", second] = wanted.split("/");
        return second === undefined ? schemaOfKind("", first, kind) : schemaOfKind(first, second, kind);
      },
      resolve: resolveSchema,
    }));
  return {
    group,
    version,
    apiVersion,
    plural,
    singular: stringAt(entry, "singularResource") ?? "",
    kind,
    listKind: `${kind}List`,
    namespaced,
    verbs: strings(entry, "verbs"),
    shortNames: strings(entry, "shortNames"),
    categories: strings(entry, "categories"),
    subresources: new Map(subresources.map((each) => [each.name, each])),
    collection: shared?.collection ?? (group === "" ? plural : `${plural}.${group}`),
    storageApiVersion: shared?.apiVersion ?? (group === "" ? preferred : `${group}/${preferred}`),
    scale: subresources.some((each) => each.name === "scale") ? WORKLOAD_SCALE : undefined,
    custom: undefined,
    strategy,
    storageStrategy: strategy,
  };
}

function subresource(entry: JsonValue): Subresource {
  return {
    name: stringAt(entry, "subresource") ?? "",
    group: stringAt(entry, "responseKind", "group") ?? "",
    version: stringAt(entry, "responseKind", "version") ?? "",
    kind: stringAt(entry, "responseKind", "kind") ?? "",
    verbs: strings(entry, "verbs"),
  };
}

function customGroups(resources: readonly Resource[], builtin: readonly Group[]): Group[] {
  const taken = new Set(builtin.map((group) => group.name));
  const names = [...new Set(resources.map((resource) => resource.group))].filter((name) => !taken.has(name)).sort();
  return names.map((name) => {
    const own = resources.filter((resource) => resource.group === name);
    const versions = [...new Set(own.map((resource) => resource.version))].sort(compareVersions);
    return {
      name,
      versions: versions.map((version) => ({
        version,
        resources: own.filter((resource) => resource.version === version).sort((left, right) => (left.plural < right.plural ? -1 : 1)),
      })),
    };
  });
}

const KUBE_VERSION = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/;
const STABILITY: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

/** Order of versions by preference: v2, v1, v1beta2, v1beta1, v1alpha1, then all else by name (apimachinery's version priority). */
export function compareVersions(left: string, right: string): number {
  const a = KUBE_VERSION.exec(left);
  const b = KUBE_VERSION.exec(right);
  if (a === null || b === null) {
    if (a !== null) return -1;
    if (b !== null) return 1;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const stability = (match: RegExpExecArray) => STABILITY[match[2] ?? ""] ?? 2;
  if (stability(a) !== stability(b)) return stability(b) - stability(a);
  if (a[1] !== b[1]) return Number(b[1]) - Number(a[1]);
  return Number(b[3] ?? 0) - Number(a[3] ?? 0);
}

/** The strings of an array field. */
export function strings(value: JsonObject | JsonValue | undefined, ...path: string[]): string[] {
  return arrayAt(value, ...path).filter((item) => typeof item === "string");
}
