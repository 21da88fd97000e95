import {
  describeKind, isMetadataOnly, joinSignals, keyOf, metadataOnly, sleep, stringifyJson, systemClock,
  type Clock, type KindToken, type KubernetesObject, type LabelSelectorLike, type JoinedSignal, type Logger, type ObjectKey,
} from "../object/index.ts"; // prettier-ignore
import {
  NoKindMatchError, type CachedReader, type ListOptions, type RestMapper, type Transport,
} from "../client/index.ts"; // prettier-ignore
import type { IndexFunction } from "./indexer.ts";
import type { Informer, InformerHandler, InformerState } from "./informer.ts";
import { Informers } from "./informers.ts";
import { ReferenceCache, type ReferencesSettings } from "./references.ts";
import { covers, isEverything, matcherOf, selectionOf, type Selection } from "./selection.ts";

export interface CacheOptions {
  transport: Transport;
  mapper: RestMapper;
  log: Logger;
  /** The namespaces to watch. Default: all, by one cluster-wide watch for each kind. */
  namespaces?: readonly string[] | undefined;
  references?: ReferencesSettings | undefined;
  clock?: Clock;
  random?: () => number;
}

/** What of a kind is kept, and how it is found. */
export interface CacheSettings<T = KubernetesObject> {
  /** Watch the kind in these namespaces, whatever those of the manager are. Reads of others go to the API server. Default: the manager's. */
  namespaces?: readonly string[];
  /** Keep only objects with such labels. Reads that ask for more, or for a name that is not among them, go to the API server. */
  labelSelector?: LabelSelectorLike;
  /** Keep only objects with such fields, for example `spec.nodeName=worker-1`. Each kind knows a few such fields. */
  fieldSelector?: string;
  /**
   * Functions that say under which values an object is found: `client.list(Pod, { index: { node: "worker-1" } })`. They are called with the
   * object as it is kept, whenever it changes, and are done with all objects before the first reconcile.
   *
   * @example { indexes: { node: (pod: IPod) => [pod.spec?.nodeName ?? ""] } }
   */
  indexes?: Readonly<Record<string, IndexFunction<T>>>;
  /**
   * Takes off the object what nobody here reads, before it is kept: large parts of the spec, annotations. The trap: what is read from the
   * cache lacks it, so write such objects by `apply` or `patch`; an `update` would take it off on the server as well.
   */
  transform?: (object: T) => void;
  /** True to start though the cluster does not have the kind yet, and to begin to watch it once its CRD is there. Default: that is an error. */
  optional?: boolean;
}

/** What of a kind is kept that is acquired while running. */
export type AcquireSettings<T = KubernetesObject> = Omit<CacheSettings<T>, "optional">;

/** A share in a cache, which lasts until its last share is released. */
export interface CacheLease {
  /** Ends this share; calling it again does nothing. */
  release(): void;
}

interface Declared {
  readonly key: string;
  readonly kind: KindToken;
  readonly selection: Selection;
  /** Its own namespaces; `undefined` for those of the whole cache. */
  readonly namespaces: readonly string[] | undefined;
  readonly handlers: InformerHandler[];
  readonly indexes: Map<string, IndexFunction>;
  transform: ((object: KubernetesObject) => void) | undefined;
  optional: boolean;
  informers: Informer[];
  /** What ends each of the informers. */
  readonly lives: Map<Informer, JoinedSignal>;
  /** Shares that were acquired while running. */
  leases: number;
  /** It was declared before the start, and stays. */
  isPermanent: boolean;
  /** That the informers have been begun. */
  begun: Promise<void> | undefined;
}

/** How often it is looked whether an optional kind has come, in milliseconds. */
const OPTIONAL_CHECK = 10_000;

/**
 * The informers of the kinds that were declared, one for each kind and selector (and namespace). Reads of these kinds are answered here, after
 * the initial list has arrived; any other kind, and whatever is outside the namespaces or the selector of a cache, is the client's to read
 * live: nothing is watched by surprise, and nothing is called absent that is only not kept.
 */
export class Cache implements CachedReader {
  readonly #options: CacheOptions;
  readonly #declared = new Map<string, Declared>();
  /** The caches of a kind, the one of everything first. */
  readonly #byKind = new Map<string, Declared[]>();
  readonly #informers: Informers;
  #running: AbortSignal | undefined;
  #namespaces: readonly string[] | undefined;
  /** Objects of kinds that need not be declared, as long as somebody refers to them. */
  readonly references: ReferenceCache;

  /** @throws TypeError when the list of namespaces is empty: an operator that watches nothing, or everything, by mistake */
  constructor(options: CacheOptions) {
    this.#options = options;
    this.#namespaces = checkedNamespaces(options.namespaces);
    const { transport, mapper, log, clock = systemClock, random = Math.random, references = {} } = options;
    this.#informers = new Informers({ transport, mapper, log, clock, random });
    this.references = new ReferenceCache({
      clock,
      settings: references,
      isNamespaced: async (kind) => (await mapper.mapping(kind)).namespaced,
      informer: (kind, namespace, { name, isKept, onFault }) =>
        this.#informers.make(
          { kind, selection: { labels: "", fields: name === undefined ? "" : `metadata.name=${name}` } },
          namespace,
          { isKept },
          onFault,
        ),
    });
  }

  /**
   * Declares a kind, once or again; a handler is told of everything there is and of every change. Only before {@link start}.
   * What is declared with the same selector is kept once, with the indexes of all declarations.
   *
   * @throws TypeError when two declarations of one kind and selector contradict each other, or a selector is none
   */
  declare(kind: KindToken, handler?: InformerHandler, settings: CacheSettings = {}): void {
    if (this.#running) throw new Error(`${describeKind(kind)} must be declared before the manager starts`);
    const declared = this.#declare(kind, settings);
    declared.isPermanent = true;
    if (handler) declared.handlers.push(handler);
  }

  /**
   * Begins to keep a kind while running, or takes a share in what is kept of it with the same selector and namespaces. Resolves once it has its initial list.
   * It stops when the last share is released, unless it was declared before the start.
   *
   * @throws NoKindMatchError when the kind is not on the cluster, TypeError when it is kept with other indexes or another transform, or a selector is none
   */
  async acquire(kind: KindToken, settings: AcquireSettings = {}, handler?: InformerHandler): Promise<CacheLease> {
    const signal = this.#running;
    if (!signal) throw new Error(`${describeKind(kind)} can be acquired once the manager has started; declare it until then`);
    const declared = this.#declare(kind, settings);
    declared.leases++;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      this.#release(declared, handler);
    };
    try {
      declared.begun ??= this.#informersOf(declared).then((informers) => this.#run(declared, informers, signal));
      await declared.begun.catch((error: unknown) => {
        declared.begun = undefined; // the next one may find the kind
        throw error;
      });
      if (handler) {
        declared.handlers.push(handler);
        for (const informer of declared.informers) informer.addHandler(handler);
      }
      await Promise.all(declared.informers.map(({ synced }) => synced));
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  }

  /**
   * Changes the namespaces that are watched, for all kinds that have none of their own. Resolves once the new ones have their initial lists; those that are left
   * out end then, and reads of them go to the API server. Handlers are told of what there is in the new ones, and of nothing in the others: it is not gone.
   *
   * @param namespaces `undefined` for all of them
   * @throws TypeError when the list is empty
   */
  async setNamespaces(namespaces: readonly string[] | undefined): Promise<void> {
    this.#namespaces = checkedNamespaces(namespaces);
    const signal = this.#running;
    if (!signal) return;
    await Promise.all([...this.#declared.values()].map((declared) => this.#rescope(declared, signal)));
  }

  #declare(kind: KindToken, settings: CacheSettings): Declared {
    const selection = selectionOf(settings);
    matcherOf(selection); // throws for what is no selector
    const namespaces = checkedNamespaces(settings.namespaces)?.toSorted();
    const key = `${cacheKey(kind)} ${selection.labels} ${selection.fields} ${namespaces?.join(",") ?? ""}`;
    const known = this.#declared.get(key);
    const declared = known ?? {
      key, kind, selection, namespaces, handlers: [], indexes: new Map<string, IndexFunction>(), transform: undefined, optional: settings.optional ?? false,
      informers: [], lives: new Map<Informer, JoinedSignal>(), leases: 0, isPermanent: false, begun: undefined,
    }; // prettier-ignore
    if (known && this.#running && !isKeptSo(known, settings)) {
      throw new TypeError(`${describeKind(kind)} is kept already, with other indexes or another transform; declare them before the start`);
    }
    for (const [name, values] of Object.entries(settings.indexes ?? {})) {
      if ((declared.indexes.get(name) ?? values) !== values) throw new TypeError(`${describeKind(kind)} has two indexes named "${name}"`);
      declared.indexes.set(name, values);
    }
    if (settings.transform !== undefined && (declared.transform ?? settings.transform) !== settings.transform) {
      throw new TypeError(`${describeKind(kind)} has two transforms; one cache keeps its objects in one way`);
    }
    declared.transform ??= settings.transform;
    // Whoever cannot do without the kind decides.
    if (settings.optional !== true) declared.optional = false;
    if (known) return known;
    this.#declared.set(key, declared);
    const ofKind = [...this.#of(kind), declared];
    this.#byKind.set(
      cacheKey(kind),
      ofKind.toSorted((a, b) => Number(isEverything(b.selection)) - Number(isEverything(a.selection))),
    );
    return declared;
  }

  #release(declared: Declared, handler: InformerHandler | undefined): void {
    if (handler) {
      const index = declared.handlers.indexOf(handler);
      if (index >= 0) declared.handlers.splice(index, 1);
      for (const informer of declared.informers) informer.removeHandler(handler);
    }
    if (--declared.leases > 0 || declared.isPermanent) return;
    this.#declared.delete(declared.key);
    const others = this.#of(declared.kind).filter((each) => each !== declared);
    this.#byKind.set(cacheKey(declared.kind), others);
    this.#end(declared, declared.informers);
  }

  /** Watches what of a kind is not watched yet, and then ends what is not to be watched any more. */
  async #rescope(declared: Declared, signal: AbortSignal): Promise<void> {
    await declared.begun;
    if (declared.informers.length === 0) return; // an optional kind that is not there yet will have the right ones
    const known = new Set(declared.informers.map(({ namespace }) => namespace));
    const added = (await this.#informersOf(declared)).filter(({ namespace }) => !known.has(namespace));
    if (this.#declared.get(declared.key) !== declared) return; // released meanwhile
    this.#run(declared, added, signal);
    const isWanted = async () => {
      const scopes = await this.#scopesOf(declared);
      return ({ namespace }: Informer) => scopes.includes(namespace);
    };
    await Promise.all(declared.informers.filter(await isWanted()).map(({ synced }) => synced));
    const stays = await isWanted(); // they may have been changed again
    this.#end(
      declared,
      declared.informers.filter((informer) => !stays(informer)),
    );
  }

  #end(declared: Declared, informers: readonly Informer[]): void {
    declared.informers = declared.informers.filter((each) => !informers.includes(each));
    for (const informer of informers) {
      declared.lives.get(informer)?.abort(new Error(`${describeKind(declared.kind)} is no longer kept`));
      declared.lives.delete(informer);
    }
  }

  /** Field managers whose entries in `managedFields` are kept, since our applies are decided by them. */
  keepFieldsOf(manager: string): void {
    this.#informers.keepFieldsOf(manager);
  }

  /** Resolves when the API server first refuses a list or watch (403): the access rules do not allow it. */
  get refused(): Promise<void> {
    return this.#informers.refused;
  }

  /**
   * Starts the informers and resolves once all have their initial list. They run until the signal aborts.
   *
   * @throws NoKindMatchError when a declared kind is not on the cluster, ConnectionError when the server cannot be reached
   */
  async start(signal: AbortSignal): Promise<void> {
    this.#running = signal;
    this.references.endWith(signal);
    const declared = [...this.#declared.values()];
    const made = await Promise.all(declared.map(async (each) => ({ each, informers: await this.#informersIfThere(each) })));
    signal.throwIfAborted();
    for (const { each, informers } of made) {
      if (informers !== undefined) {
        this.#run(each, informers, signal);
        each.begun = Promise.resolve();
      } else void this.#runOnceThere(each, signal);
    }
    await Promise.all(made.flatMap(({ informers = [] }) => informers.map((informer) => informer.synced)));
  }

  /** True when there is anything to watch. */
  get isDeclared(): boolean {
    return this.#declared.size > 0;
  }

  get hasSynced(): boolean {
    return [...this.#declared.values()].every(
      ({ informers, optional }) => (optional || informers.length > 0) && informers.every((informer) => informer.hasSynced),
    );
  }

  /** How the informers are doing now. */
  get states(): InformerState[] {
    const declared = [...this.#declared.values()].flatMap(({ informers }) => informers.map(({ state }) => state));
    return [...declared, ...this.references.states];
  }

  async get(kind: KindToken, key: ObjectKey): Promise<{ object: KubernetesObject | undefined } | undefined> {
    for (const { selection, informers } of this.#of(kind)) {
      const informer = informers.find((each) => watches(each, key.namespace));
      if (informer === undefined) continue;
      if (!(await this.#isSynced(informer))) continue;
      const object = informer.get(key);
      // A part of the kind says nothing of what is not in it.
      if (object !== undefined || isEverything(selection)) return { object };
    }
    return this.references.peek(kind, key);
  }

  async list(kind: KindToken, options: ListOptions): Promise<KubernetesObject[] | undefined> {
    const read = selectionOf(options);
    const indexes = Object.keys(options.index ?? {});
    for (const { selection, informers } of this.#of(kind)) {
      const [first] = informers;
      if (first === undefined || !indexes.every((name) => first.hasIndex(name))) continue;
      // An index is of one cache; whoever asks for it means what that one keeps.
      if (!covers(selection, read) && indexes.length === 0) continue;
      const wanted = informers.filter(
        ({ namespace }) => namespace === undefined || options.namespace === undefined || namespace === options.namespace,
      );
      // A list over all namespaces cannot be answered from the watched ones alone.
      if (wanted.length === 0 || (options.namespace === undefined && wanted.some(({ namespace }) => namespace !== undefined))) continue;
      const synced = await Promise.all(wanted.map((informer) => this.#isSynced(informer)));
      if (!synced.every(Boolean)) continue;
      return wanted.flatMap((informer) => informer.list(options));
    }
    return undefined;
  }

  wrote(object: KubernetesObject, json: string): void {
    const { apiVersion, kind, metadata } = object;
    if (!apiVersion || !kind || !metadata?.name) return;
    const token = { apiVersion, kind };
    for (const { informers } of this.#of(token)) informers.find((each) => watches(each, metadata.namespace))?.wrote(object, json);
    this.references.wrote(token, keyOf(object), object, json);
    const metadataOnlyCaches = this.#of(metadataOnly(token));
    if (metadataOnlyCaches.length === 0) return;
    const part = { apiVersion, kind, metadata };
    const partJson = stringifyJson(part);
    for (const { informers } of metadataOnlyCaches) informers.find((each) => watches(each, metadata.namespace))?.wrote(part, partJson);
  }

  removed(kind: KindToken, key: ObjectKey, uid: string | undefined): void {
    const whole = { apiVersion: kind.apiVersion, kind: kind.kind };
    for (const { informers } of [...this.#of(whole), ...this.#of(metadataOnly(kind))]) {
      informers.find((each) => watches(each, key.namespace))?.removed(key, uid);
    }
    this.references.removed(whole, key, uid);
  }

  /** Waits for the initial list. False when the informer was ended before that, and is not to be read. */
  async #isSynced(informer: Informer): Promise<boolean> {
    try {
      await informer.synced;
      return true;
    } catch (error) {
      if (this.#running?.aborted !== false) throw error;
      return false;
    }
  }

  #of(kind: KindToken): readonly Declared[] {
    return this.#byKind.get(cacheKey(kind)) ?? [];
  }

  #run(declared: Declared, informers: Informer[], signal: AbortSignal): void {
    // One after the other may come when the namespaces are changed twice at once.
    const added = informers.filter(({ namespace }) => !declared.informers.some((each) => each.namespace === namespace));
    declared.informers = [...declared.informers, ...added];
    for (const informer of added) {
      const life = joinSignals(signal);
      declared.lives.set(informer, life);
      for (const handler of declared.handlers) informer.addHandler(handler);
      void informer.run(life.signal).finally(() => life.release());
    }
  }

  async #informersIfThere(declared: Declared): Promise<Informer[] | undefined> {
    try {
      return await this.#informersOf(declared);
    } catch (error) {
      if (declared.optional && error instanceof NoKindMatchError) return undefined;
      throw error;
    }
  }

  /** Looks for the kind until it is there, and then begins to watch it. */
  async #runOnceThere(declared: Declared, signal: AbortSignal): Promise<void> {
    const { log, clock = systemClock, random = Math.random } = this.#options;
    const kind = describeKind(declared.kind);
    log.info("a kind is not there yet; it will be watched once its CRD is installed", { kind });
    for (;;) {
      await sleep(clock, OPTIONAL_CHECK * (0.5 + random()), signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const informers = await this.#informersIfThere(declared);
        if (informers === undefined) continue;
        log.info("a kind has come and is watched from now on", { kind });
        this.#run(declared, informers, signal);
        return;
      } catch (error) {
        log.warn("it is not known whether a kind has come; trying again", {
          kind,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }

  async #informersOf(declared: Declared): Promise<Informer[]> {
    const scopes = await this.#scopesOf(declared);
    const { indexes, transform } = declared;
    const transformed = transform && ((object: KubernetesObject) => this.#transform(transform, object, declared.kind));
    return scopes.map((namespace) => this.#informers.make(declared, namespace, { indexes, transform: transformed }));
  }

  /** The namespaces that are watched each by an informer of its own; `undefined` is all of them. */
  async #scopesOf({ kind, namespaces = this.#namespaces }: Declared): Promise<readonly (string | undefined)[]> {
    const { namespaced } = await this.#options.mapper.mapping(kind);
    return namespaced && namespaces !== undefined ? namespaces : [undefined];
  }

  #transform(transform: (object: KubernetesObject) => void, object: KubernetesObject, kind: KindToken): void {
    try {
      transform(object);
    } catch (error) {
      this.#options.log.error("a transform failed; the object is kept as it is now", error, { kind: describeKind(kind) });
    }
  }
}

function checkedNamespaces(namespaces: readonly string[] | undefined): readonly string[] | undefined {
  if (namespaces?.length === 0) throw new TypeError("the list of namespaces is empty; leave it out to watch all of them");
  return namespaces && [...new Set(namespaces)];
}

/** Whether what runs has these indexes, and keeps its objects in this form. */
function isKeptSo({ indexes, transform }: Declared, settings: CacheSettings): boolean {
  return (
    Object.entries(settings.indexes ?? {}).every(([name, values]) => indexes.get(name) === values) &&
    (settings.transform === undefined || settings.transform === transform)
  );
}

function watches(informer: Informer, namespace: string | undefined): boolean {
  return informer.namespace === undefined || informer.namespace === namespace;
}

function cacheKey(kind: KindToken): string {
  return `${describeKind(kind)}${isMetadataOnly(kind) ? " metadata" : ""}`;
}
