import type { AcquireSettings, CacheLease, CacheSettings, InformerHandler } from "../cache/index.ts";
import { ClientError, type ApiClient, type Client } from "../client/index.ts";
import {
  type Controller,
  ControllerBuilder,
  EventWriter,
  Wiring,
  WiringError,
  type ControllerHost,
  type ForSettings,
  type RunObserver,
} from "../controller/index.ts";
import { milliseconds, systemClock, type Clock, type KindToken, type Logger, type ObjectOf } from "../object/index.ts";
import { WebhookBuilder, type WebhookPaths, type WebhookServer } from "../webhook/index.ts";
import { Activity } from "./activity.ts";
import { Cluster } from "./cluster.ts";
import { blockedAfter, Endpoints } from "./endpoints.ts";
import type { HealthCheck } from "./health.ts";
import { LeadershipLostError } from "./leader-election.ts";
import { Leadership } from "./leadership.ts";
import { jsonLogger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { ManagerOptions, Runnable } from "./options.ts";
import { observeAll } from "./observers.ts";
import { Runnables } from "./runnables.ts";
import { traceRuns } from "./tracing.ts";
import { drainOf, webhookServer } from "./webhooks.ts";
import { within } from "./within.ts";

/** How long the last events may take to be written when the manager stops, in milliseconds. */
const LAST_EVENTS = 1000;

/** Holds what the controllers of one operator share, and runs them: connection, cache, leader election, webhooks, health, metrics, shutdown. */
export class Manager {
  /** Reads declared kinds from the cache once the manager starts, everything else live. Usable from the beginning. */
  readonly client: Client;
  readonly log: Logger;
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #cluster: Cluster;
  readonly #apiClient: ApiClient;
  readonly #wiring: Wiring;
  readonly #metrics = new Metrics();
  readonly #activity: Activity | undefined;
  readonly #observer: RunObserver | undefined;
  readonly #controllers: Controller[] = [];
  readonly #events: EventWriter[] = [];
  readonly #runnables = new Runnables((error) => this.#fail(error));
  readonly #endpoints = new Endpoints();
  readonly #leadership: Leadership;
  readonly #healthz = new Map<string, HealthCheck>([["ping", () => undefined]]);
  readonly #readyz = new Map<string, HealthCheck>();
  /** Ends caches and runnables. */
  readonly #life = new AbortController();
  /** Ends the runnables that run only while this process leads. */
  readonly #term = new AbortController();
  #webhooks: WebhookServer | undefined;
  #launching: Promise<void> | undefined;
  #launched = false;
  #runs = false;
  #failed = false;
  /** Something that was added did not end when it was told to. */
  #leftBehind = false;
  #stopped: Promise<void> | undefined;
  #markEnded: () => void = () => undefined;
  readonly #ended: Promise<void>;

  private constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.log = options.log ?? jsonLogger();
    const { log } = this;
    this.#activity = blockedAfter(options) === undefined ? undefined : new Activity();
    this.#observer = observeAll([this.#activity, options.tracing && traceRuns(options.tracing)]);
    const random = options.random ?? Math.random;
    if (options.metrics) this.#metrics.ofProcess();
    this.#cluster = new Cluster(options, { clock: this.#clock, random, log, metrics: this.#metrics });
    const { client } = this.#cluster;
    const lease = options.leaderElection ? options.leaderElection.id : "";
    this.#leadership = new Leadership({
      ...{ client, log, clock: this.#clock, random },
      onChange: (leads) => this.#metrics.leading(lease, leads),
      onSlowPath: () => this.#metrics.renewedSlowly(lease),
      onLost: (error) => this.#lostLease(error),
    });
    this.#apiClient = options.leaderElection ? client.guardedBy(() => this.#leadership.check()) : client;
    this.client = this.#apiClient;
    this.#wiring = new Wiring({
      client: this.#apiClient,
      mapper: this.#cluster.mapper,
      namespaces: options.namespaces,
      clock: this.#clock,
      log,
    });
    this.#readyz.set("caches", () => {
      if (!this.#cluster.cache.hasSynced) throw new Error("not synced yet");
    });
    this.#ended = new Promise((resolve) => (this.#markEnded = resolve));
  }

  /** Makes a manager; nothing is read, sent or started yet. */
  static create(options: ManagerOptions = {}): Promise<Manager> {
    return new Promise((resolve) => resolve(new Manager(options)));
  }

  /**
   * Begins the wiring of a controller for a kind.
   *
   * @example
   * manager.controller(Memcached).owns(Deployment).reconcileWith(new MemcachedReconciler());
   */
  controller<K extends KindToken>(kind: K, settings: ForSettings = {}): ControllerBuilder<K> {
    const host: ControllerHost = {
      cache: this.#cluster.cache,
      mapper: this.#cluster.mapper,
      wiring: this.#wiring,
      client: this.#apiClient,
      random: this.#options.random ?? Math.random,
      settingsFor: (name, concurrency) => this.#controllerSettings(name, concurrency),
      register: (controller) => this.#controllers.push(controller),
    };
    return new ControllerBuilder(host, kind, settings);
  }

  /**
   * Begins the wiring of a kind's webhooks, which are served on every replica, whoever leads.
   *
   * @example
   * manager.webhook(Memcached).defaultWith(new MemcachedDefaulter()).validateWith(new MemcachedValidator());
   */
  webhook<K extends KindToken>(kind: K, paths: WebhookPaths = {}): WebhookBuilder<K> {
    return new WebhookBuilder(this.webhookServer, kind, paths);
  }

  /** The server of all webhooks, for handlers at paths of their own. Once it has been asked for, the manager starts and stops it. */
  get webhookServer(): WebhookServer {
    if (this.#webhooks === undefined) {
      const server = webhookServer(this.#options, { cluster: this.#cluster, log: this.log, metrics: this.#metrics });
      if (this.#options.webhook !== false) this.#readyz.set("webhook", () => server.check());
      this.#webhooks = server;
    }
    return this.#webhooks;
  }

  /**
   * Keeps objects of a kind in the cache, though no controller watches it, so that reads of it are cached; or says more of one that is watched.
   *
   * @example manager.cache(Pod, { indexes: { node: (pod) => [pod.spec?.nodeName ?? ""] } })
   */
  cache<K extends KindToken>(kind: K, settings: CacheSettings<ObjectOf<K>> = {}): this {
    this.#cluster.cache.declare(kind, undefined, settings as CacheSettings);
    this.#wiring.declare({ kind, fieldSelector: settings.fieldSelector, namespaces: settings.namespaces });
    return this;
  }

  /**
   * Keeps a kind in the cache from now on, while the manager runs, until it is released; who asks for the same shares it.
   *
   * @param handler is told of everything there is and of every change
   * @throws NoKindMatchError when the API server has no such kind
   * @example
   * const lease = await manager.acquireCache(Widget, { namespaces: ["team-a"] });
   * lease.release();
   */
  acquireCache<K extends KindToken>(kind: K, settings: AcquireSettings<ObjectOf<K>> = {}, handler?: InformerHandler): Promise<CacheLease> {
    return this.#cluster.cache.acquire(kind, settings as AcquireSettings, handler);
  }

  /**
   * Watches other namespaces from now on, for all kinds that were not given their own. Resolves when what is in the new ones is in the caches, which reconciles it.
   * What is in those left out is not reconciled on its changes any more, and is read live.
   *
   * @param namespaces `undefined` for all of them
   */
  setNamespaces(namespaces: readonly string[] | undefined): Promise<void> {
    return this.#cluster.cache.setNamespaces(namespaces);
  }

  /** Runs something of your own with the manager. */
  add(runnable: Runnable): this {
    if (this.#launching) throw new Error("add everything that shall run before the manager starts");
    this.#runnables.add(runnable);
    return this;
  }

  /** Adds a check to `/healthz`: failing means that the process should be restarted. */
  addHealthCheck(name: string, check: HealthCheck): this {
    this.#healthz.set(name, check);
    return this;
  }

  /** Adds a check to `/readyz`: failing means that the process should get no requests. */
  addReadyCheck(name: string, check: HealthCheck): this {
    this.#readyz.set(name, check);
    return this;
  }

  /** The ports that are listened on, where the addresses left the choice open. */
  get ports(): { health: number | undefined; metrics: number | undefined; webhook: number | undefined } {
    return { ...this.#endpoints.ports, webhook: this.#webhooks?.port };
  }

  /**
   * Starts everything and resolves once the caches are synced, this process leads (where it has to) and the controllers run.
   * When something fails later (a runnable, the lease), it is logged and the manager stops.
   *
   * @throws KubeconfigError, ConnectionError, NoKindMatchError, WiringError, or a listen error; everything that was started is stopped again
   */
  async start(): Promise<void> {
    if (this.#launching) throw new Error("a manager is started once; make another one");
    this.#launching = this.#launch();
    try {
      await this.#launching;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * Stops everything in order: no new work, running reconciles end (or are fenced after the grace period), the lease is
   * released, webhooks under way are answered, caches and connections close. Never rejects; calling it again returns the same promise.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /**
   * Starts, runs until SIGTERM, SIGINT, a failure or {@link stop}, and stops. A failure is logged in one line and sets the exit code 1;
   * a second signal ends the process at once. So it does itself when something that was added goes on though it was told to end: it could
   * keep the process from ending, and a process that leads no more must not stay.
   */
  async run(): Promise<void> {
    this.#runs = true;
    let signals = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      if (++signals > 1) process.exit(1);
      this.log.info("Stopping and waiting for running reconciles", { signal });
      this.#markEnded();
      // A start that still waits for caches or the lease ends here.
      if (!this.#launched) this.#life.abort(new Stopped());
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
    try {
      await this.start();
    } catch (error) {
      if (!(error instanceof Stopped)) this.#fail(error);
    }
    await this.#ended;
    await this.stop();
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    if (this.#failed) process.exitCode = 1;
    if (this.#leftBehind) process.exit();
  }

  async #launch(): Promise<void> {
    const { signal } = this.#life;
    signal.throwIfAborted();
    this.#wiring.checkComplete();
    // The thread that serves health begins while the caches fill.
    const listening = this.#endpoints.listen(this.#options, {
      ...{ activity: this.#activity, metrics: this.#metrics, client: this.#apiClient, clock: this.#clock, log: this.log },
      checks: { healthz: this.#healthz, readyz: this.#readyz },
      onFailure: (error) => this.#fail(error),
    });
    listening.catch((error: unknown) => this.#life.abort(error));
    try {
      // Before the caches: they may list kinds that the API server has converted here.
      if (this.#options.webhook !== false) await this.#webhooks?.start(signal);
      if (this.#needsCluster) await this.#wiring.checkedWhile(() => this.#cluster.cache.start(signal), this.#cluster.cache.refused, signal);
    } finally {
      await listening;
    }
    this.#runnables.start({ withoutLeading: true }, signal);
    const { leaderElection } = this.#options;
    if (leaderElection) {
      const namespace = leaderElection.namespace ?? (await this.#cluster.connect()).namespace;
      await this.#leadership.acquire(leaderElection, namespace, signal);
    }
    signal.throwIfAborted();
    for (const controller of this.#controllers) controller.start();
    this.#runnables.start({ withoutLeading: false }, this.#term.signal);
    this.#launched = true;
  }

  get #needsCluster(): boolean {
    return this.#controllers.length > 0 || this.#cluster.cache.isDeclared || Boolean(this.#options.leaderElection);
  }

  #controllerSettings(name: string, concurrency: number) {
    if (this.#controllers.some((other) => other.name === name)) {
      throw new TypeError(`there are two controllers named "${name}"; give one of them another name: controller(Kind, { name })`);
    }
    const events = new EventWriter({ client: this.#apiClient, log: this.log, clock: this.#clock, controller: name });
    this.#events.push(events);
    const metrics = this.#metrics.forController(name, concurrency);
    return { client: this.#apiClient, log: this.log, clock: this.#clock, events, metrics, observer: this.#observer };
  }

  /** Somebody else may lead now: nothing may be written from here on. */
  #lostLease(error: LeadershipLostError): void {
    for (const controller of this.#controllers) controller.fence(error);
    for (const events of this.#events) events.close();
    this.#fail(error);
  }

  /** Something that should have gone on has ended: whoever runs or starts the manager is told, or it stops by itself. */
  #fail(error: unknown): void {
    if (this.#failed) return; // what fails because of a failure is no news
    this.#failed = true;
    this.#logFailure(error);
    this.#markEnded();
    if (!this.#launched) this.#life.abort(error);
    else if (!this.#runs) void this.stop();
  }

  #logFailure(error: unknown): void {
    const known = error instanceof ClientError || error instanceof LeadershipLostError || error instanceof WiringError;
    this.log.error(known ? error.message : "the manager failed", error);
  }

  async #stop(): Promise<void> {
    this.#markEnded();
    const clock = this.#clock;
    const grace = milliseconds(this.#options.gracefulShutdownTimeout ?? "30s");
    if (!this.#launched) this.#life.abort(new Stopped());
    await this.#launching?.catch(() => undefined); // start() rejects with it
    const ended = Promise.all(this.#controllers.map((controller) => controller.stop()));
    if (!(await within(clock, grace, ended))) {
      for (const controller of this.#controllers) controller.fence(new Error("the process is stopping and waited long enough"));
      await ended;
    }
    await within(clock, LAST_EVENTS, Promise.all(this.#events.map((events) => events.flush())));
    for (const events of this.#events) events.close();
    this.#term.abort(new Stopped());
    await this.#awaitRunnables({ withoutLeading: false }, grace);
    // Webhooks are every replica's: while they are answered for the last time, another one leads.
    try {
      await this.#leadership.resign();
    } catch (error) {
      this.log.warn("the leader lease could not be released; it runs out by itself", { error: String(error) });
    }
    // The last writes of our own may have come by our own webhooks, so these end after them.
    await this.#webhooks?.stop({ grace, drain: this.#runs ? drainOf(this.#options) : 0 });
    this.#life.abort(new Stopped());
    await this.#awaitRunnables({ withoutLeading: true }, grace);
    await this.#endpoints.close();
    this.#cluster.transport.close();
  }

  async #awaitRunnables(which: { withoutLeading: boolean }, grace: number): Promise<void> {
    if (await within(this.#clock, grace, this.#runnables.ended(which))) return;
    this.#leftBehind = true;
    this.log.warn("something that was added to the manager goes on though its signal aborted", { waitedMs: grace });
  }
}

/** The reason why everything ends. */
class Stopped extends Error {
  override readonly name = "Stopped";

  constructor() {
    super("the manager was stopped");
  }
}
