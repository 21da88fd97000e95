import { compareResourceVersions, type KubernetesObject } from "../object/index.ts";
import { toEntry, type StoredEntry } from "./store.ts";

/** An object as our own write left it, or the uid of one that our own delete removed. */
type OwnWrite = { kind: "written"; entry: StoredEntry } | { kind: "removed"; uid: string };

/**
 * What this process wrote and the watch has not reported yet. Reads look here first, so they see their own writes or something
 * newer. It lies over the store and never changes it: whatever others did in between still arrives as an event.
 */
export class OwnWrites {
  readonly #writes = new Map<string, OwnWrite>();
  /** How far the watch has come; an answer that arrives after its own event is no news. */
  #seen = "";

  get size(): number {
    return this.#writes.size;
  }

  get(key: string): OwnWrite | undefined {
    return this.#writes.get(key);
  }

  entries(): IterableIterator<[string, OwnWrite]> {
    return this.#writes.entries();
  }

  wrote(key: string, object: KubernetesObject): void {
    const entry = toEntry(object);
    if (!isNewer(entry.resourceVersion, this.#seen)) return;
    const before = this.#writes.get(key);
    if (before?.kind === "written" && !isNewer(entry.resourceVersion, before.entry.resourceVersion)) return;
    this.#writes.delete(key); // so that the order of the map is the order of the writes
    this.#writes.set(key, { kind: "written", entry });
  }

  /** `stored` is what the store holds; an absent object needs no mark, for the watch has already reported its end. */
  removed(key: string, uid: string | undefined, stored: StoredEntry | undefined): void {
    const written = this.#writes.get(key);
    const gone = uid ?? (written?.kind === "written" ? written.entry.uid : stored?.uid);
    this.#writes.delete(key);
    if (stored && gone === stored.uid) this.#writes.set(key, { kind: "removed", uid: gone });
  }

  /** The watch reported this object. */
  reported(type: "ADDED" | "MODIFIED" | "DELETED", key: string, entry: StoredEntry): void {
    const write = this.#writes.get(key);
    if (write?.kind === "removed" && (type === "DELETED" || entry.uid !== write.uid)) this.#writes.delete(key);
    this.reached(entry.resourceVersion);
  }

  /** The watch has come as far as this resource version: everything written up to it is in the store. */
  reached(resourceVersion: string): void {
    if (!isNewer(resourceVersion, this.#seen)) return;
    this.#seen = resourceVersion;
    for (const [key, write] of this.#writes) {
      if (write.kind === "removed") continue;
      if (isNewer(write.entry.resourceVersion, resourceVersion)) return;
      this.#writes.delete(key);
    }
  }

  /** A consistent list took the store's place. */
  replaced(list: ReadonlyMap<string, StoredEntry>, resourceVersion: string): void {
    this.#seen = resourceVersion;
    for (const [key, write] of this.#writes) {
      const over = write.kind === "removed" ? list.get(key)?.uid !== write.uid : !isNewer(write.entry.resourceVersion, resourceVersion);
      if (over) this.#writes.delete(key);
    }
  }
}

function isNewer(a: string, b: string): boolean {
  return compareResourceVersions(a, b) > 0;
}
