import { sleep, type Clock, type KubernetesObject } from "../object/index.ts";
import { ApiError, isExpired, parseWatchEvent, readLines, type Transport } from "../client/index.ts";

/** Takes what a reflector reads, in order. */
export interface ReflectorSink {
  /** A consistent list, the first one or after a gap. */
  replace(objects: readonly KubernetesObject[], resourceVersion: string): void;
  event(type: "ADDED" | "MODIFIED" | "DELETED", object: KubernetesObject): void;
  /** Nothing of interest happened up to this resource version. */
  bookmark(resourceVersion: string): void;
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
  clock: Clock;
  random: () => number;
  /** Told of each fault and of the delay before the next try, in milliseconds. */
  onFault: (error: unknown, delay: number) => void;
  /** A watch that is silent for longer is taken for dead. Bookmarks come every minute. Default 150 s. */
  idleTimeout?: number;
}

/**
 * Keeps a sink equal to a collection of the API server, for as long as it runs, whatever happens on the way (client-go's Reflector).
 * Each state is a value and each step one function: a step reads what it can and returns where to go on.
 */
type State =
  /** Nothing is known, or what is known is too old to go on from. */
  | { name: "listing"; how: "streamed" | "paged" }
  /** Everything up to this resource version is in the sink. */
  | { name: "watching"; resourceVersion: string };

const PAGE_SIZE = 500;
/** Milliseconds before the second try after a fault; doubles up to the longest. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;
/** A watch that lasted so long (ms) was a good one: faults before it do not count any more. */
const GOOD_WATCH = 10_000;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

export class Reflector {
  readonly #options: ReflectorOptions;
  #state: State = { name: "listing", how: "streamed" };
  #faults = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts, and then resolves; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const ended = () => signal.aborted;
    while (!ended()) {
      const began = clock.now();
      try {
        if (this.#state.name === "listing") await (this.#state.how === "streamed" ? this.#streamedList(signal) : this.#pagedList(signal));
        else await this.#watch(this.#state.resourceVersion, signal);
        if (clock.now() - began > GOOD_WATCH) this.#faults = 0;
        else await this.#pause(signal); // the server closes watches at once: it may be shutting down
      } catch (error) {
        if (ended()) return;
        this.#state = nextAfterFault(this.#state, error);
        const delay = this.#nextDelay(error);
        this.#options.onFault(error, delay);
        await this.#pause(signal, delay);
      }
    }
  }

  async #pause(signal: AbortSignal, delay = this.#nextDelay(undefined)): Promise<void> {
    try {
      await sleep(this.#options.clock, delay, signal);
    } catch {
      // aborted: run() sees it
    }
  }

  #nextDelay(error: unknown): number {
    const exponential = Math.min(FIRST_DELAY * 2 ** this.#faults++, LONGEST_DELAY);
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    return Math.max(exponential, asked) * (0.5 + this.#options.random());
  }

  /** List and watch in one stream (KEP-3157): the initial state arrives as events and ends with a marked bookmark. */
  async #streamedList(signal: AbortSignal): Promise<void> {
    let initial: KubernetesObject[] | undefined = [];
    const query = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };
    await this.#stream(query, signal, (type, object) => {
      if (initial === undefined) this.#pass(type, object);
      else if (type !== "BOOKMARK") initial.push(object);
      else if (object.metadata?.annotations?.[INITIAL_EVENTS_END] === "true") {
        this.#listed(initial, object.metadata.resourceVersion ?? "");
        initial = undefined;
      }
    });
  }

  async #pagedList(signal: AbortSignal): Promise<void> {
    const { transport, path, query, accept, apiVersion, kind } = this.#options;
    const objects: KubernetesObject[] = [];
    let resourceVersion = "";
    let next = "";
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
      for (const item of items ?? []) objects.push({ apiVersion, kind, ...item });
      resourceVersion = metadata?.resourceVersion ?? "";
      next = metadata?.continue ?? "";
    } while (next !== "");
    this.#listed(objects, resourceVersion);
  }

  #listed(objects: readonly KubernetesObject[], resourceVersion: string): void {
    this.#options.sink.replace(objects, resourceVersion);
    this.#state = { name: "watching", resourceVersion };
    this.#faults = 0;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    await this.#stream({ resourceVersion }, signal, (type, object) => this.#pass(type, object));
  }

  #pass(type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK", object: KubernetesObject): void {
    const resourceVersion = object.metadata?.resourceVersion ?? "";
    if (type === "BOOKMARK") this.#options.sink.bookmark(resourceVersion);
    else this.#options.sink.event(type, object);
    this.#state = { name: "watching", resourceVersion };
  }

  /** Opens a watch and hands on its events until the server ends it. Throws when it breaks or falls silent. */
  async #stream(
    start: Readonly<Record<string, string>>,
    signal: AbortSignal,
    onEvent: (type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK", object: KubernetesObject) => void,
  ): Promise<void> {
    const { transport, path, query, accept, clock, random, idleTimeout = 150_000 } = this.#options;
    const idle = new AbortController();
    const startIdleTimer = () =>
      clock.setTimeout(() => idle.abort(new Error(`the watch of ${path} was silent for ${idleTimeout / 1000} s`)), idleTimeout);
    let timer = startIdleTimer();
    // The server ends a watch after this time; spread, so that not all of them come back at once.
    const timeoutSeconds = String(300 + Math.floor(300 * random()));
    const text = new URLSearchParams({ ...query, ...start, watch: "true", allowWatchBookmarks: "true", timeoutSeconds }).toString();
    try {
      const { body } = await transport.stream({
        method: "GET",
        path: `${path}?${text}`,
        signal: AbortSignal.any([signal, idle.signal]),
        ...(accept !== undefined && { accept }),
      });
      for await (const lines of readLines(body)) {
        timer.cancel();
        timer = startIdleTimer();
        for (const line of lines) {
          const { type, object } = parseWatchEvent<KubernetesObject>(line);
          onEvent(type, object);
        }
      }
    } finally {
      timer.cancel();
    }
  }
}

/** Where to go on after a fault: from where we are, unless the server said that it cannot. */
function nextAfterFault(state: State, error: unknown): State {
  if (isExpired(error)) return { name: "listing", how: "streamed" };
  if (state.name === "listing" && state.how === "streamed" && error instanceof ApiError && (error.status === 400 || error.status === 422)) {
    return { name: "listing", how: "paged" }; // a server without streaming lists
  }
  if (state.name === "watching" && error instanceof ApiError && error.status === 404) return { name: "listing", how: "streamed" };
  return state;
}
