import {
  describeKind,
  isMetadataOnly,
  metadataOnly,
  systemClock,
  type Clock,
  type KindToken,
  type KubernetesObject,
  type Logger,
  type ObjectKey,
} from "../object/index.ts";
import { isExpired, resourcePath, type CachedReader, type ListOptions, type RestMapper, type Transport } from "../client/index.ts";
import { Informer, type InformerHandler } from "./informer.ts";

export interface CacheOptions {
  transport: Transport;
  mapper: RestMapper;
  log: Logger;
  /** The namespaces to watch. Default: all, by one cluster-wide watch for each kind. */
  namespaces?: readonly string[] | undefined;
  clock?: Clock;
  random?: () => number;
}

interface Declared {
  kind: KindToken;
  handlers: InformerHandler[];
  informers: Informer[];
}

/**
 * The informers of the kinds that were declared. Reads of these kinds are answered here, after the initial list has arrived;
 * any other kind, and any namespace that is not watched, is the client's to read live: nothing is watched by surprise.
 */
export class Cache implements CachedReader {
  readonly #options: CacheOptions;
  readonly #declared = new Map<string, Declared>();
  readonly #fieldManagers = new Set<string>();
  #running: AbortSignal | undefined;

  /** @throws TypeError when the list of namespaces is empty: an operator that watches nothing, or everything, by mistake */
  constructor(options: CacheOptions) {
    if (options.namespaces?.length === 0) throw new TypeError("the list of namespaces is empty; leave it out to watch all of them");
    this.#options = options;
  }

  /** Declares a kind, once or again; a handler is told of everything there is and of every change. Only before {@link start}. */
  declare(kind: KindToken, handler?: InformerHandler): void {
    if (this.#running) throw new Error(`${describeKind(kind)} must be declared before the manager starts`);
    const key = cacheKey(kind);
    const declared = this.#declared.get(key) ?? { kind, handlers: [], informers: [] };
    if (handler) declared.handlers.push(handler);
    this.#declared.set(key, declared);
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
    const declared = [...this.#declared.values()];
    const informers = await Promise.all(declared.map(({ kind }) => this.#informersOf(kind)));
    signal.throwIfAborted();
    for (const [index, each] of declared.entries()) {
      each.informers = informers[index] ?? [];
      for (const informer of each.informers) for (const handler of each.handlers) informer.addHandler(handler);
    }
    const all = informers.flat();
    for (const informer of all) void informer.run(signal);
    await Promise.all(all.map((informer) => informer.synced));
  }

  /** True when there is anything to watch. */
  get isDeclared(): boolean {
    return this.#declared.size > 0;
  }

  get hasSynced(): boolean {
    return [...this.#declared.values()].every(({ informers }) => informers.length > 0 && informers.every((informer) => informer.hasSynced));
  }

  async get(kind: KindToken, key: ObjectKey): Promise<{ object: KubernetesObject | undefined } | undefined> {
    const informer = this.#informer(kind, key.namespace);
    if (!informer) return undefined;
    await informer.synced;
    return { object: informer.get(key) };
  }

  async list(kind: KindToken, options: ListOptions): Promise<KubernetesObject[] | undefined> {
    const informers = this.#declared.get(cacheKey(kind))?.informers ?? [];
    const wanted = informers.filter(
      ({ namespace }) => namespace === undefined || options.namespace === undefined || namespace === options.namespace,
    );
    // A list over all namespaces cannot be answered from the watched ones alone.
    if (wanted.length === 0 || (options.namespace === undefined && wanted.some(({ namespace }) => namespace !== undefined)))
      return undefined;
    await Promise.all(wanted.map((informer) => informer.synced));
    return wanted.flatMap((informer) => informer.list(options));
  }

  wrote(object: KubernetesObject): void {
    const { apiVersion, kind, metadata } = object;
    if (!apiVersion || !kind || !metadata?.name) return;
    const token = { apiVersion, kind };
    // The caller keeps the answer whole; what is stored here is a stripped copy.
    this.#informer(token, metadata.namespace)?.wrote({ ...object, metadata: { ...metadata } });
    this.#informer(metadataOnly(token), metadata.namespace)?.wrote({ apiVersion, kind, metadata: { ...metadata } });
  }

  removed(kind: KindToken, key: ObjectKey, uid: string | undefined): void {
    const whole = { apiVersion: kind.apiVersion, kind: kind.kind };
    for (const token of [whole, metadataOnly(kind)]) this.#informer(token, key.namespace)?.removed(key, uid);
  }

  #informer(kind: KindToken, namespace: string | undefined): Informer | undefined {
    const informers = this.#declared.get(cacheKey(kind))?.informers;
    return informers?.find((informer) => informer.namespace === undefined || informer.namespace === namespace);
  }

  async #informersOf(kind: KindToken): Promise<Informer[]> {
    const { transport, mapper, log, namespaces, clock = systemClock, random = Math.random } = this.#options;
    const mapping = await mapper.mapping(kind);
    const scopes = mapping.namespaced && namespaces !== undefined ? new Set(namespaces) : [undefined];
    return [...scopes].map(
      (namespace) =>
        new Informer({
          transport,
          apiVersion: kind.apiVersion,
          kind: kind.kind,
          namespace,
          path: resourcePath(mapping, namespace),
          query: {},
          accept: isMetadataOnly(kind) ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" : undefined,
          clock,
          random,
          strip: (object) => this.#strip(object),
          onFault: (error, delay) => {
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
        }),
    );
  }

  #strip(object: KubernetesObject): void {
    const { metadata } = object;
    if (!metadata?.managedFields) return;
    const ours = metadata.managedFields.filter(({ manager, operation }) => operation === "Apply" && this.#fieldManagers.has(manager ?? ""));
    if (ours.length > 0) metadata.managedFields = ours;
    else delete metadata.managedFields;
  }
}

function cacheKey(kind: KindToken): string {
  return `${describeKind(kind)}${isMetadataOnly(kind) ? " metadata" : ""}`;
}
