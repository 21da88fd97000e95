import type { Strategy } from "../defaults/index.ts";
import type { JsonObject } from "../../../schema/index.ts";

/** A subresource as discovery lists it. */
export interface Subresource {
  readonly name: string;
  /** Kind of its body; group and version are empty when they are the resource's own. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** Where the values of the scale subresource are in an object. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Absent: the kind has no selector. */
  readonly selector: readonly string[] | undefined;
}

/** A CustomResourceDefinition's part of a resource. */
interface CustomPart {
  /** The stored definition; replaced as a whole when it changes. */
  readonly definition: JsonObject;
  /** The entry of `spec.versions`. */
  readonly version: JsonObject;
}

/** One resource at one version, as it is served. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  /** `group/version`, or the version alone for the core group. */
  readonly apiVersion: string;
  /** Plural name in lower case. */
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** Name of the collection that holds its objects: versions of one resource share it. */
  readonly collection: string;
  /** `apiVersion` in which objects are kept. */
  readonly storageApiVersion: string;
  readonly scale: ScalePaths | undefined;
  readonly custom: CustomPart | undefined;
  /** What its objects go through when they are written. Made on first use. */
  readonly strategy: () => Strategy;
  /** The same for the version in which they are kept. */
  readonly storageStrategy: () => Strategy;
}

/** `pods`, `deployments.apps`: how messages name a resource. */
export function qualifiedResource(resource: { group: string; plural: string }): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}
