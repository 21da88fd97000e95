import type { ObjectMeta } from "../api/index.ts";

/** Any Kubernetes object, as far as the runtime looks into it. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** An object as the API server returns it: typed, named and versioned. */
export interface StoredObject extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { name: string; resourceVersion: string; uid: string };
}

/** What names an object within its kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  namespace?: string;
  name: string;
}

/**
 * Names a kind and types what the client returns for it: the classes of kubernetes-models and generated ones,
 * or what {@link unstructured} and {@link metadataOnly} return.
 */
export interface KindToken {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The interface of the objects that a kind token stands for: `ObjectOf<typeof Deployment>` is `IDeployment`.
 * The classes of kubernetes-models say it in the type of their guard `is` only.
 */
export type ObjectOf<K> = K extends { is: (value: unknown) => value is infer T }
  ? T
  : K extends MetadataKind
    ? MetadataObject
    : UnstructuredObject;

/** An object given as a class instance or as plain data, without the class's methods. */
export type Data<T> = T extends { toJSON(): unknown; validate(): void } ? Omit<T, "toJSON" | "validate"> : T;

/** An object of a kind that has no TypeScript type. */
export interface UnstructuredObject extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** An object of which only the metadata is read (`meta.k8s.io/v1 PartialObjectMetadata`). */
export interface MetadataObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export interface UnstructuredKind<A extends string = string, K extends string = string> {
  readonly apiVersion: A;
  readonly kind: K;
}

export interface MetadataKind<K extends KindToken = KindToken> extends KindToken {
  readonly apiVersion: K["apiVersion"];
  readonly kind: K["kind"];
  readonly metadataOnly: true;
}

/**
 * A kind token for a kind that has no class.
 *
 * @example
 * const certificates = await client.list(unstructured({ apiVersion: "cert-manager.io/v1", kind: "Certificate" }));
 */
export function unstructured<const A extends string, const K extends string>(kind: { apiVersion: A; kind: K }): UnstructuredKind<A, K> {
  return { apiVersion: kind.apiVersion, kind: kind.kind };
}

/** A kind token whose objects are read without spec and status: a fraction of the memory where only metadata matters. */
export function metadataOnly<K extends KindToken>(kind: K): MetadataKind<K> {
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadataOnly: true };
}

export function isMetadataOnly(kind: KindToken): kind is MetadataKind {
  return "metadataOnly" in kind;
}

/** The API group of an apiVersion: `apps` of `apps/v1`, the empty string of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** A kind by group and kind, whatever the version, as owner references are compared. */
export function groupKindOf(kind: KindToken): string {
  return `${kind.kind}.${groupOf(kind.apiVersion)}`;
}

/** A kind by version and kind, for messages and maps: `apps/v1 Deployment`. */
export function describeKind(kind: KindToken): string {
  return `${kind.apiVersion} ${kind.kind}`;
}

/** The key of an object. Throws `TypeError` when the object has no name. */
export function keyOf(object: KubernetesObject): ObjectKey {
  const name = object.metadata?.name;
  if (!name) throw new TypeError(`${object.kind ?? "object"} has no metadata.name`);
  return object.metadata?.namespace === undefined ? { name } : { namespace: object.metadata.namespace, name };
}

/** `namespace/name`, or `name` for a cluster-scoped object. */
export function keyString(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** The inverse of {@link keyString}. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf("/");
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/**
 * Orders resource versions. They are decimal numbers of any length (KEP-5504): a longer one is newer.
 * Returns a negative number when `a` is older than `b`, 0 when they are equal.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
