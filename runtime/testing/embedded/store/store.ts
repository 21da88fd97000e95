import type { JsonObject } from "../../../schema/index.ts";
import { Collection } from "./collection.ts";
import { Entry, type Change } from "./entry.ts";

/** Told about every change of every collection, in the one global order. */
export type StoreObserver = (collection: Collection, change: Change) => void;

export interface StoreOptions {
  /** How many changes each collection remembers for watches and paged lists. Default 20,000. */
  readonly history?: number;
}

/**
 * The data of the cluster: collections of immutable entries under one counter of resource versions. Every write is synchronous:
 * it gets the next revision, is in its collection and its log, and all observers know, before the call returns.
 */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #observers = new Set<StoreObserver>();
  readonly #historyLimit: number;
  #revision = 0;

  constructor({ history = 20_000 }: StoreOptions = {}) {
    this.#historyLimit = history;
  }

  /** The revision of the last write. */
  get revision(): number {
    return this.#revision;
  }

  collection(name: string): Collection {
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Collection(name);
      this.#collections.set(name, collection);
    }
    return collection;
  }

  collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  /** Stores a new object. The caller has checked, synchronously, that the key is free. `object` belongs to the store from here on. */
  create(collection: Collection, namespace: string, name: string, object: JsonObject): Entry {
    const entry = this.#entry(namespace, name, object);
    this.#commit(collection, { type: "ADDED", entry, previous: undefined, revision: entry.revision });
    return entry;
  }

  /** Replaces `previous`, which the caller has read in the same turn of the event loop. */
  update(collection: Collection, previous: Entry, object: JsonObject): Entry {
    const entry = this.#entry(previous.namespace, previous.name, object);
    this.#commit(collection, { type: "MODIFIED", entry, previous, revision: entry.revision });
    return entry;
  }

  /** Removes `previous`; the result is its last state, with the deletion's revision. */
  delete(collection: Collection, previous: Entry, last: JsonObject = previous.object): Entry {
    const metadata = { ...(last["metadata"] as JsonObject) };
    const entry = this.#entry(previous.namespace, previous.name, { ...last, metadata });
    this.#commit(collection, { type: "DELETED", entry, previous, revision: entry.revision });
    return entry;
  }

  observe(observer: StoreObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Forgets the history up to now, as etcd does when it compacts: older watches and continue tokens get 410. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.forget(this.#revision);
  }

  #entry(namespace: string, name: string, object: JsonObject): Entry {
    const revision = ++this.#revision;
    (object["metadata"] as JsonObject)["resourceVersion"] = String(revision);
    return new Entry(namespace, name, object, revision);
  }

  #commit(collection: Collection, change: Change): void {
    collection.commit(change, this.#historyLimit);
    for (const observer of this.#observers) observer(collection, change);
  }
}
