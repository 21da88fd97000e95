import { compareResourceVersions, parseJson, stringifyJson, type KubernetesObject } from "../object/index.ts";
import { Slabs, type Resident, type Slab } from "./slabs.ts";

/** An object as it is kept: in a form that costs little, and beside it what events and selectors need without parsing it. */
export interface StoredEntry {
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** A copy of the object that is the caller's own. */
  parse(): KubernetesObject;
}

/** An object as JSON in a slab outside the heap: the garbage collector does not walk it, and every reader parses a copy of its own. */
class SlabEntry implements StoredEntry, Resident {
  slab: Slab;
  start: number;
  isReleased = false;
  readonly length: number;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>> | undefined;

  constructor(slab: Slab, start: number, length: number, { metadata = {} }: KubernetesObject) {
    this.slab = slab;
    this.start = start;
    this.length = length;
    this.resourceVersion = metadata.resourceVersion ?? "";
    this.labels = metadata.labels;
  }

  parse(): KubernetesObject {
    return parseJson(this.slab.buffer.toString("utf8", this.start, this.start + this.length)) as KubernetesObject;
  }

  isSameAs({ resourceVersion, slab, start, length }: SlabEntry): boolean {
    if (resourceVersion !== this.resourceVersion || length !== this.length) return false;
    return slab.buffer.compare(this.slab.buffer, this.start, this.start + length, start, start + length) === 0;
  }
}

/** An object as JSON text, for what is kept for a moment only. Reading it applies `prepare`, as the store has it before it keeps an object. */
export function textEntry(object: KubernetesObject, text: string, prepare: (object: KubernetesObject) => void): StoredEntry {
  const { resourceVersion = "", labels } = object.metadata ?? {};
  const parse = () => {
    const copy = parseJson(text) as KubernetesObject;
    prepare(copy);
    return copy;
  };
  return { resourceVersion, labels: labels && { ...labels }, parse };
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
  readonly #slabs = new Slabs();
  #entries = new Map<string, SlabEntry>();
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

  /**
   * Takes over an event. Returns `undefined` when it is older than what is known, or reports nothing new.
   *
   * @param json the object as it is to be kept, where that is at hand
   */
  apply(type: "ADDED" | "MODIFIED" | "DELETED", key: string, object: KubernetesObject, json = jsonOf(object)): Change | undefined {
    const before = this.#entries.get(key);
    const { resourceVersion = "" } = object.metadata ?? {};
    if (before && compareResourceVersions(resourceVersion, before.resourceVersion) < 0) return undefined;
    if (type === "DELETED") {
      if (before === undefined) return undefined;
      this.#entries.delete(key);
      this.#release(before);
      return { type, key, before, after: textEntry(object, json.toString("utf8"), () => undefined) };
    }
    if (before?.resourceVersion === resourceVersion) return undefined;
    const after = this.#keep(object, json);
    if (before !== undefined) this.#release(before);
    this.#entries.set(key, after);
    return { type: before ? "MODIFIED" : "ADDED", key, before, after };
  }

  /** Drops an object that is no longer kept. */
  forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#release(entry);
  }

  /** Begins to collect a list that may take the place of all that is here. */
  collect(): Collection {
    return new Collection(
      (object, json) => this.#keep(object, json),
      (entry) => this.#release(entry),
      (entries) => this.#replace(entries),
    );
  }

  /** Swaps in a whole list at once and returns exactly the differences, deletions that were missed included. */
  #replace(list: Map<string, SlabEntry>): Change[] {
    const previous = this.#entries;
    this.#entries = list;
    const changes: Change[] = [];
    for (const [key, before] of previous) {
      if (!list.has(key)) changes.push({ type: "DELETED", key, before, after: before });
      this.#release(before);
    }
    for (const [key, after] of list) {
      const before = previous.get(key);
      if (before === undefined) changes.push({ type: "ADDED", key, before, after });
      else if (!before.isSameAs(after)) changes.push({ type: "MODIFIED", key, before, after });
    }
    return changes;
  }

  #keep(object: KubernetesObject, json: Buffer): SlabEntry {
    this.#bytes += json.length;
    return this.#slabs.keep(json, (slab, start) => new SlabEntry(slab, start, json.length, object));
  }

  #release(entry: SlabEntry): void {
    this.#bytes -= entry.length;
    this.#slabs.release(entry);
  }
}

type Keep = (object: KubernetesObject, json: Buffer) => SlabEntry;

/** A list on its way into a {@link Store}. */
export class Collection {
  readonly #entries = new Map<string, SlabEntry>();
  readonly #keep: Keep;
  readonly #release: (entry: SlabEntry) => void;
  readonly #replace: (entries: Map<string, SlabEntry>) => Change[];

  constructor(keep: Keep, release: (entry: SlabEntry) => void, replace: (entries: Map<string, SlabEntry>) => Change[]) {
    this.#keep = keep;
    this.#release = release;
    this.#replace = replace;
  }

  get entries(): ReadonlyMap<string, StoredEntry> {
    return this.#entries;
  }

  set(key: string, object: KubernetesObject, json = jsonOf(object)): void {
    this.delete(key);
    this.#entries.set(key, this.#keep(object, json));
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#release(entry);
    this.#entries.delete(key);
  }

  /** Puts the list into the store and returns what changes by it. It may be called once. */
  complete(): Change[] {
    return this.#replace(this.#entries);
  }

  /** Drops what was collected. */
  abandon(): void {
    for (const entry of this.#entries.values()) this.#release(entry);
    this.#entries.clear();
  }
}

function jsonOf(object: KubernetesObject): Buffer {
  return Buffer.from(stringifyJson(object));
}
