import {
  groupKindOf,
  milliseconds,
  type DurationLike,
  type KindToken,
  type LabelSelectorLike,
  type Logger,
  type ObjectOf,
} from "../object/index.ts";
import type { Cache, InformerHandler } from "../cache/index.ts";
import type { RestMapper } from "../client/index.ts";
import { LOW_PRIORITY } from "../queue/index.ts";
import { Controller, type ControllerSettings } from "./controller.ts";
import { enqueueMapped, enqueueOwner, enqueueSelf, type EventHandler, type MapFunction } from "./handlers.ts";
import type { Predicate } from "./predicates.ts";
import type { AnyReconciler } from "./reconciler.ts";

export interface WatchSettings {
  /** All of them must let an event through. */
  predicates?: readonly Predicate[];
  /**
   * Which of several waiting objects is reconciled first: the one with the higher number. Default 0. What was there before the operator
   * started, or is found by listing anew, comes with -100 whatever is said here: nobody waits for it.
   */
  priority?: number;
}

/** What of a kind is watched, where that is not all of it. */
export interface SelectedWatchSettings extends WatchSettings {
  /** Only objects with such labels: the others cost neither memory nor events, and are read live. */
  labelSelector?: LabelSelectorLike;
  /** Only objects with such fields, for example `spec.nodeName=worker-1`. */
  fieldSelector?: string;
  /** True to start though the cluster does not have the kind yet, and to watch it once its CRD is there. Default: that is an error. */
  optional?: boolean;
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
  /**
   * How often one object may be reconciled, for reconciles that cost a lot: at most `max` times within any such time, whatever asks for it.
   * Default: no limit. Leave it alone otherwise: it delays what events ask for.
   *
   * @example { max: 5, within: "1m" }
   */
  rate?: { max: number; within: DurationLike };
}

/** What the builder needs of the manager. */
export interface ControllerHost {
  readonly cache: Cache;
  readonly mapper: RestMapper;
  settingsFor(name: string, concurrency: number): Pick<ControllerSettings, "client" | "log" | "clock" | "events" | "metrics" | "observer">;
  register(controller: Controller): void;
}

interface Source {
  kind: KindToken;
  settings: SelectedWatchSettings;
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
    this.#sources.push({ kind, settings, handler: enqueueSelf });
  }

  /** Reconciles the owner when an object of this kind changes whose controller it is. */
  owns(kind: KindToken, settings: SelectedWatchSettings = {}): this {
    if (groupKindOf(kind) === groupKindOf(this.#kind)) throw new TypeError(`controller ${this.#name}: ${kind.kind} cannot own itself`);
    // The cache has mapped every declared kind before the first event comes.
    const handler = enqueueOwner(this.#kind, () => this.#host.mapper.known(this.#kind)?.namespaced !== false);
    this.#sources.push({ kind, settings, handler });
    return this;
  }

  /** Reconciles whatever `map` says when an object of this kind changes. */
  watches<W extends KindToken>(kind: W, map: MapFunction<ObjectOf<W>>, settings: SelectedWatchSettings = {}): this {
    const handler = enqueueMapped((object) => map(object as ObjectOf<W>));
    this.#sources.push({ kind, settings, handler });
    return this;
  }

  /** Completes the wiring. */
  reconcileWith(reconciler: AnyReconciler<ObjectOf<K>>, settings: ReconcileSettings = {}): Controller {
    const { concurrency = 16, timeout = "5m", rate } = settings;
    const shared = this.#host.settingsFor(this.#name, concurrency);
    const controller = new Controller({
      ...shared,
      name: this.#name,
      kind: this.#kind,
      reconciler: reconciler,
      concurrency,
      timeout: milliseconds(timeout),
      rate: rate && { max: rate.max, within: milliseconds(rate.within) },
    });
    this.#host.register(controller);
    this.#host.cache.keepFieldsOf(this.#name);
    for (const source of this.#sources) this.#watch(source, controller, shared.log);
    return controller;
  }

  #watch(source: Source, controller: Controller, log: Logger): void {
    const { kind, settings, handler } = source;
    const onEvent: InformerHandler = (event) => {
      try {
        if (settings.predicates?.every((predicate) => predicate(event)) === false) return;
        for (const key of handler(event)) controller.enqueue(key, event.fromList ? LOW_PRIORITY : settings.priority);
      } catch (error) {
        // A predicate or map function of the user's threw: the informer and everybody else's handlers go on.
        log.error("an event handler failed; this event reconciles nothing", error, { controller: this.#name, kind: kind.kind });
      }
    };
    const { labelSelector, fieldSelector, optional } = settings;
    this.#host.cache.declare(kind, onEvent, {
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(optional !== undefined && { optional }),
    });
  }
}
