import type { ObjectMeta } from "../../api/index.ts";
import type { KubernetesObject, UnstructuredObject } from "../../object/index.ts";

/**
 * What a conversion returns: all of the object but `apiVersion`, `kind` and `metadata`, which the runtime fills in. Of the metadata only
 * labels and annotations may be changed (the API server refuses everything else), so only these need to be given, when they change.
 */
export type Converted<T> = Omit<T, "apiVersion" | "kind" | "metadata"> & {
  apiVersion?: string;
  kind?: string;
  metadata?: Partial<ObjectMeta>;
};

/** One version of a kind besides the hub. Both functions get an object of their own, and must not depend on anything but it. */
export interface Spoke<Hub, Version extends KubernetesObject> {
  toHub(object: Version): Converted<Hub>;
  fromHub(hub: Hub): Converted<Version>;
}

/** A spoke of whatever type. */
export interface AnySpoke<Hub> {
  toHub(object: KubernetesObject): Converted<Hub>;
  fromHub(hub: Hub): object;
}

/**
 * Converts the objects of a kind between its versions: each version, a spoke, knows how to become the hub and how to be made of it, and
 * everything else goes by way of the hub. What one version has and another has not must be kept (in an annotation, say), or it is lost to
 * everybody who writes the object back in the poorer version.
 *
 * @example
 * const converter: Converter<Memcached> = {
 *   spokes: {
 *     v1alpha1: {
 *       toHub: ({ spec }: MemcachedV1alpha1) => ({ spec: { replicas: spec.size } }),
 *       fromHub: ({ spec }) => ({ spec: { size: spec.replicas } }),
 *     },
 *   },
 * };
 */
export interface Converter<Hub> {
  /** By version: `v1beta1`. */
  readonly spokes: Readonly<Record<string, AnySpoke<Hub>>>;
  /** Objects of any of the versions. When the server starts, it converts each there and back, and refuses to start when that changes one. */
  readonly samples?: readonly (KubernetesObject | UnstructuredObject)[];
}
