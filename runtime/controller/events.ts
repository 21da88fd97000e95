import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { formatMicroTime, type Clock, type KubernetesObject, type Logger } from "../object/index.ts";
import { isNotFound, type Client } from "../client/index.ts";

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

/** Writes events through a client, one after the other, and counts repetitions in a series. */
export class EventWriter implements EventRecorder {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #controller: string;
  readonly #recorded = new Map<string, Recorded>();
  #writing: Promise<void> = Promise.resolve();
  #backlog = 0;

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

  #record(type: string, object: KubernetesObject, reason: string, note: string, options: EventOptions = {}): void {
    if (this.#backlog >= LONGEST_BACKLOG) {
      this.#log.debug("an event was dropped: too many are waiting to be written", { reason });
      return;
    }
    this.#backlog++;
    const now = this.#clock.now();
    this.#writing = this.#writing
      .then(() => this.#write(type, object, reason, shorten(note), options, now))
      .catch((error: unknown) =>
        this.#log.debug("an event could not be written", { reason, error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => this.#backlog--);
  }

  async #write(type: string, object: KubernetesObject, reason: string, note: string, options: EventOptions, now: number): Promise<void> {
    const key = JSON.stringify([object.metadata?.uid, type, reason, note, options.action, options.related?.metadata?.uid]);
    const known = this.#recorded.get(key);
    if (known && now - known.lastSeen < SERIES_WINDOW && (await this.#repeat(known, now))) return;
    const namespace = object.metadata?.namespace ?? "default";
    const name = `${object.metadata?.name ?? "object"}.${randomBytes(8).toString("hex")}`;
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
