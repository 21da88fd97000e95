import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { formatMicroTime, type Clock, type KubernetesObject, type Logger } from "../object/index.ts";
import { ApiError, isNotFound, type Client } from "../client/index.ts";

export interface EventOptions {
  /** What the controller was doing, in CamelCase. Default `Reconcile`. */
  action?: string;
  /** A second object that the event is about. */
  related?: KubernetesObject;
}

/** Tells people what happened to an object (`kubectl describe`, `kubectl events`). Best effort: it never throws and never waits. */
export interface EventRecorder {
  /** @param reason why, a word in CamelCase; @param note for people */
  normal(object: KubernetesObject, reason: string, note: string, options?: EventOptions): void;
  warning(object: KubernetesObject, reason: string, note: string, options?: EventOptions): void;
}

const EVENT = { apiVersion: "events.k8s.io/v1", kind: "Event" };
/** An event that comes again within this time (ms) is counted in a series, as KEP-383 asks, not written anew. */
const SERIES_WINDOW = 6 * 60_000;
/** The API server refuses longer notes (bytes). */
const LONGEST_NOTE = 1024;
/** What is left of the 253 characters of a name for the object's, before a dot and 16 digits. */
const LONGEST_NAME = 236;
/** Distinct events remembered for their series. */
const CAPACITY = 4096;
/** Writes that may wait at a time; beyond, events are dropped, for an API server in trouble must not be flooded. */
const LONGEST_BACKLOG = 200;

interface Recorded {
  name: string;
  namespace: string;
  count: number;
  lastSeen: number;
}

/** The events of one run, which is not heard any more once its signal aborts. */
export function fencedEvents(events: EventRecorder, signal: AbortSignal): EventRecorder {
  const whileRunning =
    (record: EventRecorder["normal"]): EventRecorder["normal"] =>
    (...event) => {
      if (!signal.aborted) record(...event);
    };
  return {
    normal: whileRunning((...event) => events.normal(...event)),
    warning: whileRunning((...event) => events.warning(...event)),
  };
}

/** Writes events through a client, one after the other, and counts repetitions in a series. */
export class EventWriter implements EventRecorder {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #controller: string;
  readonly #recorded = new Map<string, Recorded>();
  readonly #faultsTold = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #backlog = 0;
  #closed = false;

  constructor(options: { client: Client; log: Logger; clock: Clock; controller: string }) {
    this.#client = options.client;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#controller = options.controller;
  }

  normal(object: KubernetesObject, reason: string, note: string, options?: EventOptions): void {
    this.#record("Normal", object, reason, note, options);
  }

  warning(object: KubernetesObject, reason: string, note: string, options?: EventOptions): void {
    this.#record("Warning", object, reason, note, options);
  }

  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void> {
    return this.#writing;
  }

  /** Writes nothing more, not even what is waiting: somebody else may lead now. */
  close(): void {
    this.#closed = true;
  }

  #record(type: string, object: KubernetesObject, reason: string, note: string, options: EventOptions = {}): void {
    if (this.#backlog >= LONGEST_BACKLOG) {
      this.#log.debug("an event was dropped: too many are waiting to be written", { reason });
      return;
    }
    this.#backlog++;
    const now = this.#clock.now();
    this.#writing = this.#writing
      .then(() => (this.#closed ? undefined : this.#write(type, object, reason, shorten(note), options, now)))
      .catch((error: unknown) => this.#notWritten(reason, error))
      .finally(() => this.#backlog--);
  }

  /** An event that fails is no fault of the reconcile. That events cannot be written at all is worth one warning. */
  #notWritten(reason: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const kind = error instanceof ApiError ? `${error.status} ${error.reason}` : "";
    if (this.#faultsTold.has(kind)) this.#log.debug("an event could not be written", { reason, error: message });
    else this.#log.warn("an event could not be written; others like it are told at level debug", { reason, error: message });
    this.#faultsTold.add(kind);
  }

  async #write(type: string, object: KubernetesObject, reason: string, note: string, options: EventOptions, now: number): Promise<void> {
    const key = JSON.stringify([object.metadata?.uid, type, reason, note, options.action, options.related?.metadata?.uid]);
    const known = this.#recorded.get(key);
    if (known && now - known.lastSeen < SERIES_WINDOW && (await this.#repeat(known, now))) return;
    const namespace = object.metadata?.namespace ?? "default";
    const name = `${(object.metadata?.name ?? "object").slice(0, LONGEST_NAME)}.${randomBytes(8).toString("hex")}`;
    await this.#client.create({
      ...EVENT,
      metadata: { name, namespace },
      eventTime: formatMicroTime(now),
      reportingController: this.#controller,
      reportingInstance: `${this.#controller}-${hostname()}`.slice(0, 128),
      action: options.action ?? "Reconcile",
      reason,
      note,
      type,
      regarding: reference(object),
      ...(options.related && { related: reference(options.related) }),
    });
    this.#recorded.delete(key);
    this.#recorded.set(key, { name, namespace, count: 1, lastSeen: now });
    const [oldest] = this.#recorded.keys();
    if (this.#recorded.size > CAPACITY && oldest !== undefined) this.#recorded.delete(oldest);
  }

  /** Counts one more in the series of an event; false when that event is gone, as events are after an hour. */
  async #repeat(known: Recorded, now: number): Promise<boolean> {
    const series = { count: known.count + 1, lastObservedTime: formatMicroTime(now) };
    try {
      await this.#client.patch(EVENT, { namespace: known.namespace, name: known.name }, "merge", { series });
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
    known.count = series.count;
    known.lastSeen = now;
    return true;
  }
}

function reference(object: KubernetesObject) {
  const { apiVersion, kind, metadata = {} } = object;
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}

function shorten(note: string): string {
  if (Buffer.byteLength(note) <= LONGEST_NOTE) return note;
  // Cut at bytes, and drop a character that was cut in half.
  return `${Buffer.from(note)
    .subarray(0, LONGEST_NOTE - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")}…`;
}
