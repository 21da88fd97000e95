import {
  groupKindOf, keyString, milliseconds, parseKey,
  type Clock, type DurationLike, type KindToken, type KubernetesObject, type LabelSelectorLike, type LogFields, type Logger, type ObjectKey, type ObjectOf,
} from "../object/index.ts"; // prettier-ignore
import { matcherOf, selectionOf, type Cache, type InformerHandler } from "../cache/index.ts";
import type { Client, RestMapper } from "../client/index.ts";
import { LOW_PRIORITY } from "../queue/index.ts";
import { enqueuePushed, type Channel } from "./channel.ts";
import { Controller, type ControllerSettings } from "./controller.ts";
import { enqueueMapped, enqueueOwner, enqueueSelf, type EventHandler, type MapFunction } from "./handlers.ts";
import type { Predicate } from "./predicates.ts";
import type { AnyReconciler } from "./reconciler.ts";
import { Ticker, type TickSettings } from "./ticker.ts";
import { keyFor, type Wiring } from "./wiring.ts";

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
  /** Only in these namespaces, whatever those of the manager are. */
  namespaces?: readonly string[];
  /** True to start though the cluster does not have the kind yet, and to watch it once its CRD is there. Default: that is an error. */
  optional?: boolean;
}

/**
 * With a selector or namespaces the controller is for these objects only: others cost no memory and are not reconciled, whoever asks for them, and one that
 * leaves the selection is as good as gone: its finalizer stays for whoever takes it over. What `reconcileRequest` is called with is not looked at.
 *
 * @example manager.controller(Shop, { labelSelector: "shard=3" })
 */
export interface ForSettings extends SelectedWatchSettings {
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

/** What is owned by an object, and by which of its owner references it is found. */
export interface OwnsSettings extends SelectedWatchSettings {
  /**
   * True to reconcile every owner of this controller's kind, not only the one with `controller: true`. For children that several share, such as a
   * Secret with several owners. Default false.
   */
  anyOwner?: boolean;
}

/** What the builder needs of the manager. */
export interface ControllerHost {
  readonly cache: Cache;
  readonly mapper: RestMapper;
  readonly wiring: Wiring;
  readonly client: Client;
  readonly random: () => number;
  settingsFor(name: string, concurrency: number): Pick<ControllerSettings, "client" | "log" | "clock" | "events" | "metrics" | "observer">;
  register(controller: Controller): void;
}

interface Watch {
  kind: KindToken;
  role: "for" | "owns" | "watches";
  settings: SelectedWatchSettings;
  handler: EventHandler;
}

/** Something beside watches that asks for reconciles, once the controller is there. */
type Attach = (controller: Controller, log: Logger, clock: Clock) => { open?(): void; start?(): void; stop(): void };

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
  readonly #isFor: (object: KubernetesObject) => boolean;
  readonly #watches: Watch[] = [];
  readonly #attached: Attach[] = [];
  /** Keys of all objects of the kind, once a timer asks for them. */
  #known: Set<string> | undefined;
  #opens: (() => void)[] = [];
  #isComplete = false;

  constructor(host: ControllerHost, kind: K, settings: ForSettings = {}) {
    this.#host = host;
    this.#kind = kind;
    this.#name = settings.name ?? kind.kind.toLowerCase();
    const isSelected = matcherOf(selectionOf(settings));
    this.#isFor = (object) => isSelected(object) && settings.namespaces?.includes(object.metadata?.namespace ?? "") !== false;
    this.#watches.push({ kind, role: "for", settings, handler: enqueueSelf });
    const isComplete = () => this.#isComplete;
    host.wiring.add({
      name: this.#name,
      get isComplete() {
        return isComplete();
      },
      open: () => {
        for (const open of this.#opens) open();
      },
    });
  }

  /** Reconciles the owner when an object of this kind changes whose controller it is, or whose owner, with `anyOwner`. */
  owns(kind: KindToken, settings: OwnsSettings = {}): this {
    if (groupKindOf(kind) === groupKindOf(this.#kind)) throw new TypeError(`controller ${this.#name}: ${kind.kind} cannot own itself`);
    const handler = enqueueOwner(this.#kind, () => this.#isNamespaced, { controllerOnly: settings.anyOwner !== true });
    this.#watches.push({ kind, role: "owns", settings, handler });
    return this;
  }

  /** Reconciles whatever `map` says when an object of this kind changes. */
  watches<W extends KindToken>(kind: W, map: MapFunction<ObjectOf<W>>, settings: SelectedWatchSettings = {}): this {
    const handler = enqueueMapped((object) => map(object as ObjectOf<W>));
    this.#watches.push({ kind, role: "watches", settings, handler });
    return this;
  }

  /**
   * Reconciles what is pushed into a channel: objects, their keys, or whatever `map` makes keys of.
   *
   * @example
   * const orders = new Channel<Order>();
   * manager.controller(Shop).on(orders, (order) => [{ namespace: order.namespace, name: order.shop }])
   */
  on<T extends KubernetesObject | ObjectKey>(channel: Channel<T>, map?: undefined, settings?: Pick<WatchSettings, "priority">): this;
  on<T>(channel: Channel<T>, map: (item: T) => Iterable<ObjectKey>, settings?: Pick<WatchSettings, "priority">): this;
  on<T>(channel: Channel<T>, map?: (item: T) => Iterable<ObjectKey>, settings: Pick<WatchSettings, "priority"> = {}): this {
    const keysOf = map ?? (enqueuePushed as (item: unknown) => ObjectKey[]);
    this.#attached.push((controller, log) =>
      channel.listen((item) => this.#guarded(log, { source: "channel" }, () => this.#enqueue(controller, keysOf(item), settings.priority))),
    );
    return this;
  }

  /**
   * Reconciles again and again: every known object of the kind, or those that a function says. For what no event tells, such as the state of something
   * outside the cluster. Where only some objects need it, each at a time of its own, `requeueAfter` is the better way.
   *
   * @param period from the end of one tick to the next, but for the jitter; the first comes a period after this process has begun to lead
   * @example
   * manager.controller(Memcached).every("10m")
   * manager.controller(Shop).every("1m", { keys: async ({ client }) => (await client.list(Shop, { labelSelector: "polled" })).map(keyOf) })
   */
  every(period: DurationLike, settings: TickSettings = {}): this {
    const { keys, jitter = 0.1, priority = LOW_PRIORITY } = settings;
    if (keys === undefined) this.#known ??= new Set();
    this.#attached.push((controller, log, clock) => {
      const tick = async (signal: AbortSignal) => {
        const client = this.#host.client.readOnly();
        const found = keys === undefined ? [...(this.#known ?? [])].map(parseKey) : await keys({ client, signal });
        if (!signal.aborted) this.#enqueue(controller, found, priority);
      };
      const guarded = (signal: AbortSignal) =>
        tick(signal).catch((error: unknown) => {
          if (!signal.aborted) this.#tellFault(log, { source: "timer" }, error);
        });
      return new Ticker(period, jitter, { clock, random: this.#host.random, tick: guarded });
    });
    return this;
  }

  /**
   * Completes the wiring.
   *
   * @throws TypeError when the wiring is complete already, or the reconciler has no `reconcile` or `reconcileRequest`
   */
  reconcileWith(reconciler: AnyReconciler<ObjectOf<K>>, settings: ReconcileSettings = {}): Controller {
    if (this.#isComplete) throw new TypeError(`controller ${this.#name} has its reconciler already`);
    if (!("reconcileRequest" in reconciler) && typeof (reconciler as Partial<typeof reconciler>).reconcile !== "function") {
      throw new TypeError(`controller ${this.#name}: the reconciler has no method reconcile`);
    }
    const { concurrency = 16, timeout = "5m", rate } = settings;
    const shared = this.#host.settingsFor(this.#name, concurrency);
    const controller = new Controller({
      ...shared,
      references: this.#host.cache.references,
      name: this.#name,
      kind: this.#kind,
      isFor: this.#isFor,
      reconciler: reconciler,
      concurrency,
      timeout: milliseconds(timeout),
      rate: rate && { max: rate.max, within: milliseconds(rate.within) },
    });
    this.#host.cache.keepFieldsOf(this.#name);
    for (const watch of this.#watches) this.#watch(watch, controller, shared.log);
    for (const attach of this.#attached) {
      const source = attach(controller, shared.log, shared.clock);
      if (source.open) this.#opens.push(() => source.open?.());
      controller.attach(source);
    }
    this.#host.register(controller);
    this.#isComplete = true;
    return controller;
  }

  #watch({ kind, role, settings, handler }: Watch, controller: Controller, log: Logger): void {
    const onEvent: InformerHandler = (event) =>
      // What a predicate or map function of the user's throws harms neither the informer nor anybody else's handlers.
      this.#guarded(log, { kind: kind.kind }, () => {
        if (settings.predicates?.every((predicate) => predicate(event)) === false) return;
        this.#enqueue(controller, handler(event), event.fromList ? LOW_PRIORITY : settings.priority);
      });
    const { predicates, labelSelector, fieldSelector, namespaces, optional } = settings;
    const selected = {
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(namespaces !== undefined && { namespaces }),
      ...(optional !== undefined && { optional }),
    };
    this.#host.wiring.declare({ kind, controller: { name: this.#name, kind: this.#kind, role }, predicates, fieldSelector, namespaces });
    this.#host.cache.declare(kind, onEvent, selected);
    const known = this.#known;
    if (role !== "for" || known === undefined) return;
    const note: InformerHandler = ({ type, key }) => {
      if (type === "DELETED") known.delete(keyString(key));
      else known.add(keyString(key));
    };
    this.#host.cache.declare(kind, note, selected);
  }

  #enqueue(controller: Controller, keys: Iterable<ObjectKey>, priority: number | undefined): void {
    for (const key of keys) controller.enqueue(keyFor(this.#kind, this.#isNamespaced, key), priority);
  }

  /** The cache has mapped every declared kind before the first event comes. */
  get #isNamespaced(): boolean {
    return this.#host.mapper.known(this.#kind)?.namespaced !== false;
  }

  #guarded(log: Logger, source: LogFields, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#tellFault(log, source, error);
    }
  }

  #tellFault(log: Logger, source: LogFields, error: unknown): void {
    log.error("an event handler failed; this event reconciles nothing", error, { controller: this.#name, ...source });
  }
}
