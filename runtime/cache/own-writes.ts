import { compareResourceVersions, type KubernetesObject } from "../object/index.ts";
import type { StoredEntry } from "./store.ts";

/** An object as our own write left it, or one that our own delete removed, with the last resource version known of it. */
type OwnWrite = { kind: "written"; entry: StoredEntry } | { kind: "removed"; uid: string; resourceVersion: string };

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

  has(key: string): boolean {
    return this.#writes.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#writes.keys();
  }

  /** What a reader sees, where this is in the store. */
  over(key: string, stored: StoredEntry | undefined): StoredEntry | undefined {
    const write = this.#writes.get(key);
    if (write === undefined) return stored;
    if (write.kind === "written") return write.entry;
    return stored && isLater(stored, write) ? stored : undefined;
  }

  /** @param entry the object in the form in which reads are to find it */
  wrote(key: string, object: KubernetesObject, entry: StoredEntry): void {
    const { resourceVersion = "", uid } = object.metadata ?? {};
    if (!isNewer(resourceVersion, this.#seen)) return;
    const before = this.#writes.get(key);
    if (before?.kind === "written" && !isNewer(resourceVersion, before.entry.resourceVersion)) return;
    // The answer to an earlier write has been overtaken by our delete: of this object, or of a later one of its name.
    if (before?.kind === "removed" && (before.uid === uid || !isNewer(resourceVersion, before.resourceVersion))) return;
    this.#writes.delete(key); // so that the order of the map is the order of the writes
    this.#writes.set(key, { kind: "written", entry });
  }

  /**
   * A mark is needed only while the watch still has to report the end: when the object is in the store (`stored`), or the watch
   * has not even reported our write of it.
   */
  removed(key: string, uid: string | undefined, stored: StoredEntry | undefined): void {
    const write = this.#writes.get(key);
    const known = [write?.kind === "written" ? write.entry : undefined, stored]
      .filter((entry) => entry !== undefined)
      .map((entry) => ({ resourceVersion: entry.resourceVersion, uid: uidOf(entry) }));
    const gone = known.find((each) => each.uid === (uid ?? known[0]?.uid));
    if (gone === undefined) return; // gone already, or another object has its name
    this.#writes.delete(key);
    this.#writes.set(key, { kind: "removed", ...gone });
  }

  /** The object is no longer kept. */
  forget(key: string): void {
    this.#writes.delete(key);
  }

  /** The watch reported this object. */
  reported(type: "ADDED" | "MODIFIED" | "DELETED", key: string, { metadata: { uid, resourceVersion = "" } = {} }: KubernetesObject): void {
    const write = this.#writes.get(key);
    if (write?.kind === "removed") {
      const isItsEnd = type === "DELETED" && uid === write.uid;
      if (isItsEnd || (uid !== write.uid && isNewer(resourceVersion, write.resourceVersion))) this.#writes.delete(key);
    }
    this.reached(resourceVersion);
  }

  /** The watch has come as far as this resource version: everything written up to it is in the store. */
  reached(resourceVersion: string): void {
    if (!isNewer(resourceVersion, this.#seen)) return;
    this.#seen = resourceVersion;
    for (const [key, write] of this.#writes) {
      if (write.kind === "removed") continue;
      // Answers of different keys may come out of order; what is left behind a newer one goes with it.
      if (isNewer(write.entry.resourceVersion, resourceVersion)) return;
      this.#writes.delete(key);
    }
  }

  /** A consistent list took the store's place. */
  replaced(list: ReadonlyMap<string, StoredEntry>, resourceVersion: string): void {
    // After a restore of etcd the numbers begin again lower, and what was written in the lost time is no more.
    if (isNewer(this.#seen, resourceVersion)) this.#writes.clear();
    this.#seen = resourceVersion;
    for (const [key, write] of this.#writes) {
      const known = write.kind === "written" ? write.entry.resourceVersion : write.resourceVersion;
      const listed = write.kind === "removed" ? list.get(key) : undefined;
      const isListed = write.kind === "removed" && listed !== undefined && uidOf(listed) === write.uid;
      if (!isListed && !isNewer(known, resourceVersion)) this.#writes.delete(key);
    }
  }
}

/** Another object of the same name, which came after the one that was removed. */
function isLater(entry: StoredEntry, removed: { uid: string; resourceVersion: string }): boolean {
  return isNewer(entry.resourceVersion, removed.resourceVersion) && uidOf(entry) !== removed.uid;
}

function uidOf(entry: StoredEntry): string {
  return entry.parse().metadata?.uid ?? "";
}

function isNewer(a: string, b: string): boolean {
  return compareResourceVersions(a, b) > 0;
}
