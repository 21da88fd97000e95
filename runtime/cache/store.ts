import { compareResourceVersions, parseJson, stringifyJson, type KubernetesObject } from "../object/index.ts";

/** What is kept of an object beside its bytes, for handlers and selectors that need no more. */
export interface StoredEntry {
  /** The object as JSON, outside the heap: the garbage collector does not walk it, and every reader parses a copy of its own. */
  readonly bytes: Buffer;
  readonly resourceVersion: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

export function toEntry(object: KubernetesObject): StoredEntry {
  const { resourceVersion = "", uid = "", labels } = object.metadata ?? {};
  const json = stringifyJson(object);
  // Not from Node's shared pool: an object that lives long would hold 8 kB of others' garbage.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return { bytes, resourceVersion, uid, labels };
}

export function parseEntry(entry: StoredEntry): KubernetesObject {
  return parseJson(entry.bytes.toString("utf8")) as KubernetesObject;
}

/** How one object changed. */
export interface Change {
  type: "ADDED" | "MODIFIED" | "DELETED";
  key: string;
  before: StoredEntry | undefined;
  after: StoredEntry;
}

/**
 * The objects of one collection as the watch last reported them. An object never goes back to an older resource version,
 * except by {@link replace}, which takes over a consistent list as it is (after a restore of etcd the numbers may be lower).
 */
export class Store {
  #entries = new Map<string, StoredEntry>();
  #bytes = 0;

  /** Of the objects' JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<[string, StoredEntry]> {
    return this.#entries.entries();
  }

  /** Takes over an event. Returns `undefined` when it is older than what is known, or reports nothing new. */
  apply(type: "ADDED" | "MODIFIED" | "DELETED", key: string, after: StoredEntry): Change | undefined {
    const before = this.#entries.get(key);
    if (before && compareResourceVersions(after.resourceVersion, before.resourceVersion) < 0) return undefined;
    if (type === "DELETED") {
      this.#bytes -= before?.bytes.length ?? 0;
      return this.#entries.delete(key) ? { type, key, before, after } : undefined;
    }
    if (before?.resourceVersion === after.resourceVersion && before.uid === after.uid) return undefined;
    this.#entries.set(key, after);
    this.#bytes += after.bytes.length - (before?.bytes.length ?? 0);
    return { type: before ? "MODIFIED" : "ADDED", key, before, after };
  }

  /** Swaps in a whole list at once and returns exactly the differences, deletions that were missed included. */
  replace(list: ReadonlyMap<string, StoredEntry>): Change[] {
    const previous = this.#entries;
    this.#entries = new Map(list);
    this.#bytes = 0;
    for (const { bytes } of list.values()) this.#bytes += bytes.length;
    const changes: Change[] = [];
    for (const [key, before] of previous) if (!list.has(key)) changes.push({ type: "DELETED", key, before, after: before });
    for (const [key, after] of list) {
      const before = previous.get(key);
      if (before === undefined) changes.push({ type: "ADDED", key, before, after });
      else if (before.resourceVersion !== after.resourceVersion || before.uid !== after.uid)
        changes.push({ type: "MODIFIED", key, before, after });
    }
    return changes;
  }
}
