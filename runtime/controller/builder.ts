import { groupKindOf, milliseconds, type DurationLike, type KindToken, type Logger, type ObjectOf } from "../object/index.ts";
import type { Cache } from "../cache/index.ts";
import type { RestMapper } from "../client/index.ts";
import { Controller, type ControllerSettings } from "./controller.ts";
import { enqueueMapped, enqueueOwner, enqueueSelf, type EventHandler, type MapFunction } from "./handlers.ts";
import type { Predicate } from "./predicates.ts";
import type { AnyReconciler } from "./reconciler.ts";

export interface WatchSettings {
  /** All of them must let an event through. */
  predicates?: readonly Predicate[];
}

export interface ForSettings extends WatchSettings {
  /** Name of the controller: its field manager, its finalizer, its label in metrics. Default: the kind in lower case. */
  name?: string;
}

export interface ReconcileSettings {
  /** Objects reconciled at the same time. Default 16: reconciles mostly wait for the API server. */
  concurrency?: number;
  /** After this time a run is given up, its client is fenced, and the object is retried. Default `5m`. */
  timeout?: DurationLike;
}

/** What the builder needs of the manager. */
export interface ControllerHost {
  readonly cache: Cache;
  readonly mapper: RestMapper;
  settingsFor(name: string, concurrency: number): Pick<ControllerSettings, "client" | "log" | "clock" | "events" | "metrics">;
  register(controller: Controller): void;
}

interface Source {
  kind: KindToken;
  predicates: readonly Predicate[];
  handler: EventHandler;
}

/**
 * Wires a controller: which kind it is for, what it owns and watches, and the reconciler.
 *
 * @example
 * manager.controller(Memcached).owns(Deployment).watches(Pod, enqueueByLabel("app")).reconcileWith(new MemcachedReconciler());
 */
export class ControllerBuilder<K extends KindToken> {
  readonly #host: ControllerHost;
  readonly #kind: K;
  readonly #name: string;
  readonly #sources: Source[] = [];

  constructor(host: ControllerHost, kind: K, settings: ForSettings = {}) {
    this.#host = host;
    this.#kind = kind;
    this.#name = settings.name ?? kind.kind.toLowerCase();
    this.#sources.push({ kind, predicates: settings.predicates ?? [], handler: enqueueSelf });
  }

  /** Reconciles the owner when an object of this kind changes whose controller it is. */
  owns(kind: KindToken, settings: WatchSettings = {}): this {
    if (groupKindOf(kind) === groupKindOf(this.#kind)) throw new TypeError(`controller ${this.#name}: ${kind.kind} cannot own itself`);
    // The cache has mapped every declared kind before the first event comes.
    const handler = enqueueOwner(this.#kind, () => this.#host.mapper.known(this.#kind)?.namespaced !== false);
    this.#sources.push({ kind, predicates: settings.predicates ?? [], handler });
    return this;
  }

  /** Reconciles whatever `map` says when an object of this kind changes. */
  watches<W extends KindToken>(kind: W, map: MapFunction<ObjectOf<W>>, settings: WatchSettings = {}): this {
    const handler = enqueueMapped((object) => map(object as ObjectOf<W>));
    this.#sources.push({ kind, predicates: settings.predicates ?? [], handler });
    return this;
  }

  /** Completes the wiring. */
  reconcileWith(reconciler: AnyReconciler<ObjectOf<K>>, settings: ReconcileSettings = {}): Controller {
    const { concurrency = 16, timeout = "5m" } = settings;
    const shared = this.#host.settingsFor(this.#name, concurrency);
    const controller = new Controller({
      ...shared,
      name: this.#name,
      kind: this.#kind,
      reconciler: reconciler,
      concurrency,
      timeout: milliseconds(timeout),
    });
    this.#host.register(controller);
    this.#host.cache.keepFieldsOf(this.#name);
    for (const source of this.#sources) this.#watch(source, controller, shared.log);
    return controller;
  }

  #watch(source: Source, controller: Controller, log: Logger): void {
    this.#host.cache.declare(source.kind, (event) => {
      try {
        if (!source.predicates.every((predicate) => predicate(event))) return;
        for (const key of source.handler(event)) controller.enqueue(key);
      } catch (error) {
        // A predicate or map function of the user's threw: the informer and everybody else's handlers go on.
        log.error("an event handler failed; this event reconciles nothing", error, { controller: this.#name, kind: source.kind.kind });
      }
    });
  }
}
