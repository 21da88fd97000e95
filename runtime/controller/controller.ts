import { randomUUID } from "node:crypto";
import { isNotFound, type ApiClient } from "../client/index.ts";
import {
  finalizersWith, groupOf, hasFinalizer, isBeingDeleted, keyOf, keyString, legible, parseKey,
  type Clock, type KindToken, type KubernetesObject, type Logger, type ObjectKey,
} from "../object/index.ts"; // prettier-ignore
import { exponentialBackoff, WorkQueue, type Rate, type RateLimiter } from "../queue/index.ts";
import { fencedEvents, type EventWriter } from "./events.ts";
import { NO_METRICS, type ControllerMetrics, type ReconcileOutcome } from "./metrics.ts";
import { TemporaryError, TerminalError, type AnyReconciler, type ReconcileContext, type Result } from "./reconciler.ts";
import { statusWriter } from "./status.ts";

export interface ControllerSettings {
  name: string;
  kind: KindToken;
  // The kind's own type is checked where the controller is wired; from here on every object is just an object.
  reconciler: AnyReconciler<KubernetesObject>;
  /** Objects that may be reconciled at the same time; one object never twice. */
  concurrency: number;
  /** Milliseconds after which a run is given up and its client fenced. */
  timeout: number;
  client: ApiClient;
  log: Logger;
  clock: Clock;
  events: EventWriter;
  metrics?: ControllerMetrics;
  rateLimiter?: RateLimiter;
  /** How often one object may be reconciled. Default: whenever something asks for it. */
  rate?: Rate | undefined;
}

/** The reason why a run's signal aborts. */
class RunEnded extends Error {
  override readonly name = "RunEnded";
}

/** Takes keys from its queue and calls its reconciler with the objects, as many at a time as it may, none of them twice. */
export class Controller {
  readonly name: string;
  readonly kind: KindToken;
  readonly finalizer: string;
  readonly #settings: ControllerSettings;
  readonly #metrics: ControllerMetrics;
  readonly #backoff: RateLimiter;
  readonly #queue: WorkQueue;
  readonly #runs = new Map<AbortController, Promise<void>>();
  #started = false;
  #stopping = false;
  #fenced = false;

  constructor(settings: ControllerSettings) {
    this.#settings = settings;
    this.name = settings.name;
    this.kind = settings.kind;
    this.finalizer = finalizerName(settings.kind, settings.name);
    this.#metrics = settings.metrics ?? NO_METRICS;
    this.#backoff = settings.rateLimiter ?? exponentialBackoff();
    this.#queue = new WorkQueue({
      clock: settings.clock,
      onReady: () => this.#pump(),
      observer: this.#metrics.queue,
      rate: settings.rate,
    });
  }

  /** Asks for a reconcile of this object, at once even where a retry was waiting. Higher priorities go first; default 0. */
  enqueue(key: ObjectKey, priority?: number): void {
    this.#queue.add(keyString(key), priority);
  }

  /** Begins to take keys; until then they gather. */
  start(): void {
    this.#started = true;
    this.#settings.log.info("Starting Controller", this.#logFields());
    this.#pump();
  }

  /** True while nothing is ready or running. */
  get idle(): boolean {
    return this.#queue.idle;
  }

  /** Takes no more keys and resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#queue.close();
    await Promise.all(this.#runs.values());
  }

  /** Ends all runs now: their signals abort and their clients reject. */
  fence(reason: unknown): void {
    this.#stopping = true;
    this.#fenced = true;
    for (const run of this.#runs.keys()) run.abort(reason);
  }

  #pump(): void {
    if (!this.#started || this.#stopping) return;
    while (this.#runs.size < this.#settings.concurrency) {
      const key = this.#queue.take();
      this.#metrics.depth(this.#queue.depth);
      if (key === undefined) return;
      const run = new AbortController();
      // #run never rejects; it is kept so that stop() can wait for it.
      const ended = this.#run(key, run).finally(() => {
        this.#runs.delete(run);
        this.#metrics.active(this.#runs.size);
        this.#queue.done(key);
        this.#pump();
      });
      this.#runs.set(run, ended);
      this.#metrics.active(this.#runs.size);
    }
  }

  async #run(key: string, run: AbortController): Promise<void> {
    const { clock } = this.#settings;
    const reconcileId = randomUUID();
    const objectKey = parseKey(key);
    const log = this.#settings.log.child({
      ...this.#logFields(),
      namespace: objectKey.namespace,
      name: objectKey.name,
      reconcileID: reconcileId,
    });
    const began = clock.now();
    let outcome: ReconcileOutcome;
    try {
      const result = await this.#withinTime(this.#reconcile(objectKey, key, reconcileId, log, run.signal), run);
      outcome = this.#succeeded(key, result);
    } catch (error) {
      outcome = (await this.#isMoot(error, objectKey)) ? this.#succeeded(key, {}) : this.#failed(key, error, log);
    }
    this.#metrics.reconciled(outcome, (clock.now() - began) / 1000);
  }

  /** Settles with the work, or rejects when its signal aborts: then the client is fenced already and nothing it does can count. */
  #withinTime(work: Promise<Result>, run: AbortController): Promise<Result> {
    const { clock, timeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => run.abort(new RunEnded(`the reconcile did not end within ${timeout / 1000} s`)), timeout);
      const onAbort = () => {
        timer.cancel();
        reject(run.signal.reason as Error);
      };
      run.signal.addEventListener("abort", onAbort, { once: true });
      work.finally(() => timer.cancel()).then(resolve, (thrown: unknown) => reject(legible(thrown) as Error));
    });
  }

  async #reconcile(key: ObjectKey, keyText: string, reconcileId: string, log: Logger, signal: AbortSignal): Promise<Result> {
    const { reconciler, kind, events, clock } = this.#settings;
    const client = this.#settings.client.withFieldManager(this.name).fencedBy(signal);
    const shared = { client, events: fencedEvents(events, signal), log, signal, reconcileId, failures: this.#backoff.failures(keyText) };
    if ("reconcileRequest" in reconciler) return reconciler.reconcileRequest(key, shared);
    const object = (await client.get(kind, key)) as KubernetesObject | undefined;
    if (object === undefined) return {}; // gone; what it owned is the garbage collector's
    const contextOf = (of: KubernetesObject): ReconcileContext<KubernetesObject> => ({
      ...shared,
      status: statusWriter(client, of, clock),
    });
    if (isBeingDeleted(object)) {
      if (hasFinalizer(object, this.finalizer)) {
        await reconciler.finalize?.(object, contextOf(object));
        await this.#release(client, key);
      }
      return {};
    }
    const wanted = reconciler.finalize !== undefined;
    const current = hasFinalizer(object, this.finalizer) === wanted ? object : await this.#setFinalizer(client, object, wanted);
    return reconciler.reconcile(current, contextOf(current));
  }

  /** Takes the finalizer off the object as it is now: finalize may have written it. */
  async #release(client: ApiClient, key: ObjectKey): Promise<void> {
    const object = (await client.get(this.kind, key)) as KubernetesObject | undefined;
    if (object === undefined || !hasFinalizer(object, this.finalizer)) return;
    try {
      await this.#setFinalizer(client, object, false);
    } catch (error) {
      if (!isNotFound(error)) throw error; // somebody else was faster, and it is gone
    }
  }

  /** The resource version makes sure that nobody's finalizer, added in the meantime, is lost. */
  async #setFinalizer(client: ApiClient, object: KubernetesObject, present: boolean): Promise<KubernetesObject> {
    const finalizers = finalizersWith(object, this.finalizer, present);
    const metadata = { finalizers, resourceVersion: object.metadata?.resourceVersion };
    return client.patch(this.kind, keyOf(object), "merge", { metadata });
  }

  /** A run that found something missing since its own object was deleted meanwhile has not failed; the watch is about to say so. */
  async #isMoot(error: unknown, key: ObjectKey): Promise<boolean> {
    const { client, reconciler } = this.#settings;
    if (this.#fenced || !isNotFound(error) || "reconcileRequest" in reconciler) return false;
    try {
      return (await client.live.get(this.kind, key)) === undefined;
    } catch {
      return false; // not known, so the error is told as it is
    }
  }

  #succeeded(key: string, result: Result | undefined): ReconcileOutcome {
    this.#backoff.forget(key);
    if (result?.requeueAfter === undefined) return "success";
    // A result of 0 would be a busy loop; one millisecond lets the event loop breathe.
    this.#requeue(key, Math.max(result.requeueAfter, 1));
    return "requeue_after";
  }

  #failed(key: string, error: unknown, log: Logger): ReconcileOutcome {
    if (this.#fenced) return "error"; // it was ended from outside, and says so elsewhere
    if (error instanceof TerminalError) {
      this.#backoff.forget(key);
      log.error("Reconciler error", error, { terminal: true });
      return "error";
    }
    const delay = error instanceof TemporaryError ? error.after : this.#backoff.next(key);
    this.#metrics.retried();
    log.error("Reconciler error", error, { retryInMs: delay });
    this.#requeue(key, delay);
    return "error";
  }

  #requeue(key: string, delay: number): void {
    this.#queue.addAfter(key, delay);
  }

  #logFields(): Record<string, string> {
    return { controller: this.name, controllerGroup: groupOf(this.kind.apiVersion), controllerKind: this.kind.kind };
  }
}

/** Finalizers are domain-qualified; for built-in kinds, whose group is no domain of ours, it is this project's. */
function finalizerName(kind: KindToken, controller: string): string {
  const group = groupOf(kind.apiVersion);
  return `${group.includes(".") && !group.endsWith(".k8s.io") ? group : "kubescaffold.dev"}/${controller}`;
}
