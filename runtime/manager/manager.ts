import { Cache, type CacheSettings } from "../cache/index.ts";
import {
  ApiClient, ClientError, DEFAULT_FIELD_MANAGER, loadConnection, RestMapper, Transport, type Client, type ConnectionConfig,
} from "../client/index.ts"; // prettier-ignore
import {
  type Controller,
  ControllerBuilder,
  EventWriter,
  Wiring,
  WiringError,
  type ControllerHost,
  type ForSettings,
} from "../controller/index.ts";
import { milliseconds, systemClock, type Clock, type KindToken, type Logger, type ObjectOf } from "../object/index.ts";
import { WebhookBuilder, type WebhookPaths, type WebhookServer } from "../webhook/index.ts";
import { metricsCertificate } from "./certificate.ts";
import { Endpoint, parseBindAddress } from "./endpoint.ts";
import { healthHandler, type HealthCheck } from "./health.ts";
import { LeaderElector, LeadershipLostError } from "./leader-election.ts";
import { jsonLogger } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { ManagerOptions, Runnable } from "./options.ts";
import { onlyForScrapers } from "./scrape-access.ts";
import { webhookServer } from "./webhooks.ts";
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
  readonly #transport: Transport;
  readonly #cache: Cache;
  readonly #mapper: RestMapper;
  readonly #apiClient: ApiClient;
  readonly #wiring: Wiring;
  readonly #metrics = new Metrics();
  readonly #controllers: Controller[] = [];
  readonly #events: EventWriter[] = [];
  readonly #runnables: Runnable[] = [];
  readonly #endpoints: { health?: Endpoint; metrics?: Endpoint } = {};
  readonly #healthz = new Map<string, HealthCheck>([["ping", () => undefined]]);
  readonly #readyz = new Map<string, HealthCheck>();
  /** Ends caches and runnables. */
  readonly #life = new AbortController();
  readonly #lives: Promise<void>[] = [];
  #connection: Promise<ConnectionConfig> | undefined;
  #elector: LeaderElector | undefined;
  #webhooks: WebhookServer | undefined;
  #launching: Promise<void> | undefined;
  #launched = false;
  #runs = false;
  #stopped: Promise<void> | undefined;
  #markEnded: (error: Error | undefined) => void = () => undefined;
  readonly #ended: Promise<Error | undefined>;

  private constructor(options: ManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.log = options.log ?? jsonLogger();
    const { log } = this;
    const random = options.random ?? Math.random;
    this.#transport = new Transport(() => this.#connect(), {
      clock: this.#clock,
      random,
      userAgent: options.leaderElection ? options.leaderElection.id : "kubescaffold",
      onWarning: (text) => log.warn("the API server warns", { warning: text }),
    });
    this.#mapper = new RestMapper(this.#transport);
    const { namespaces } = options;
    this.#cache = new Cache({ transport: this.#transport, mapper: this.#mapper, log, namespaces, clock: this.#clock, random });
    this.#cache.keepFieldsOf(DEFAULT_FIELD_MANAGER);
    this.#metrics.ofCaches(() => this.#cache.states, this.#clock);
    this.#apiClient = new ApiClient({ transport: this.#transport, mapper: this.#mapper, reader: this.#cache });
    this.client = this.#apiClient;
    this.#wiring = new Wiring({ client: this.#apiClient, mapper: this.#mapper, namespaces, clock: this.#clock, log });
    this.#readyz.set("caches", () => {
      if (!this.#cache.hasSynced) throw new Error("not synced yet");
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
      cache: this.#cache,
      mapper: this.#mapper,
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
      const server = webhookServer(this.#options, { log: this.log, metrics: this.#metrics.webhooks });
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
    this.#cache.declare(kind, undefined, settings as CacheSettings);
    this.#wiring.declare({ kind, fieldSelector: settings.fieldSelector });
    return this;
  }

  /** Runs something of your own with the manager. */
  add(runnable: Runnable): this {
    if (this.#launching) throw new Error("add everything that shall run before the manager starts");
    this.#runnables.push(runnable);
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
    return { health: this.#endpoints.health?.port, metrics: this.#endpoints.metrics?.port, webhook: this.#webhooks?.port };
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
   * Stops everything in order: no new work, running reconciles end (or are fenced after the grace period), webhooks under way are answered,
   * the lease is released, caches and connections close. Never rejects; calling it again returns the same promise.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  /**
   * Starts, runs until SIGTERM, SIGINT or a failure, and stops. A failure is logged in one line and sets the exit code 1;
   * a second signal ends the process at once.
   */
  async run(): Promise<void> {
    this.#runs = true;
    let signals = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      if (++signals > 1) process.exit(1);
      this.log.info("Stopping and waiting for running reconciles", { signal });
      this.#markEnded(undefined);
      // A start that still waits for caches or the lease ends here.
      if (!this.#launched) this.#life.abort(new Stopped());
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
    try {
      await this.start();
      if (await this.#ended) process.exitCode = 1;
    } catch (error) {
      if (!(error instanceof Stopped)) {
        this.#logFailure(error);
        process.exitCode = 1;
      }
    } finally {
      await this.stop();
      process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    }
  }

  async #launch(): Promise<void> {
    const { signal } = this.#life;
    signal.throwIfAborted();
    this.#wiring.checkComplete();
    await this.#listen();
    // Before the caches: they may list kinds that the API server has converted here.
    if (this.#options.webhook !== false) await this.#webhooks?.start();
    if (this.#needsCluster) await this.#wiring.checkedWhile(() => this.#cache.start(signal), signal);
    for (const runnable of this.#runnables.filter(({ runsWithoutLeading }) => runsWithoutLeading === true)) this.#live(runnable);
    await this.#lead();
    signal.throwIfAborted();
    for (const controller of this.#controllers) controller.start();
    for (const runnable of this.#runnables.filter(({ runsWithoutLeading }) => runsWithoutLeading !== true)) this.#live(runnable);
    this.#launched = true;
  }

  get #needsCluster(): boolean {
    return this.#controllers.length > 0 || this.#cache.isDeclared || Boolean(this.#options.leaderElection);
  }

  #controllerSettings(name: string, concurrency: number) {
    if (this.#controllers.some((other) => other.name === name)) {
      throw new TypeError(`there are two controllers named "${name}"; give one of them another name: controller(Kind, { name })`);
    }
    const events = new EventWriter({ client: this.#apiClient, log: this.log, clock: this.#clock, controller: name });
    this.#events.push(events);
    return { client: this.#apiClient, log: this.log, clock: this.#clock, events, metrics: this.#metrics.forController(name, concurrency) };
  }

  #connect(): Promise<ConnectionConfig> {
    return (this.#connection ??= loadConnection({ kubeconfig: this.#options.kubeconfig, context: this.#options.context }));
  }

  async #listen(): Promise<void> {
    const { healthProbe, metrics } = this.#options;
    if (healthProbe) {
      const handler = healthHandler({ healthz: this.#healthz, readyz: this.#readyz });
      this.#endpoints.health = await Endpoint.listen(parseBindAddress(healthProbe.bindAddress), handler);
    }
    if (metrics) {
      const address = parseBindAddress(metrics.bindAddress);
      const { handler } = this.#metrics;
      const parts = { client: this.#apiClient, clock: this.#clock, log: this.log };
      this.#endpoints.metrics =
        metrics.secure === true
          ? await Endpoint.listen(address, onlyForScrapers(handler, parts), await metricsCertificate(metrics, this.#clock))
          : await Endpoint.listen(address, handler);
    }
  }

  async #lead(): Promise<void> {
    const settings = this.#options.leaderElection;
    if (settings) {
      const namespace = settings.namespace ?? (await this.#connect()).namespace;
      const { random = Math.random } = this.#options;
      const elector = new LeaderElector({ client: this.#apiClient, log: this.log, clock: this.#clock, random, namespace, settings });
      this.#metrics.leading(settings.id, false);
      await elector.acquire(this.#life.signal);
      this.#elector = elector;
      this.#metrics.leading(settings.id, true);
      this.#lives.push(elector.renew(this.#life.signal).catch((error: unknown) => this.#lostLease(settings.id, error)));
    }
  }

  /** Somebody else may lead now: nothing may be written from here on. */
  #lostLease(id: string, error: unknown): void {
    this.#elector = undefined;
    for (const controller of this.#controllers) controller.fence(error);
    for (const events of this.#events) events.close();
    this.#metrics.leading(id, false);
    this.#fail(error instanceof LeadershipLostError ? error : new LeadershipLostError("the lease is lost", { cause: error }));
  }

  #live(runnable: Runnable): void {
    const life = Promise.resolve()
      .then(() => runnable.start(this.#life.signal))
      .catch((error: unknown) => {
        if (!this.#life.signal.aborted) this.#fail(error);
      });
    this.#lives.push(life);
  }

  /** Something that should have gone on has ended: whoever runs the manager is told, or it stops by itself. */
  #fail(error: unknown): void {
    this.#logFailure(error);
    this.#markEnded(error instanceof Error ? error : new Error(String(error)));
    if (!this.#runs) void this.stop();
  }

  #logFailure(error: unknown): void {
    const known = error instanceof ClientError || error instanceof LeadershipLostError || error instanceof WiringError;
    this.log.error(known ? error.message : "the manager failed", error);
  }

  async #stop(): Promise<void> {
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
    // The last writes of our own may have come by our own webhooks, so these end after them.
    await this.#webhooks?.stop({ grace, drain: this.#runs ? ((this.#options.webhook || {}).drain ?? "1s") : 0 });
    this.#life.abort(new Stopped());
    if (!(await within(clock, grace, Promise.all(this.#lives)))) {
      this.log.warn("something that was added to the manager goes on though its signal aborted", { waitedMs: grace });
    }
    try {
      await this.#elector?.release();
    } catch (error) {
      this.log.warn("the leader lease could not be released; it runs out by itself", { error: String(error) });
    }
    await Promise.all([this.#endpoints.health?.close(), this.#endpoints.metrics?.close()]);
    this.#transport.close();
  }
}

/** The reason why everything ends. */
class Stopped extends Error {
  override readonly name = "Stopped";

  constructor() {
    super("the manager was stopped");
  }
}
