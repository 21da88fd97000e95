import type { Data, KindToken, KubernetesObject, LabelSelectorLike, ObjectKey, ObjectOf } from "../object/index.ts";
import type { ScaleClient } from "./scale.ts";
import type { WatchEvent } from "./watch.ts";

export interface ReadOptions {
  signal?: AbortSignal;
}

export interface ListOptions extends ReadOptions {
  /** Only objects of this namespace. Default: the client's namespace, or all. */
  namespace?: string;
  labelSelector?: LabelSelectorLike;
  /** For example `metadata.name=sample` or `status.phase!=Running`. Such a read is live, unless a cache was declared with just this selector. */
  fieldSelector?: string;
  /**
   * Only objects that have these values in indexes of the cache (`manager.cache(Pod, { indexes })`). The cache alone can answer it: where the
   * kind has no such index the call rejects with a `TypeError`.
   *
   * @example client.list(Pod, { index: { node: "worker-1" } })
   */
  index?: Readonly<Record<string, string>>;
}

export interface ListPagesOptions extends Omit<ListOptions, "index"> {
  /** Objects in a page. Default 500; 0 for all in one piece. */
  pageSize?: number;
}

export interface WatchOptions extends Omit<ListOptions, "index"> {
  /** Where to start; without it the watch begins with an ADDED event for each object there is. */
  resourceVersion?: string;
}

export interface WriteOptions {
  signal?: AbortSignal;
  /** Whether unknown and duplicate fields are refused, warned of or dropped. Default `Strict`, so that a typo is an error. */
  fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that another manager owns. Default true: the reconciler decides what its fields are. */
  force?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only this very object, or only in this state. */
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
  /** Seconds. */
  gracePeriodSeconds?: number;
}

/** Which objects are deleted, all of the namespace where nothing is said, and how. */
export type DeleteAllOptions = Omit<ListOptions, "index"> & Omit<DeleteOptions, "preconditions">;

export type PatchType = "json" | "merge" | "strategic";

/** Reads and writes objects of one API server. Every method rejects with a {@link ClientError}, or a `TypeError` where the call itself makes no sense. */
export interface Client {
  /** The object, or `undefined` when there is none. Rejects when its kind is not served. */
  get<K extends KindToken>(kind: K, key: ObjectKey, options?: ReadOptions): Promise<ObjectOf<K> | undefined>;
  /** The objects of one state of the collection: where that expires between two pages, the list begins again. */
  list<K extends KindToken>(kind: K, options?: ListOptions): Promise<ObjectOf<K>[]>;
  /**
   * A large collection page by page, read live: `for await (const page of client.listPages(Pod))`. All pages are of one state; when that
   * expires, after five minutes or so, the next page throws an error of which `isExpired` is true.
   */
  listPages<K extends KindToken>(kind: K, options?: ListPagesOptions): AsyncIterable<ObjectOf<K>[]>;
  /** Events as they happen, until the signal aborts or the server ends the watch. Informers are more dependable. */
  watch<K extends KindToken>(kind: K, options?: WatchOptions): AsyncIterable<WatchEvent<ObjectOf<K>>>;
  create<T extends KubernetesObject>(object: T, options?: WriteOptions): Promise<Data<T>>;
  /** Replaces the object. With `metadata.resourceVersion` it fails with a conflict when the object has changed since. */
  update<T extends KubernetesObject>(object: T, options?: WriteOptions): Promise<Data<T>>;
  /**
   * `json` takes a list of RFC 6902 operations, `merge` an RFC 7386 document, `strategic` Kubernetes' own kind of merge (built-in kinds only). With a
   * `metadata.resourceVersion` in the patch, or a `test` operation, it fails when the object has changed since.
   */
  patch<K extends KindToken>(kind: K, key: ObjectKey, type: PatchType, patch: unknown, options?: WriteOptions): Promise<ObjectOf<K>>;
  /**
   * Server-side apply: makes the fields of `object` be so, and removes those that this field manager applied before and now leaves out.
   * Sends nothing when the cache shows that nothing would change, and creates by a POST what the cache shows to be absent; the field manager of that
   * is named after this one until other fields are wanted.
   */
  apply<T extends KubernetesObject>(object: T, options?: ApplyOptions): Promise<Data<T>>;
  /** Asks for deletion. Returns false when there is no such object; finalizers may keep a deleted object for a while. */
  delete(kind: KindToken, key: ObjectKey, options?: DeleteOptions): Promise<boolean>;
  /** Deletes a collection. Cached reads see it when the watch reports it, for the answer does not say which objects stay for a while. */
  deleteAll(kind: KindToken, options?: DeleteAllOptions): Promise<void>;
  /** The same calls for the `status` subresource. */
  readonly status: SubresourceClient;
  /** How many replicas an object has, whatever its kind: workloads and custom resources with a `scale` subresource. */
  readonly scale: ScaleClient;
  /**
   * The same calls for any other subresource.
   *
   * @example
   * await client.subresource("eviction").create(Pod, key, { apiVersion: "policy/v1", kind: "Eviction", metadata: key });
   * await client.subresource("resize").patch(Pod, key, "strategic", { spec: { containers: [{ name: "main", resources }] } });
   */
  subresource(name: string): SubresourceClient;
  /** Objects and lists without a namespace are in this one. */
  inNamespace(namespace: string): Client;
  withFieldManager(name: string): Client;
  /** Writes are checked and answered by the server, but not kept. */
  dryRun(): Client;
  /** Every write rejects with a `ReadOnlyError`, before anything is sent; dry runs too. */
  readOnly(): Client;
  /** Reads past the cache. */
  readonly live: Client;
}

/**
 * Calls on one subresource. Where it shows the object itself (`status`, `resize`, `approval`, `ephemeralcontainers`), a write takes and returns the object.
 * Where it shows an object of another kind (a `Scale`, for one), the write names the object that it belongs to, and then what is written.
 */
export interface SubresourceClient {
  get<T = unknown>(kind: KindToken, key: ObjectKey, options?: ReadOptions): Promise<T | undefined>;
  update<T extends KubernetesObject>(object: T, options?: WriteOptions): Promise<Data<T>>;
  update<T extends KubernetesObject>(kind: KindToken, key: ObjectKey, body: T, options?: WriteOptions): Promise<Data<T>>;
  patch<K extends KindToken>(kind: K, key: ObjectKey, type: PatchType, patch: unknown, options?: WriteOptions): Promise<ObjectOf<K>>;
  apply<T extends KubernetesObject>(object: T, options?: ApplyOptions): Promise<Data<T>>;
  /** Is always sent: of an object of another kind the cache does not know what is ours. */
  apply<T extends KubernetesObject>(kind: KindToken, key: ObjectKey, body: T, options?: ApplyOptions): Promise<Data<T>>;
  /** Posts a body that is an object of its own, such as an Eviction or a TokenRequest, and returns the answer. */
  create<T = unknown>(kind: KindToken, key: ObjectKey, body: unknown, options?: WriteOptions): Promise<T>;
}

/** What a cache offers a client. Implemented in `cache/`; a client without one reads everything live. */
export interface CachedReader {
  /** The object in a box, an empty box when there is none, or `undefined` when this kind and namespace are not cached. */
  get(kind: KindToken, key: ObjectKey): Promise<{ object: KubernetesObject | undefined } | undefined>;
  /** The objects, or `undefined` when this kind, namespace or selector is not cached. */
  list(kind: KindToken, options: ListOptions): Promise<KubernetesObject[] | undefined>;
  /** Told of every answer to a write, so that later reads see it, and of the JSON in which it came. */
  wrote(object: KubernetesObject, json: string): void;
  /** Told of every object that a delete removed at once. */
  removed(kind: KindToken, key: ObjectKey, uid: string | undefined): void;
}
