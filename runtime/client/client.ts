import {
  isMetadataOnly, joinSignals, keyOf, parseJson, type Data, type KindToken, type KubernetesObject, type ObjectKey, type ObjectOf,
} from "../object/index.ts"; // prettier-ignore
import { applied } from "./apply.ts";
import { ApplyMemory } from "./apply-memory.ts";
import { bodyText } from "./body.ts";
import { resourcePath, type RestMapping } from "./discovery.ts";
import {
  ApiError,
  ClientError,
  ConnectionError,
  FencedError,
  InvalidResponseError,
  isExpired,
  isNotFound,
  ReadOnlyError,
} from "./errors.ts";
import type { CallObserver } from "./observer.ts";
import { APPLY, METADATA, METADATA_LIST, PATCH_TYPES } from "./media-types.ts";
import { isKept, kindOf, withSecretData } from "./objects.ts";
import { queryText, selectors } from "./query.ts";
import { scaleClient, type ScaleClient } from "./scale.ts";
import type { ClientParts, Scope } from "./scope.ts";
import { parseAnswer, type Request, type Stream } from "./transport.ts";
import type {
  ApplyOptions, CachedReader, Client, DeleteAllOptions, DeleteOptions, ListOptions, ListPagesOptions, PatchType, ReadOptions, SubresourceClient, WatchOptions, WriteOptions,
} from "./types.ts"; // prettier-ignore
import { parseWatchEvent, readLines, type WatchEvent } from "./watch.ts";

/** A list whose pages expire is begun again; the last time it comes in one piece, which cannot expire. */
const MAX_LISTS = 3;

/** The field manager of a client that was given no other. */
export const DEFAULT_FIELD_MANAGER = "kubescaffold";

/** The client of one API server; {@link Client} documents the calls. */
export class ApiClient implements Client {
  readonly #parts: ClientParts & { memory: ApplyMemory };
  readonly #scope: Scope;

  constructor(parts: ClientParts, scope: Partial<Scope> = {}) {
    this.#parts = { ...parts, memory: parts.memory ?? new ApplyMemory() };
    this.#scope = { fieldManager: DEFAULT_FIELD_MANAGER, dryRun: false, live: false, readOnly: false, ...scope };
  }

  get live(): ApiClient {
    return this.#with({ live: true });
  }

  get status(): SubresourceClient {
    return this.subresource("status");
  }

  get scale(): ScaleClient {
    return scaleClient(this.subresource("scale"));
  }

  inNamespace(namespace: string): ApiClient {
    return this.#with({ namespace });
  }

  withFieldManager(fieldManager: string): ApiClient {
    return this.#with({ fieldManager });
  }

  dryRun(): ApiClient {
    return this.#with({ dryRun: true });
  }

  readOnly(): ApiClient {
    return this.#with({ readOnly: true });
  }

  /** A client whose calls reject from the moment the signal aborts; those under way are broken off. */
  fencedBy(fence: AbortSignal): ApiClient {
    return this.#with({ fence });
  }

  /** A client that calls `guard` right before it sends a write; what that throws is what the call rejects with, and nothing is sent. */
  guardedBy(guard: () => void): ApiClient {
    return this.#with({ guard });
  }

  /** A client that tells `observer` of each call it sends. */
  observedBy(observer: CallObserver): ApiClient {
    return this.#with({ observer });
  }

  /** The same connection, reading declared kinds through `reader`; with a memory of its own it knows of no apply before. */
  readingThrough(reader: CachedReader, memory = this.#parts.memory): ApiClient {
    return new ApiClient({ ...this.#parts, reader, memory }, this.#scope);
  }

  #with(scope: Partial<Scope>): ApiClient {
    return new ApiClient(this.#parts, { ...this.#scope, ...scope });
  }

  async get<K extends KindToken>(kind: K, key: ObjectKey, options: ReadOptions = {}): Promise<ObjectOf<K> | undefined> {
    const mapping = await this.#mapping(kind);
    const full = this.#key(mapping, key);
    const cached = await this.#reader?.get(kind, full);
    if (cached) return cached.object as ObjectOf<K> | undefined;
    const path = resourcePath(mapping, full.namespace, full.name);
    const accept = isMetadataOnly(kind) ? METADATA : "application/json";
    const object = await this.#orUndefined(this.#send({ method: "GET", path, accept, signal: options.signal }));
    // The server calls what it cut down to the metadata PartialObjectMetadata, which is no kind to refer to.
    if (object && isMetadataOnly(kind)) Object.assign(object, { apiVersion: kind.apiVersion, kind: kind.kind });
    return object as ObjectOf<K> | undefined;
  }

  async list<K extends KindToken>(kind: K, options: ListOptions = {}): Promise<ObjectOf<K>[]> {
    const scoped = this.#scoped(await this.#mapping(kind), options);
    const cached = await this.#reader?.list(kind, scoped);
    if (cached) return cached as ObjectOf<K>[];
    if (options.index !== undefined) {
      throw new TypeError(
        `${kind.kind} has no cached index ${Object.keys(options.index).join(", ")}; declare it: manager.cache(${kind.kind}, { indexes })`,
      );
    }
    for (let attempt = 1; ; attempt++) {
      const all: ObjectOf<K>[] = [];
      try {
        for await (const page of this.listPages(kind, { ...scoped, pageSize: attempt < MAX_LISTS ? 500 : 0 })) all.push(...page);
        return all;
      } catch (error) {
        // The state that the pages are of is compacted: what was read so far belongs to no state that can be completed.
        if (!isExpired(error) || attempt === MAX_LISTS) throw error;
      }
    }
  }

  async *listPages<K extends KindToken>(kind: K, options: ListPagesOptions = {}): AsyncIterable<ObjectOf<K>[]> {
    const mapping = await this.#mapping(kind);
    const scoped = this.#scoped(mapping, options);
    const path = resourcePath(mapping, scoped.namespace);
    let next: string | undefined;
    do {
      const { pageSize = 500 } = options;
      const query = {
        ...selectors(scoped),
        ...(pageSize > 0 && { limit: String(pageSize) }),
        ...(next !== undefined && { continue: next }),
      };
      const accept = isMetadataOnly(kind) ? METADATA_LIST : "application/json";
      const answer = await this.#send({ method: "GET", path: path + queryText(query), accept, signal: options.signal });
      const { items, metadata } = answer as { items?: KubernetesObject[] | null; metadata?: { continue?: string } };
      // The items of a list leave out what the list itself says.
      for (const item of items ?? []) Object.assign(item, { apiVersion: kind.apiVersion, kind: kind.kind });
      yield (items ?? []) as ObjectOf<K>[];
      next = metadata?.continue === "" ? undefined : metadata?.continue;
    } while (next !== undefined);
  }

  async *watch<K extends KindToken>(kind: K, options: WatchOptions = {}): AsyncIterable<WatchEvent<ObjectOf<K>>> {
    const mapping = await this.#mapping(kind);
    const scoped = this.#scoped(mapping, options);
    const path = resourcePath(mapping, scoped.namespace);
    const start = options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion };
    const query = { watch: "true", allowWatchBookmarks: "true", ...selectors(scoped), ...start };
    const accept = isMetadataOnly(kind) ? METADATA : "application/json";
    try {
      const { body } = await this.#stream({ method: "GET", path: path + queryText(query), accept, signal: options.signal });
      try {
        for await (const lines of readLines(body)) {
          for (const line of lines) {
            yield parseWatchEvent<ObjectOf<K>>(line.toString("utf8"));
            if (options.signal?.aborted === true) return; // the caller has had enough, of what has arrived already too
          }
        }
      } finally {
        body.destroy();
      }
    } catch (error) {
      this.#checkFence();
      if (options.signal?.aborted === true) return;
      throw error instanceof ClientError ? error : new ConnectionError(`the watch of ${path} broke: ${String(error)}`, error);
    }
  }

  async create<T extends KubernetesObject>(object: T, options: WriteOptions = {}): Promise<Data<T>> {
    const mapping = await this.#mapping(kindOf(object));
    const body = this.#body(mapping, object);
    const path = resourcePath(mapping, body.metadata?.namespace);
    return this.#write<Data<T>>({ method: "POST", path: path + this.#writeQuery(options), body, signal: options.signal });
  }

  /** Asks the server's opinion by a POST that keeps nothing: TokenReview, SubjectAccessReview and their like. */
  async review<T>(object: KubernetesObject & { spec: unknown }): Promise<T> {
    const path = resourcePath(await this.#mapping(kindOf(object)), undefined);
    const request: Request = { method: "POST", path, body: object, repeatable: true };
    return parseAnswer(request, await this.#text(request, { isQuestion: true })) as T;
  }

  async update<T extends KubernetesObject>(object: T, options: WriteOptions = {}): Promise<Data<T>> {
    return this.#update(object, undefined, options);
  }

  async patch<K extends KindToken>(
    kind: K,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<ObjectOf<K>> {
    return this.#patch(kind, key, undefined, type, patch, options);
  }

  async apply<T extends KubernetesObject>(object: T, options: ApplyOptions = {}): Promise<Data<T>> {
    return this.#apply(object, undefined, options);
  }

  async delete(kind: KindToken, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    const mapping = await this.#mapping(kind);
    const full = this.#key(mapping, key);
    const path = resourcePath(mapping, full.namespace, full.name) + queryText(this.#dryRunQuery());
    const { propagationPolicy = "Background", preconditions, gracePeriodSeconds, signal } = options;
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy, preconditions, gracePeriodSeconds };
    const request: Request = { method: "DELETE", path, body, signal };
    const json = await this.#orUndefined(this.#text(request));
    if (json === undefined) {
      if (!this.#scope.dryRun) this.#parts.reader?.removed(kind, full, undefined);
      return false;
    }
    if (this.#scope.dryRun) return true;
    // The answer is the object while finalizers or its grace period keep it, otherwise the object's last state or a Status.
    const left = parseAnswer(request, json) as KubernetesObject & { details?: { uid?: string } };
    if (left.kind === kind.kind && isKept(left)) this.#parts.reader?.wrote(left, json);
    else this.#parts.reader?.removed(kind, full, left.details?.uid ?? left.metadata?.uid);
    return true;
  }

  async deleteAll(kind: KindToken, options: DeleteAllOptions = {}): Promise<void> {
    const mapping = await this.#mapping(kind);
    const scoped = this.#scoped(mapping, options);
    if (mapping.namespaced && scoped.namespace === undefined) {
      throw new TypeError(`deleteAll: say in which namespace the ${mapping.resource} shall be deleted`);
    }
    // An index is the cache's; left out, it would delete everything.
    if ("index" in options) throw new TypeError("deleteAll: the server knows no index; select by labels or fields");
    const { propagationPolicy = "Background", gracePeriodSeconds, signal } = options;
    const path = resourcePath(mapping, scoped.namespace) + queryText({ ...selectors(scoped), ...this.#dryRunQuery() });
    await this.#send({
      method: "DELETE",
      path,
      body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy, gracePeriodSeconds },
      signal,
    });
  }

  subresource(name: string): SubresourceClient {
    return {
      get: async <T>(kind: KindToken, key: ObjectKey, options: ReadOptions = {}) => {
        const path = await this.#path(kind, key, name);
        return this.#orUndefined(this.#send({ method: "GET", path, signal: options.signal })) as Promise<T | undefined>;
      },
      update: async <T extends KubernetesObject>(...call: WriteOfSubresource<T, WriteOptions>) =>
        isOfAnother(call) ? this.#writeOther("PUT", name, ...call) : this.#update(call[0], name, call[1] ?? {}),
      patch: async (kind, key, type, patch, options = {}) => this.#patch(kind, key, name, type, patch, options),
      apply: async <T extends KubernetesObject>(...call: WriteOfSubresource<T, ApplyOptions>) =>
        isOfAnother(call) ? this.#writeOther("PATCH", name, ...call) : this.#apply(call[0], name, call[1] ?? {}),
      create: async <T>(kind: KindToken, key: ObjectKey, body: unknown, options: WriteOptions = {}) => {
        const path = (await this.#path(kind, key, name)) + this.#writeQuery(options);
        return (await this.#send({ method: "POST", path, body, signal: options.signal })) as T;
      },
    };
  }

  async #update<T extends KubernetesObject>(object: T, subresource: string | undefined, options: WriteOptions): Promise<Data<T>> {
    const mapping = await this.#mapping(kindOf(object));
    const body = this.#body(mapping, object);
    const { namespace, name } = keyOf(body);
    const path = resourcePath(mapping, namespace, name, subresource) + this.#writeQuery(options);
    return this.#write<Data<T>>({ method: "PUT", path, body, signal: options.signal });
  }

  /** Writes an object of another kind than the one that the subresource belongs to, as which it is named. */
  async #writeOther<T extends KubernetesObject>(
    method: "PUT" | "PATCH",
    subresource: string,
    kind: KindToken,
    key: ObjectKey,
    object: T,
    options: ApplyOptions = {},
  ): Promise<Data<T>> {
    const mapping = await this.#mapping(kind);
    const full = this.#key(mapping, key);
    const body = this.#body(mapping, { ...object, metadata: { ...full, ...object.metadata } });
    const path = resourcePath(mapping, full.namespace, full.name, subresource);
    const force = method === "PATCH" ? { force: String(options.force ?? true) } : {};
    const contentType = method === "PATCH" ? APPLY : "application/json";
    const query = this.#writeQuery(options, force);
    return this.#write<Data<T>>({ method, path: path + query, body, contentType, signal: options.signal });
  }

  async #patch<K extends KindToken>(
    kind: K,
    key: ObjectKey,
    subresource: string | undefined,
    type: PatchType,
    patch: unknown,
    options: WriteOptions,
  ): Promise<ObjectOf<K>> {
    const path = (await this.#path(kind, key, subresource)) + this.#writeQuery(options);
    bodyText(patch, `the patch of ${kind.kind} "${key.name}"`); // throws for what is no JSON
    const request: Request = { method: "PATCH", path, body: patch, contentType: PATCH_TYPES[type], signal: options.signal };
    return this.#write<ObjectOf<K>>(request);
  }

  /** Applies the status that `make` gives for the object as it is now; where it is cached, it is read once for both. */
  async applyStatus<T extends KubernetesObject>(
    kind: KindToken,
    key: ObjectKey,
    make: (current: KubernetesObject | undefined) => T,
  ): Promise<Data<T>> {
    const full = this.#key(await this.#mapping(kind), key);
    const known = await this.#reader?.get(kind, full);
    const current = known ? known.object : await this.get(kind, full);
    return this.#apply(make(current), "status", {}, known);
  }

  /** @param read the object as the cache has it, where that was read already */
  async #apply<T extends KubernetesObject>(
    object: T,
    subresource: string | undefined,
    options: ApplyOptions,
    read?: { object: KubernetesObject | undefined },
  ): Promise<Data<T>> {
    const kind = kindOf(object);
    const mapping = await this.#mapping(kind);
    const body = withSecretData(this.#body(mapping, object));
    const key = keyOf(body);
    const { fieldManager, dryRun } = this.#scope;
    const known = read ?? (await this.#reader?.get(kind, key));
    const path = resourcePath(mapping, key.namespace, key.name, subresource);
    const { signal, force = true } = options;
    const canCreate = subresource === undefined && !dryRun;
    const answer = await applied(
      body,
      { manager: fieldManager, subresource, memory: this.#parts.memory, known, dryRun, force },
      {
        apply: (desired) => {
          const query = this.#writeQuery(options, { force: String(force) });
          return this.#write({ method: "PATCH", path: path + query, body: desired, contentType: APPLY, signal });
        },
        // Where an answer was lost, the second try finds the object there, and what is desired is applied.
        create: !canCreate
          ? undefined
          : (desired, manager) => {
              const query = this.#writeQuery(options, { fieldManager: manager });
              const collection = resourcePath(mapping, key.namespace);
              return this.#write({ method: "POST", path: collection + query, body: desired, repeatable: true, signal });
            },
        merge: (patch, manager = fieldManager) => {
          const query = this.#writeQuery(options, { fieldManager: manager });
          return this.#write({ method: "PATCH", path: path + query, body: patch, contentType: PATCH_TYPES.merge, signal });
        },
        read: () => this.live.get(kind, key, { ...(signal && { signal }) }),
      },
    );
    this.#checkFence();
    return answer as Data<T>;
  }

  async #write<T>(request: Request): Promise<T> {
    const json = await this.#text(request);
    const answer = parseAnswer(request, json);
    if (typeof answer !== "object" || answer === null)
      throw new InvalidResponseError(`${request.method} ${request.path}: the answer is no object`);
    if (!this.#scope.dryRun) this.#noteWrite(answer, json);
    return answer as T;
  }

  /** An update that took the last finalizer off an object that is being deleted has removed it. */
  #noteWrite(answer: KubernetesObject, json: string): void {
    const { apiVersion, kind, metadata } = answer;
    if (metadata?.deletionTimestamp === undefined || isKept(answer) || !apiVersion || !kind) this.#parts.reader?.wrote(answer, json);
    else this.#parts.reader?.removed({ apiVersion, kind }, keyOf(answer), metadata.uid);
  }

  async #send(request: Request): Promise<unknown> {
    return parseAnswer(request, await this.#text(request));
  }

  /** @param isQuestion the request writes nothing, though its method says otherwise */
  async #text(request: Request, { isQuestion = request.method === "GET" } = {}): Promise<string> {
    if (this.#scope.readOnly && !isQuestion) throw new ReadOnlyError(request.method, request.path);
    const joined = this.#joined(request.signal);
    const beforeSend = isQuestion ? undefined : this.#scope.guard;
    const observed = this.#scope.observer?.began(request);
    try {
      const answer = await this.#parts.transport.text({ ...request, signal: joined.signal, beforeSend, observed });
      observed?.ended();
      return answer;
    } catch (error) {
      observed?.ended(error);
      this.#parts.mapper.noteFailure(request.path, error);
      throw error;
    } finally {
      joined.release();
      this.#checkFence();
    }
  }

  async #stream(request: Request): Promise<Stream> {
    const joined = this.#joined(request.signal);
    try {
      const stream = await this.#parts.transport.stream({ ...request, signal: joined.signal });
      stream.body.once("close", () => joined.release());
      return stream;
    } catch (error) {
      joined.release();
      this.#checkFence();
      this.#parts.mapper.noteFailure(request.path, error);
      throw error;
    }
  }

  /** The caller's signal and the fence, as one. */
  #joined(signal: AbortSignal | undefined): { signal: AbortSignal | undefined; release(): void } {
    const { fence } = this.#scope;
    this.#checkFence();
    return fence && signal ? joinSignals(fence, signal) : { signal: fence ?? signal, release: () => undefined };
  }

  #checkFence(): void {
    if (this.#scope.fence?.aborted === true) throw new FencedError(this.#scope.fence.reason);
  }

  get #reader(): CachedReader | undefined {
    this.#checkFence();
    return this.#scope.live ? undefined : this.#parts.reader;
  }

  /** The object as JSON has it, in the client's namespace, without `managedFields`: sent, they would be taken for everybody's. */
  #body(mapping: RestMapping, object: KubernetesObject): KubernetesObject {
    const body = parseJson(bodyText(object, `${mapping.kind} "${object.metadata?.name ?? ""}"`)) as KubernetesObject;
    const { managedFields, namespace: own, ...metadata } = body.metadata ?? {};
    const { namespace } = this.#key(mapping, {
      ...(own !== undefined && { namespace: own }),
      name: metadata.name ?? metadata.generateName ?? "",
    });
    return { ...body, metadata: namespace === undefined ? metadata : { namespace, ...metadata } };
  }

  /** The key as the kind has it. Without its namespace a key would name the collection, or nothing that is in the cache. */
  #key(mapping: RestMapping, key: ObjectKey): ObjectKey {
    if (!key.name) throw new TypeError(`${mapping.kind}: a name is needed`);
    if (!mapping.namespaced) return { name: key.name };
    const namespace = key.namespace ?? this.#scope.namespace;
    if (!namespace) throw new TypeError(`${mapping.kind} "${key.name}" needs a namespace`);
    return { namespace, name: key.name };
  }

  /** `namespace` is there only when the kind has namespaces and one of them is meant. */
  #scoped<T extends ListOptions>(mapping: RestMapping, options: T): T {
    const { namespace: given, ...others } = options;
    const namespace = mapping.namespaced ? (given ?? this.#scope.namespace) : undefined;
    return (namespace ? { ...others, namespace } : others) as T;
  }

  async #mapping(kind: KindToken): Promise<RestMapping> {
    this.#checkFence();
    return this.#parts.mapper.mapping(kind);
  }

  async #path(kind: KindToken, key: ObjectKey, subresource?: string): Promise<string> {
    const mapping = await this.#mapping(kind);
    const { namespace, name } = this.#key(mapping, key);
    return resourcePath(mapping, namespace, name, subresource);
  }

  #writeQuery(options: WriteOptions, more: Record<string, string> = {}): string {
    const { fieldManager } = this.#scope;
    return queryText({ fieldManager, fieldValidation: options.fieldValidation ?? "Strict", ...this.#dryRunQuery(), ...more });
  }

  #dryRunQuery(): Record<string, string> {
    return this.#scope.dryRun ? { dryRun: "All" } : {};
  }

  async #orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ApiError && isNotFound(error) && !error.pathNotFound) return undefined;
      throw error;
    }
  }
}

/** The arguments of a write to a subresource that shows the object itself, or an object of another kind. */
type WriteOfSubresource<T, O> = [object: T, options?: O | undefined] | OfAnother<T, O>;
type OfAnother<T, O> = [kind: KindToken, key: ObjectKey, body: T, options?: O | undefined];

function isOfAnother<T, O>(call: WriteOfSubresource<T, O>): call is OfAnother<T, O> {
  return call.length > 2;
}
