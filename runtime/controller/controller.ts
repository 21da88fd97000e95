import { randomUUID } from "node:crypto";
import { isConflict, isNotFound, setFinalizer, type ApiClient } from "../client/index.ts";
import {
  groupOf, hasFinalizer, isBeingDeleted, keyString, milliseconds, parseKey,
  type Clock, type KindToken, type KubernetesObject, type Logger, type ObjectKey,
} from "../object/index.ts"; // prettier-ignore
import { exponentialBackoff, WorkQueue, type Rate, type RateLimiter } from "../queue/index.ts";
import type { ReferenceCache } from "../cache/index.ts";
import { fencedEvents, type EventWriter } from "./events.ts";
import { NO_METRICS, type ControllerMetrics, type Failure, type ReconcileOutcome } from "./metrics.ts";
import type { ObservedRun, RunObserver } from "./observer.ts";
import { TemporaryError, TerminalError, type AnyReconciler, type ReconcileContext, type Result } from "./reconciler.ts";
import { referencesOf, referrerId } from "./references.ts";
import { statusWriter } from "./status.ts";
import { toError } from "./thrown.ts";

export interface ControllerSettings {
  name: string;
  kind: KindToken;
  /** Which objects of the kind it is for. Default: all of them. */
  isFor?: ((object: KubernetesObject) => boolean) | undefined;
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
  references: ReferenceCache;
  metrics?: ControllerMetrics;
  observer?: RunObserver | undefined;
  rateLimiter?: RateLimiter;
  /** How often one object may be reconciled. Default: whenever something asks for it. */
  rate?: Rate | undefined;
}

/** Something beside the watches that asks for reconciles, for as long as the controller runs. */
export interface ControllerSource {
  start?(): void;
  stop(): void;
}

/** A key whose object somebody else keeps changing is tried so often before that is worth an error. */
const QUIET_CONFLICTS = 5;
/** Milliseconds after its signal has aborted that a run may need to end. */
const OVERDUE_AFTER = 10_000;

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
  readonly #sources: ControllerSource[] = [];
  /** When each run timed out that goes on all the same. */
  readonly #overdue = new Map<AbortController, { since: number; log: Logger }>();
  #overdueTold = false;
  #started = false;
  #stopping = false;
  #fenced = false;

  constructor(settings: ControllerSettings) {
    this.#settings = settings;
    this.name = settings.name;
    this.kind = settings.kind;
    this.finalizer = finalizerName(settings.kind, settings.name);
    this.#metrics = settings.metrics ?? NO_METRICS;
    this.#backoff = settings.rateLimiter ?? exponentialBackoff(settings.clock);
    this.#queue = new WorkQueue({
      clock: settings.clock,
      onReady: () => this.#pump(),
      observer: this.#metrics.queue,
      rate: settings.rate,
    });
    this.#metrics.runs(() => this.#queue.workTimes);
  }

  /** Asks for a reconcile of this object, at once even where a retry was waiting. Higher priorities go first; default 0. */
  enqueue(key: ObjectKey, priority?: number): void {
    this.#queue.add(keyString(key), priority);
  }

  /** Starts and stops a source with the controller. */
  attach(source: ControllerSource): void {
    this.#sources.push(source);
  }

  /** Begins to take keys; until then they gather. */
  start(): void {
    this.#started = true;
    this.#settings.log.info("Starting Controller", this.#logFields());
    for (const source of this.#sources) source.start?.();
    this.#pump();
  }

  /** True while nothing is ready or running. */
  get idle(): boolean {
    return this.#queue.idle;
  }

  /** Takes no more keys and resolves when the runs under way have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopSources();
    this.#queue.close();
    await Promise.all(this.#runs.values());
  }

  /** Ends all runs now: their signals abort and their clients reject. */
  fence(reason: unknown): void {
    this.#stopping = true;
    this.#fenced = true;
    this.#stopSources();
    for (const run of this.#runs.keys()) run.abort(reason);
  }

  #stopSources(): void {
    for (const source of this.#sources) source.stop();
  }

  #pump(): void {
    if (!this.#started || this.#stopping) return;
    while (this.#runs.size < this.#settings.concurrency) {
      const key = this.#queue.take();
      this.#metrics.depth(this.#queue.depth);
      if (key === undefined) return;
      const run = new AbortController();
      // Only a logger can make it reject, which then cannot be told there. It is kept so that stop() can wait for it.
      const told = this.#run(key, run).catch((fault: unknown) => process.emitWarning(toError(fault)));
      const ended = told.finally(() => {
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
    const { clock, observer } = this.#settings;
    const reconcileId = randomUUID();
    const objectKey = parseKey(key);
    const log = this.#settings.log.child({
      ...this.#logFields(),
      namespace: objectKey.namespace,
      name: objectKey.name,
      reconcileID: reconcileId,
    });
    this.#tellOverdue();
    const began = clock.monotonic();
    const observed = observer?.began({ controller: this.name, kind: this.kind, key: objectKey, reconcileId });
    const reconcile = () => this.#reconcile(objectKey, key, reconcileId, log, run.signal, observed);
    let outcome: ReconcileOutcome;
    let failure: unknown;
    try {
      const result = await this.#withinTime(observed ? observed.within(reconcile) : reconcile(), run, log);
      outcome = this.#succeeded(key, result);
    } catch (thrown) {
      const error = (failure = toError(thrown));
      outcome = (await this.#isMoot(error, objectKey)) ? this.#succeeded(key, {}) : this.#failed(key, error, log);
    }
    observed?.ended(outcome, outcome === "error" ? failure : undefined);
    this.#metrics.reconciled(outcome, (clock.monotonic() - began) / 1000);
  }

  /**
   * Settles with the work, or rejects when its signal aborts: then the client is fenced already, and nothing that the run still does can count. So its
   * key is free, even where the work does not heed the signal and never ends.
   */
  #withinTime(work: Promise<Result>, run: AbortController, log: Logger): Promise<Result> {
    const { clock, timeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        if (!this.#overdueTold) this.#overdue.set(run, { since: clock.monotonic(), log });
        run.abort(new RunEnded(`the reconcile did not end within ${timeout / 1000} s`));
      }, timeout);
      const onAbort = () => {
        timer.cancel();
        reject(run.signal.reason as Error);
      };
      run.signal.addEventListener("abort", onAbort, { once: true });
      const settled = () => {
        timer.cancel();
        this.#overdue.delete(run);
      };
      work.finally(settled).then(resolve, reject);
    });
  }

  /** Says once that runs do not end though they were told to. Looked at when other runs begin, so that no timer is kept for it. */
  #tellOverdue(): void {
    if (this.#overdue.size === 0) return;
    const now = this.#settings.clock.monotonic();
    for (const { since, log } of this.#overdue.values()) {
      if (now - since < OVERDUE_AFTER) return; // the later ones are not older
      log.warn(
        "a reconcile goes on though it was given up and its signal has aborted; its client takes no more calls, but what it holds is never freed: " +
          "pass context.signal to whatever it waits for",
        { abortedMsAgo: Math.round(now - since) },
      );
      this.#overdueTold = true;
      this.#overdue.clear();
    }
  }

  async #reconcile(
    key: ObjectKey,
    keyText: string,
    reconcileId: string,
    log: Logger,
    signal: AbortSignal,
    observed: ObservedRun | undefined,
  ): Promise<Result> {
    const { reconciler, kind, events, clock } = this.#settings;
    const own = this.#settings.client.withFieldManager(this.name).fencedBy(signal);
    const client = observed ? own.observedBy(observed.calls) : own;
    const references = referencesOf(this.#settings.references, this.name, signal, (owner) => this.enqueue(owner));
    const shared = {
      client,
      events: fencedEvents(events, signal),
      references,
      log,
      signal,
      reconcileId,
      failures: this.#backoff.failures(keyText),
    };
    if ("reconcileRequest" in reconciler) return reconciler.reconcileRequest(key, shared);
    const object = (await client.get(kind, key)) as KubernetesObject | undefined;
    if (object === undefined || this.#settings.isFor?.(object) === false) {
      this.#settings.references.release(referrerId(this.name, key));
      return {}; // gone, and what it owned is the garbage collector's; or not this controller's
    }
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
    const current = hasFinalizer(object, this.finalizer) === wanted ? object : await setFinalizer(client, object, this.finalizer, wanted);
    return reconciler.reconcile(current, contextOf(current));
  }

  /** Takes the finalizer off the object as it is now: finalize may have written it. */
  async #release(client: ApiClient, key: ObjectKey): Promise<void> {
    const object = (await client.get(this.kind, key)) as KubernetesObject | undefined;
    if (object === undefined || !hasFinalizer(object, this.finalizer)) return;
    try {
      await setFinalizer(client, object, this.finalizer, false);
    } catch (error) {
      if (!isNotFound(error)) throw error; // somebody else was faster, and it is gone
    }
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
    // Checked before anything is forgotten: what is no duration is the reconciler's mistake, and a failure.
    const after = result?.requeueAfter === undefined ? undefined : milliseconds(result.requeueAfter);
    this.#backoff.forget(key);
    if (after === undefined) return "success";
    // A result of 0 would be a busy loop; one millisecond lets the event loop breathe.
    this.#requeue(key, Math.max(after, 1));
    return "requeue_after";
  }

  #failed(key: string, error: Error, log: Logger): ReconcileOutcome {
    if (this.#fenced) return "error"; // it was ended from outside, and says so elsewhere
    const how = failureOf(error);
    if (how !== undefined) this.#metrics.failed(how);
    if (error instanceof TerminalError) {
      log.error("Reconciler error", error, { terminal: true });
      return "error";
    }
    const isEveryday = isConflict(error) && this.#backoff.failures(key) < QUIET_CONFLICTS;
    const delay = error instanceof TemporaryError ? error.after : this.#backoff.next(key);
    this.#metrics.retried();
    this.#requeue(key, delay);
    if (isEveryday) log.debug("the object was changed meanwhile; reconciling it as it is now", { error: error.message, retryInMs: delay });
    else log.error("Reconciler error", error, { retryInMs: delay });
    return "error";
  }

  #requeue(key: string, delay: number): void {
    this.#queue.addAfter(key, delay);
  }

  #logFields(): Record<string, string> {
    return { controller: this.name, controllerGroup: groupOf(this.kind.apiVersion), controllerKind: this.kind.kind };
  }
}

function failureOf(error: unknown): Failure | undefined {
  if (error instanceof TerminalError) return "terminal";
  if (error instanceof RunEnded) return "timeout";
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError ? "panic" : undefined;
}

/** Finalizers are domain-qualified; for built-in kinds, whose group is no domain of ours, it is this project's. */
function finalizerName(kind: KindToken, controller: string): string {
  const group = groupOf(kind.apiVersion);
  return `${group.includes(".") && !group.endsWith(".k8s.io") ? group : "kubescaffold.dev"}/${controller}`;
}
