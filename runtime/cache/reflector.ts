import { joinSignals, sleep, type Clock, type KubernetesObject } from "../object/index.ts";
import { ApiError, isExpired, readLines, type Transport } from "../client/index.ts";
import { readWireEvent, wireName, type OwnEntry } from "./wire-event.ts";

/** Takes what a reflector reads, in order. */
export interface ReflectorSink {
  /** A list begins, the first one or after a gap. What it collects counts only once it is complete; it may also be given up. */
  list(): ListSink;
  /** @param json the object's JSON as it arrived, less what others manage; to be copied at once, and absent where it has to be written anew */
  event(type: "ADDED" | "MODIFIED" | "DELETED", object: KubernetesObject, json?: Buffer): void;
  /** The kind was taken away, and all its objects with it. */
  gone(): void;
  /** Nothing of interest happened up to this resource version. */
  bookmark(resourceVersion: string): void;
}

/** Collects one consistent list. */
export interface ListSink {
  /** A streamed list may report changes before it is complete. */
  add(type: "ADDED" | "MODIFIED" | "DELETED", object: KubernetesObject, json?: Buffer): void;
  complete(resourceVersion: string): void;
  /** It will not become complete. */
  abandon(): void;
}

export interface ReflectorOptions {
  transport: Transport;
  /** Path of the collection, without a query. */
  path: string;
  /** Selectors. */
  query: Readonly<Record<string, string>>;
  accept?: string | undefined;
  /** What the items of a list leave out. */
  apiVersion: string;
  kind: string;
  sink: ReflectorSink;
  /** Which entries of `managedFields` are kept; the others are not even read. */
  isOurs: OwnEntry;
  /** Which names are wanted: others are dropped without being parsed. Default: all. */
  isKept?: (name: string) => boolean;
  clock: Clock;
  random: () => number;
  /** Whether a list failed since the kind is not served any more, as far as can be known. Default: that is never known. */
  isGone?: (error: unknown) => Promise<boolean>;
  /** Told of each fault and of the delay before the next try, in milliseconds. */
  onFault: (error: unknown, delay: number) => void;
  /** A watch that is silent for longer is taken for dead. Bookmarks come every minute. Default 150 s. */
  idleTimeout?: number;
}

/**
 * Keeps a sink equal to a collection of the API server, for as long as it runs, whatever happens on the way (client-go's Reflector).
 * Each state is a value and each step one function: a step reads what it can and sets the state from which to go on.
 */
type State =
  /** Nothing is known, or what is known is too old to go on from. */
  | { name: "listing"; how: "streamed" | "paged" }
  /** Everything up to this resource version is in the sink. */
  | { name: "watching"; resourceVersion: string };

type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

const PAGE_SIZE = 500;
/** Milliseconds before the second try after a fault; doubles up to the longest. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;
/** A step that lasted so long (ms) was a good one: faults before it do not count any more. */
const GOOD_STEP = 10_000;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** A streamed list ended, or fell silent, without saying that it was complete. */
class IncompleteListError extends Error {
  override readonly name = "IncompleteListError";
}

export class Reflector {
  readonly #options: ReflectorOptions;
  #state: State = { name: "listing", how: "streamed" };
  #faults = 0;
  #isGone = false;
  /** Lists that were completed, and streams that were opened, of a list or of a watch alone. */
  lists = 0;
  streams = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  /** What it does now: `waiting` for a kind that was taken away. */
  get phase(): "listing" | "watching" | "waiting" {
    return this.#isGone ? "waiting" : this.#state.name;
  }

  /** Runs until the signal aborts, and then resolves; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onFault } = this.#options;
    const ended = () => signal.aborted;
    while (!ended()) {
      const began = clock.monotonic();
      const lastedLong = () => clock.monotonic() - began > GOOD_STEP;
      let delay: number;
      try {
        const proceed = await this.#step(signal);
        if (lastedLong()) this.#faults = 0;
        if (proceed || lastedLong()) continue;
        delay = this.#nextDelay(undefined); // the server closes watches at once: it may be shutting down
      } catch (error) {
        if (ended()) return;
        if (lastedLong()) this.#faults = 0;
        if (this.#state.name === "listing" && !this.#isGone && (await this.#options.isGone?.(error)) === true) {
          if (ended()) return;
          this.#isGone = true;
          this.#options.sink.gone();
        }
        this.#state = nextAfterFault(this.#state, error);
        delay = this.#nextDelay(error);
        onFault(error, delay);
      }
      await sleep(clock, delay, signal).catch(() => undefined); // aborted: the loop sees it
    }
  }

  /** One step from the present state. True when the next one may follow at once. */
  async #step(signal: AbortSignal): Promise<boolean> {
    if (this.#state.name === "watching") await this.#watch(this.#state.resourceVersion, signal);
    else if (this.#state.how === "streamed") await this.#streamedList(signal);
    else {
      await this.#pagedList(signal);
      return true;
    }
    return false;
  }

  /** Never earlier than the server asks for; jitter, so that not all come back at once. */
  #nextDelay(error: unknown): number {
    const { random } = this.#options;
    const exponential = Math.min(FIRST_DELAY * 2 ** this.#faults++, LONGEST_DELAY) * (0.5 + random());
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * (1 + random() / 2) : 0;
    return Math.max(exponential, asked);
  }

  /** List and watch in one stream (KEP-3157): the initial state arrives as events and ends with a marked bookmark. */
  async #streamedList(signal: AbortSignal): Promise<void> {
    const initial = this.#options.sink.list();
    let list: ListSink | undefined = initial;
    const query = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
    const isComplete = () => list === undefined;
    try {
      await this.#stream(query, signal, (type, object, json) => {
        if (list === undefined) this.#pass(type, object, json);
        else if (type !== "BOOKMARK") list.add(type, object, json);
        else if (object.metadata?.annotations?.[INITIAL_EVENTS_END] === "true") {
          this.#complete(list, object.metadata.resourceVersion ?? "");
          list = undefined;
        }
      });
    } catch (error) {
      if (error instanceof SilentWatchError && !isComplete()) throw new IncompleteListError(error.message, { cause: error });
      throw error;
    } finally {
      if (!isComplete()) initial.abandon();
    }
    if (!isComplete()) throw new IncompleteListError("the server ended a streamed list before it was complete");
  }

  async #pagedList(signal: AbortSignal): Promise<void> {
    const { transport, path, query, accept, sink } = this.#options;
    const list = sink.list();
    let resourceVersion = "";
    let next = "";
    try {
      do {
        const page = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...(next !== "" && { continue: next }) });
        const answer = await transport.json({
          method: "GET",
          path: `${path}?${page.toString()}`,
          signal,
          ...(accept !== undefined && { accept }),
        });
        const { items, metadata } = answer as {
          items?: KubernetesObject[] | null;
          metadata?: { continue?: string; resourceVersion?: string };
        };
        for (const item of items ?? []) list.add("ADDED", this.#named(item));
        resourceVersion = metadata?.resourceVersion ?? "";
        next = metadata?.continue ?? "";
      } while (next !== "");
    } catch (error) {
      list.abandon();
      throw error;
    }
    this.#complete(list, resourceVersion);
  }

  #complete(list: ListSink, resourceVersion: string): void {
    list.complete(resourceVersion);
    this.lists++;
    this.#isGone = false;
    this.#state = { name: "watching", resourceVersion };
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    await this.#stream({ resourceVersion }, signal, (type, object, json) => this.#pass(type, object, json));
  }

  #pass(type: EventType, object: KubernetesObject, json: Buffer | undefined): void {
    const resourceVersion = object.metadata?.resourceVersion ?? "";
    if (type === "BOOKMARK") this.#options.sink.bookmark(resourceVersion);
    else this.#options.sink.event(type, object, json);
    this.#state = { name: "watching", resourceVersion };
  }

  /** The items of a list leave out what they are, and what was cut down to its metadata is called PartialObjectMetadata. */
  #named(object: KubernetesObject): KubernetesObject {
    const { apiVersion, kind } = this.#options;
    if (object.kind === kind && object.apiVersion === apiVersion) return object;
    return { ...object, apiVersion, kind };
  }

  /** Opens a watch and hands on its events until the server ends it. Throws when it breaks or falls silent. */
  async #stream(
    start: Readonly<Record<string, string>>,
    signal: AbortSignal,
    onEvent: (type: EventType, object: KubernetesObject, json: Buffer | undefined) => void,
  ): Promise<void> {
    const { transport, path, query, accept, isOurs, isKept, clock, random, idleTimeout = 150_000 } = this.#options;
    this.streams++;
    const joined = joinSignals(signal);
    const startIdleTimer = () => clock.setTimeout(() => joined.abort(new SilentWatchError(path, idleTimeout)), idleTimeout);
    let timer = startIdleTimer();
    // The server ends a watch after this time; spread, so that not all of them come back at once.
    const timeoutSeconds = String(300 + Math.floor(300 * random()));
    const text = new URLSearchParams({ ...query, ...start, watch: "true", allowWatchBookmarks: "true", timeoutSeconds }).toString();
    try {
      const { body } = await transport.stream({
        method: "GET",
        path: `${path}?${text}`,
        signal: joined.signal,
        ...(accept !== undefined && { accept }),
      });
      for await (const lines of readLines(body)) {
        timer.cancel();
        timer = startIdleTimer();
        for (const line of lines) {
          const name = isKept && wireName(line);
          if (name !== undefined && isKept?.(name) === false) continue;
          const { type, object, json } = readWireEvent(line, isOurs);
          const named = this.#named(object);
          onEvent(type, named, named === object ? json : undefined);
        }
      }
    } catch (error) {
      // A stream that was broken off says only that it was.
      throw joined.signal.aborted ? joined.signal.reason : error;
    } finally {
      timer.cancel();
      joined.release();
    }
  }
}

/** Nothing came over a watch for too long: its connection is taken for dead. */
class SilentWatchError extends Error {
  override readonly name = "SilentWatchError";

  constructor(path: string, silence: number) {
    super(`the watch of ${path} was silent for ${silence / 1000} s`);
  }
}

/** Where to go on after a fault: from where we are, unless the server said that it cannot. */
function nextAfterFault(state: State, error: unknown): State {
  if (isExpired(error)) return { name: "listing", how: "streamed" };
  const status = error instanceof ApiError ? error.status : undefined;
  if (state.name === "listing" && state.how === "streamed" && (status === 400 || status === 422 || error instanceof IncompleteListError)) {
    return { name: "listing", how: "paged" }; // a server without streaming lists
  }
  if (state.name === "watching" && status === 404) return { name: "listing", how: "streamed" }; // the kind was taken away
  return state;
}
