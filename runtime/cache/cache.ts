import {
  describeKind, isMetadataOnly, keyOf, metadataOnly, sleep, stringifyJson, systemClock,
  type Clock, type KindToken, type KubernetesObject, type LabelSelectorLike, type Logger, type ObjectKey,
} from "../object/index.ts"; // prettier-ignore
import {
  creatorsManager, isExpired, isForbidden, NoKindMatchError, resourcePath, type CachedReader, type ListOptions, type RestMapper, type Transport,
} from "../client/index.ts"; // prettier-ignore
import type { IndexFunction } from "./indexer.ts";
import { Informer, type InformerHandler, type InformerOptions, type InformerState } from "./informer.ts";
import { ReferenceCache, type ReferencesSettings } from "./references.ts";
import { covers, isEverything, matcherOf, queryOf, selectionOf, type Selection } from "./selection.ts";

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

interface Declared {
  readonly kind: KindToken;
  readonly selection: Selection;
  readonly handlers: InformerHandler[];
  readonly indexes: Map<string, IndexFunction>;
  transform: ((object: KubernetesObject) => void) | undefined;
  optional: boolean;
  informers: Informer[];
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
  readonly #fieldManagers = new Set<string>();
  #running: AbortSignal | undefined;
  #markRefused: () => void = () => undefined;
  /** Resolves when the API server first refuses a list or watch (403): the access rules do not allow it. */
  readonly refused = new Promise<void>((resolve) => (this.#markRefused = resolve));
  /** Objects of kinds that need not be declared, as long as somebody refers to them. */
  readonly references: ReferenceCache;

  /** @throws TypeError when the list of namespaces is empty: an operator that watches nothing, or everything, by mistake */
  constructor(options: CacheOptions) {
    if (options.namespaces?.length === 0) throw new TypeError("the list of namespaces is empty; leave it out to watch all of them");
    this.#options = options;
    const { mapper, clock = systemClock, references = {} } = options;
    this.references = new ReferenceCache({
      clock,
      settings: references,
      isNamespaced: async (kind) => (await mapper.mapping(kind)).namespaced,
      informer: (kind, namespace, { name, isKept, onFault }) =>
        this.#informer(
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
    const selection = selectionOf(settings);
    matcherOf(selection); // throws for what is no selector
    const key = `${cacheKey(kind)} ${selection.labels} ${selection.fields}`;
    const known = this.#declared.get(key);
    const declared = known ?? {
      kind, selection, handlers: [], indexes: new Map<string, IndexFunction>(), transform: undefined, optional: settings.optional ?? false, informers: [],
    }; // prettier-ignore
    if (handler) declared.handlers.push(handler);
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
    if (known) return;
    this.#declared.set(key, declared);
    const ofKind = [...this.#of(kind), declared];
    this.#byKind.set(
      cacheKey(kind),
      ofKind.toSorted((a, b) => Number(isEverything(b.selection)) - Number(isEverything(a.selection))),
    );
  }

  /** Field managers whose entries in `managedFields` are kept, since our applies are decided by them. */
  keepFieldsOf(manager: string): void {
    this.#fieldManagers.add(manager);
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
      if (informers !== undefined) this.#run(each, informers, signal);
      else void this.#runOnceThere(each, signal);
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
      await informer.synced;
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
      await Promise.all(wanted.map((informer) => informer.synced));
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

  #of(kind: KindToken): readonly Declared[] {
    return this.#byKind.get(cacheKey(kind)) ?? [];
  }

  #run(declared: Declared, informers: Informer[], signal: AbortSignal): void {
    declared.informers = informers;
    for (const informer of informers) {
      for (const handler of declared.handlers) informer.addHandler(handler);
      void informer.run(signal);
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
    const { namespaces } = this.#options;
    const { namespaced } = await this.#options.mapper.mapping(declared.kind);
    const scopes = namespaced && namespaces !== undefined ? new Set(namespaces) : [undefined];
    const { indexes, transform } = declared;
    const transformed = transform && ((object: KubernetesObject) => this.#transform(transform, object, declared.kind));
    return [...scopes].map((namespace) => this.#informer(declared, namespace, { indexes, transform: transformed }));
  }

  /** An informer of a kind that the mapper knows. */
  #informer(
    { kind, selection }: Pick<Declared, "kind" | "selection">,
    namespace: string | undefined,
    part: Pick<InformerOptions, "indexes" | "transform" | "isKept">,
    onFault?: (error: unknown) => void,
  ): Informer {
    const { transport, mapper, log, clock = systemClock, random = Math.random } = this.#options;
    const mapping = mapper.known(kind);
    if (mapping === undefined) throw new NoKindMatchError(kind.apiVersion, kind.kind);
    return new Informer({
      ...part,
      transport,
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      namespace,
      path: resourcePath(mapping, namespace),
      query: queryOf(selection),
      selection,
      accept: isMetadataOnly(kind) ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" : undefined,
      clock,
      random,
      isOurs: (manager, operation) => this.#isOurs(manager, operation),
      onIndexFault: (index, error) =>
        log.error("an index function failed; the object is not in that index", error, { kind: describeKind(kind), index }),
      onFault: (error, delay) => {
        onFault?.(error);
        if (isForbidden(error)) this.#markRefused();
        const fields = {
          kind: describeKind(kind),
          ...(namespace !== undefined && { namespace }),
          error: error instanceof Error ? error.message : String(error),
          retryInMs: Math.round(delay),
        };
        // A watch from too old a version is everyday; the list that follows mends it.
        if (isExpired(error)) log.debug("the cache is listed anew", fields);
        else log.warn("the cache cannot be kept up to date; trying again", fields);
      },
    });
  }

  #isOurs(manager: string, operation: string): boolean {
    return this.#fieldManagers.has(operation === "Apply" ? manager : (creatorsManager(manager) ?? ""));
  }

  #transform(transform: (object: KubernetesObject) => void, object: KubernetesObject, kind: KindToken): void {
    try {
      transform(object);
    } catch (error) {
      this.#options.log.error("a transform failed; the object is kept as it is now", error, { kind: describeKind(kind) });
    }
  }
}

function watches(informer: Informer, namespace: string | undefined): boolean {
  return informer.namespace === undefined || informer.namespace === namespace;
}

function cacheKey(kind: KindToken): string {
  return `${describeKind(kind)}${isMetadataOnly(kind) ? " metadata" : ""}`;
}
