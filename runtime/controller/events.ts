import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { formatMicroTime, type Clock, type KubernetesObject, type Logger } from "../object/index.ts";
import { ApiError, isNotFound, type Client } from "../client/index.ts";
import { EventCorrelator } from "./event-correlator.ts";
import { recent } from "./recent.ts";

export interface EventOptions {
  /** What the controller was doing, in CamelCase. Default `Reconcile`. */
  action?: string;
  /** A second object that the event is about. */
  related?: KubernetesObject;
}

/**
 * Tells people what happened to an object (`kubectl describe`, `kubectl events`). Best effort: it never throws and never waits. The same event again
 * is counted in the series of the first. After ten different notes of one reason others are combined; an object has 25 events and then one in five
 * minutes; and while 200 wait for a slow API server, others are dropped. How many were dropped is logged.
 */
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
/** Events that may wait to be written at a time; beyond, they are dropped, for an API server in trouble must not be flooded. */
const LONGEST_BACKLOG = 200;
/** Writes that are under way at a time. */
const PARALLEL = 4;
/** Dropped events are told of no more often than this (ms). */
const TELL_DROPPED = 60_000;

/** The same event, once or again. */
interface Series {
  /** The event but for its name and time. */
  readonly event: { metadata: { namespace: string }; reason: string; regarding: { name?: string | undefined } };
  /** The Event that counts it, once there is one. */
  written: { name: string; count: number; lastAt: number } | undefined;
  /** What has happened since the last write. */
  pending: { times: number; firstAt: number; lastAt: number } | undefined;
  /** Something that is pending is worth a write of its own. */
  isDue: boolean;
  /** It waits to be written, or is being written. */
  isQueued: boolean;
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

/** Writes events through a client, a few at a time, those of one series in their order. */
export class EventWriter implements EventRecorder {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #controller: string;
  readonly #correlator = new EventCorrelator();
  readonly #series = recent<Series>();
  readonly #faultsTold = new Set<string>();
  /** Series that have something to be written, each once, and none that is being written. */
  readonly #backlog = new Set<Series>();
  #writing = 0;
  #onIdle: (() => void)[] = [];
  #dropped = 0;
  #droppedToldAt: number | undefined;
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
    this.#tellDropped();
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#proceed();
    });
  }

  /** Writes nothing more, not even what is waiting: somebody else may lead now. */
  close(): void {
    this.#closed = true;
    this.#backlog.clear();
  }

  #record(type: string, object: KubernetesObject, reason: string, text: string, options: EventOptions = {}): void {
    if (this.#closed) return;
    const { action = "Reconcile", related } = options;
    const now = this.#clock.now();
    const regarding = reference(object);
    const told = JSON.stringify([regarding.uid ?? [regarding.kind, regarding.namespace, regarding.name]]);
    const kind = JSON.stringify([type, reason, action, related?.metadata?.uid]);
    const { series: key, note, isWorthWriting } = this.#correlator.correlate(told, kind, text, now);
    const known = this.#series.get(key);
    const series = known ?? {
      // Everything is taken from the object now: it is its owner's to change.
      event: {
        ...EVENT,
        metadata: { namespace: regarding.namespace ?? "default" },
        reportingController: this.#controller,
        reportingInstance: `${this.#controller}-${hostname()}`.slice(0, 128),
        ...{ action, reason, note: shorten(note), type, regarding },
        ...(related && { related: reference(related) }),
      },
      written: undefined, pending: undefined, isDue: false,
      isQueued: false,
    }; // prettier-ignore
    const isInSeries = series.isQueued || (series.written !== undefined && now - series.written.lastAt < SERIES_WINDOW);
    if (!isInSeries && (!isWorthWriting || this.#backlog.size >= LONGEST_BACKLOG)) {
      this.#drop();
      return;
    }
    this.#series.set(key, series);
    const { times, firstAt } = series.pending ?? { times: 0, firstAt: now };
    series.pending = { times: times + 1, firstAt, lastAt: now };
    // What is in a series and not worth a write of its own is counted by the next.
    if (isWorthWriting) series.isDue = true;
    this.#enqueue(series);
  }

  #enqueue(series: Series): void {
    if (series.isQueued || !series.isDue || this.#closed) return;
    series.isQueued = true;
    this.#backlog.add(series);
    this.#proceed();
  }

  #proceed(): void {
    for (const series of this.#backlog) {
      if (this.#writing >= PARALLEL) return;
      this.#backlog.delete(series);
      this.#writing++;
      void this.#write(series).finally(() => {
        this.#writing--;
        series.isQueued = false;
        this.#enqueue(series);
        this.#proceed();
      });
    }
    if (this.#writing > 0) return;
    for (const idle of this.#onIdle.splice(0)) idle();
  }

  /** Never rejects: an event that fails is no fault of the reconcile. That events cannot be written at all is worth one warning. */
  async #write(series: Series): Promise<void> {
    const { pending } = series;
    if (pending === undefined) return;
    series.pending = undefined;
    series.isDue = false;
    const { reason } = series.event;
    try {
      if (await this.#repeated(series, pending)) return;
      series.written = undefined;
      await this.#create(series, pending.firstAt);
      if (pending.times === 1) return;
      const since = series.pending as Series["pending"];
      const times = pending.times - 1 + (since?.times ?? 0);
      series.pending = { times, firstAt: pending.firstAt, lastAt: since?.lastAt ?? pending.lastAt };
      series.isDue = true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const kind = error instanceof ApiError ? `${error.status} ${error.reason}` : "";
      if (this.#faultsTold.has(kind)) this.#log.debug("an event could not be written", { reason, error: message });
      else this.#log.warn("an event could not be written; others like it are told at level debug", { reason, error: message });
      this.#faultsTold.add(kind);
    }
  }

  async #create(series: Series, at: number): Promise<void> {
    const { metadata, regarding } = series.event;
    const name = `${(regarding.name ?? "object").slice(0, LONGEST_NAME)}.${randomBytes(8).toString("hex")}`;
    await this.#client.create({ ...series.event, metadata: { ...metadata, name }, eventTime: formatMicroTime(at) });
    series.written = { name, count: 1, lastAt: at };
  }

  /** Counts on in the series of an Event; false when there is none, or it is gone, as Events are after an hour. */
  async #repeated({ event, written }: Series, { times, firstAt, lastAt }: NonNullable<Series["pending"]>): Promise<boolean> {
    if (written === undefined || firstAt - written.lastAt >= SERIES_WINDOW) return false;
    const series = { count: written.count + times, lastObservedTime: formatMicroTime(lastAt) };
    try {
      await this.#client.patch(EVENT, { namespace: event.metadata.namespace, name: written.name }, "merge", { series });
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
    written.count = series.count;
    written.lastAt = lastAt;
    return true;
  }

  #drop(): void {
    this.#dropped++;
    if (this.#droppedToldAt === undefined || this.#clock.now() - this.#droppedToldAt >= TELL_DROPPED) this.#tellDropped();
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#log.info("events were dropped: too many of one object, or too many that wait to be written", {
      controller: this.#controller,
      dropped: this.#dropped,
    });
    this.#dropped = 0;
    this.#droppedToldAt = this.#clock.now();
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
