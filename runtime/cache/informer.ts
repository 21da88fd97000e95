import { keyString, matchLabels, parseKey, type KindToken, type KubernetesObject, type ObjectKey } from "../object/index.ts";
import type { OwnerReference } from "../api/index.ts";
import type { ListOptions } from "../client/index.ts";
import { Indexer, type IndexFunction, type IndexValues } from "./indexer.ts";
import { OwnWrites } from "./own-writes.ts";
import { Reflector, type ListSink, type ReflectorOptions, type ReflectorSink } from "./reflector.ts";
import { matcherOf, type Selection } from "./selection.ts";
import { Store, textEntry, type Change, type StoredEntry } from "./store.ts";

/** One change as handlers see it. `object` and `before` are parsed when they are asked for, and are the handler's own. */
export interface InformerEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly key: ObjectKey;
  /** True for what was there before the informer started, or was found by a relist. */
  readonly fromList: boolean;
  readonly ownerReferences: readonly OwnerReference[];
  readonly object: KubernetesObject;
  /** The state before the change; `undefined` when the object is new. */
  readonly before: KubernetesObject | undefined;
}

export type InformerHandler = (event: InformerEvent) => void;

export interface InformerOptions extends Omit<ReflectorOptions, "sink"> {
  /** The namespace this informer is limited to. */
  namespace?: string | undefined;
  /** Drops what nobody here reads, before the object is stored. */
  transform?: ((object: KubernetesObject) => void) | undefined;
  /** Which objects the query of this informer selects. Default: all. */
  selection?: Selection;
  indexes?: ReadonlyMap<string, IndexFunction>;
  /** Told that the API server reports again, at every report. */
  onProgress?: () => void;
  /** Told of an index function that threw. */
  onIndexFault?: (index: string, error: unknown) => void;
}

/** How one informer is doing, for metrics. */
export interface InformerState {
  kind: KindToken;
  namespace: string | undefined;
  /** `waiting` for a kind that was taken away. */
  phase: "listing" | "watching" | "waiting";
  objects: number;
  bytes: number;
  /** When the watch last reported something, bookmarks included; milliseconds since the epoch, `undefined` before that. */
  lastEventAt: number | undefined;
  /** Lists after the first one. */
  relists: number;
  /** Watches that were opened after a list or an earlier watch had ended. */
  watchRestarts: number;
}

const EVERYTHING: Selection = { labels: "", fields: "" };

/** A live copy of one collection: reflector, store, own writes, and the handlers of its changes. */
export class Informer {
  readonly kind: KindToken;
  readonly namespace: string | undefined;
  readonly #options: InformerOptions;
  readonly #store = new Store();
  readonly #ownWrites = new OwnWrites();
  readonly #handlers: InformerHandler[] = [];
  readonly #reflector: Reflector;
  readonly #indexer: Indexer;
  readonly #matches: (object: KubernetesObject) => boolean;
  /** What the informer is limited to. */
  readonly selection: Selection;
  #lastEventAt: number | undefined;
  #markSynced: () => void = () => undefined;
  #markEnded: (reason: unknown) => void = () => undefined;
  /** Resolves once the initial list is in the store; rejects with the reason when the informer ends before that. */
  readonly synced: Promise<void>;
  hasSynced = false;

  constructor(options: InformerOptions) {
    this.kind = { apiVersion: options.apiVersion, kind: options.kind };
    this.namespace = options.namespace;
    this.#options = options;
    this.selection = options.selection ?? EVERYTHING;
    this.#matches = matcherOf(this.selection);
    this.#indexer = new Indexer(options.indexes ?? new Map(), options.onIndexFault ?? (() => undefined));
    this.synced = new Promise((resolve, reject) => {
      this.#markSynced = resolve;
      this.#markEnded = reject;
    });
    this.synced.catch(() => undefined); // whoever waits is told
    const sink: ReflectorSink = {
      list: () => this.#list(),
      event: (type, object, json) => this.#event(type, object, json),
      gone: () => this.#gone(),
      bookmark: (resourceVersion) => {
        this.#progressed();
        this.#ownWrites.reached(resourceVersion);
      },
    };
    this.#reflector = new Reflector({ ...options, sink });
  }

  /** Handlers are told of every change from now on; one that comes late is first told of everything there is. */
  addHandler(handler: InformerHandler): void {
    this.#handlers.push(handler);
    for (const [key, after] of this.#store.entries()) handler(new Event({ type: "ADDED", key, before: undefined, after }, true, undefined));
  }

  /** Tells a handler of nothing more. */
  removeHandler(handler: InformerHandler): void {
    const index = this.#handlers.indexOf(handler);
    if (index >= 0) this.#handlers.splice(index, 1);
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal);
    this.#markEnded(signal.reason);
  }

  get size(): number {
    return this.#store.size;
  }

  /** Drops an object that is not kept any more, without telling anybody: it is not gone. */
  forget(key: ObjectKey): void {
    const text = keyString(key);
    this.#store.forget(text);
    this.#indexer.delete(text);
    this.#ownWrites.forget(text);
  }

  get state(): InformerState {
    const { kind, namespace } = this;
    const { size: objects, bytes } = this.#store;
    const { phase, lists, streams } = this.#reflector;
    const [relists, watchRestarts] = [Math.max(lists - 1, 0), Math.max(streams - 1, 0)];
    return { kind, namespace, phase, objects, bytes, lastEventAt: this.#lastEventAt, relists, watchRestarts };
  }

  /** True when objects can be found by this index. */
  hasIndex(index: string): boolean {
    return this.#indexer.has(index);
  }

  get(key: ObjectKey): KubernetesObject | undefined {
    const text = keyString(key);
    return this.#ownWrites.over(text, this.#store.get(text))?.parse();
  }

  list({ namespace, labelSelector, index = {} }: ListOptions): KubernetesObject[] {
    const matches = labelSelector === undefined ? () => true : matchLabels(labelSelector);
    const prefix = namespace === undefined ? "" : `${namespace}/`;
    const objects: KubernetesObject[] = [];
    const isListed = (key: string, { labels }: StoredEntry) => key.startsWith(prefix) && matches(labels);
    for (const [key, entry] of this.#indexed(index)) {
      if (!this.#ownWrites.has(key) && isListed(key, entry)) objects.push(entry.parse());
    }
    for (const key of this.#ownWrites.keys()) {
      const entry = this.#ownWrites.over(key, this.#store.get(key));
      if (entry === undefined || !isListed(key, entry)) continue;
      const object = entry.parse();
      const values = this.#indexer.valuesOf(object);
      if (Object.entries(index).every(([name, value]) => values.get(name)?.includes(value))) objects.push(object);
    }
    return objects;
  }

  /** The stored objects that have all these values in the indexes. */
  *#indexed(index: Readonly<Record<string, string>>): Iterable<[string, StoredEntry]> {
    const [smallest, ...others] = Object.entries(index)
      .map(([name, value]) => this.#indexer.keys(name, value))
      .toSorted((a, b) => a.size - b.size);
    if (smallest === undefined) {
      yield* this.#store.entries();
      return;
    }
    for (const key of smallest) {
      const entry = this.#store.get(key);
      if (entry && others.every((keys) => keys.has(key))) yield [key, entry];
    }
  }

  /**
   * Told of the answer to a write of our own.
   *
   * @param json the object, in any form that the API server has sent
   */
  wrote(object: KubernetesObject, json: string): void {
    const key = keyOfObject(object);
    // A write may take an object out of the selection: then it is gone from here as if it were deleted.
    if (!this.#matches(object)) {
      this.#ownWrites.removed(key, object.metadata?.uid, this.#store.get(key));
      return;
    }
    const entry = textEntry(object, json, (copy) => this.#prepare(copy));
    this.#ownWrites.wrote(key, object, entry);
  }

  /** Told that a delete of our own removed the object. */
  removed(key: ObjectKey, uid: string | undefined): void {
    const text = keyString(key);
    this.#ownWrites.removed(text, uid, this.#store.get(text));
  }

  #list(): ListSink {
    const list = this.#store.collect();
    const indexed = new Map<string, IndexValues>();
    return {
      add: (type, object, json) => {
        if (!this.#isKept(object)) return;
        const key = keyOfObject(object);
        if (type === "DELETED") {
          list.delete(key);
          indexed.delete(key);
          return;
        }
        const isChanged = this.#prepare(object);
        const values = this.#indexer.valuesOf(object);
        if (values.size > 0) indexed.set(key, values);
        list.set(key, object, isChanged ? undefined : json);
      },
      complete: (resourceVersion) => {
        this.#progressed();
        for (const key of list.entries.keys()) {
          if (this.#options.isKept?.(parseKey(key).name) === false) list.delete(key); // since it arrived
        }
        const changes = list.complete();
        this.#indexer.replace(indexed);
        this.#ownWrites.replaced(list.entries, resourceVersion);
        for (const change of changes) this.#tell(change, true);
        this.hasSynced = true;
        this.#markSynced();
      },
      abandon: () => list.abandon(),
    };
  }

  #gone(): void {
    const changes = this.#store.collect().complete();
    this.#indexer.replace(new Map());
    this.#ownWrites.replaced(new Map(), "");
    for (const change of changes) this.#tell(change, true);
    this.hasSynced = true;
    this.#markSynced();
  }

  #event(type: "ADDED" | "MODIFIED" | "DELETED", object: KubernetesObject, json: Buffer | undefined): void {
    this.#progressed();
    if (!this.#isKept(object)) return;
    const key = keyOfObject(object);
    const isChanged = this.#prepare(object);
    const change = this.#store.apply(type, key, object, isChanged ? undefined : json);
    if (change?.type === "DELETED") this.#indexer.delete(key);
    else if (change) this.#indexer.set(key, this.#indexer.valuesOf(object));
    this.#ownWrites.reported(type, key, object);
    if (change) this.#tell(change, false, object);
  }

  #progressed(): void {
    this.#lastEventAt = this.#options.clock.monotonic();
    this.#options.onProgress?.();
  }

  #isKept(object: KubernetesObject): boolean {
    return this.#options.isKept?.(object.metadata?.name ?? "") !== false;
  }

  #tell(change: Change, fromList: boolean, object?: KubernetesObject): void {
    for (const handler of this.#handlers) handler(new Event(change, fromList, object?.metadata?.ownerReferences));
  }

  /** Takes off what is not kept. True when the object has changed by it. */
  #prepare(object: KubernetesObject): boolean {
    const { isOurs, transform } = this.#options;
    const { metadata } = object;
    const ours = metadata?.managedFields?.filter(({ manager = "", operation = "" }) => isOurs(manager, operation));
    const isChanged = transform !== undefined || ours?.length !== metadata?.managedFields?.length;
    if (metadata !== undefined && isChanged) {
      if (ours !== undefined && ours.length > 0) metadata.managedFields = ours;
      else delete metadata.managedFields;
    }
    transform?.(object);
    return isChanged;
  }
}

class Event implements InformerEvent {
  readonly type: InformerEvent["type"];
  readonly fromList: boolean;
  readonly #change: Change;
  #ownerReferences: readonly OwnerReference[] | undefined;
  #object: KubernetesObject | undefined;
  #before: KubernetesObject | undefined;

  constructor(change: Change, fromList: boolean, ownerReferences: readonly OwnerReference[] | undefined) {
    this.type = change.type;
    this.fromList = fromList;
    this.#change = change;
    this.#ownerReferences = ownerReferences;
  }

  get key(): ObjectKey {
    return parseKey(this.#change.key);
  }

  get ownerReferences(): readonly OwnerReference[] {
    return (this.#ownerReferences ??= this.object.metadata?.ownerReferences ?? []);
  }

  get object(): KubernetesObject {
    return (this.#object ??= this.#change.after.parse());
  }

  get before(): KubernetesObject | undefined {
    return (this.#before ??= this.#change.before?.parse());
  }
}

function keyOfObject(object: KubernetesObject): string {
  const { namespace, name = "" } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}
