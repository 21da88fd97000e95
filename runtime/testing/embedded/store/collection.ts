import type { Change, Entry } from "./entry.ts";

/** Called synchronously with each change, in order. */
export type Observer = (change: Change) => void;

/**
 * All objects of one resource, sorted by namespace and name as etcd's keys are, with the changes that led to them.
 * Only `Store` writes to it.
 */
export class Collection {
  /** `pods`, `deployments.apps`. */
  readonly name: string;
  readonly #entries = new Map<string, Entry>();
  /** Keys in order. */
  readonly #keys: string[] = [];
  readonly #history: Change[] = [];
  readonly #observers = new Set<Observer>();
  /** Changes at or before this revision are forgotten. */
  #forgotten = 0;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Current entries in order, from `after` (a key, exclusive) and within `namespace` (all if empty). */
  list(namespace = "", after = ""): Entry[] {
    const prefix = namespace === "" ? "" : `${namespace}/`;
    const start = Math.max(after === "" ? 0 : this.#position(after, true), prefix === "" ? 0 : this.#position(prefix, false));
    const found: Entry[] = [];
    for (let index = start; index < this.#keys.length; index++) {
      const key = this.#keys[index] ?? "";
      if (prefix !== "" && !key.startsWith(prefix)) break;
      const entry = this.#entries.get(key);
      if (entry) found.push(entry);
    }
    return found;
  }

  /** The entries as they were at `revision`, in order; `undefined` when the history does not reach back so far. */
  listAt(revision: number, namespace = ""): Entry[] | undefined {
    if (revision < this.#forgotten) return undefined;
    const state = new Map(this.list(namespace).map((entry) => [entry.key, entry]));
    for (let index = this.#history.length - 1; index >= 0; index--) {
      const change = this.#history[index];
      if (change === undefined || change.revision <= revision) break;
      if (namespace !== "" && change.entry.namespace !== namespace) continue;
      if (change.previous === undefined) state.delete(change.entry.key);
      else state.set(change.entry.key, change.previous);
    }
    return [...state.values()].sort((left, right) => compareKeys(left.key, right.key));
  }

  /** Changes after `revision`, oldest first; `undefined` when the history does not reach back so far. */
  changesAfter(revision: number): readonly Change[] | undefined {
    if (revision < this.#forgotten) return undefined;
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#history[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  /** The oldest revision that `changesAfter` and `listAt` still know. */
  get oldest(): number {
    return this.#forgotten;
  }

  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Makes a change, keeps at most `historyLimit` of them, and tells the observers. */
  commit(change: Change, historyLimit: number): void {
    const { key } = change.entry;
    if (change.type === "DELETED") {
      this.#entries.delete(key);
      this.#keys.splice(this.#position(key, false), 1);
    } else {
      if (change.previous === undefined) this.#keys.splice(this.#position(key, false), 0, key);
      this.#entries.set(key, change.entry);
    }
    this.#history.push(change);
    // Trimmed in blocks, so that a long history is not moved with every write.
    if (this.#history.length > historyLimit * 1.25 + 16) this.#trim(this.#history.length - historyLimit);
    for (const observer of this.#observers) observer(change);
  }

  /** Forgets all changes at or before `revision`. */
  forget(revision: number): void {
    let count = 0;
    while (count < this.#history.length && (this.#history[count]?.revision ?? 0) <= revision) count++;
    this.#history.splice(0, count);
    this.#forgotten = Math.max(this.#forgotten, revision);
  }

  #trim(count: number): void {
    this.#forgotten = this.#history[count - 1]?.revision ?? this.#forgotten;
    this.#history.splice(0, count);
  }

  /** Index of the first key that is not less than `key` (or greater, with `after`). */
  #position(key: string, after: boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareKeys(this.#keys[middle] ?? "", key);
      if (order < 0 || (after && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Order of etcd's keys. Names are ASCII, for which JavaScript's order of code units is the order of bytes. */
function compareKeys(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
