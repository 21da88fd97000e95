import {
  describeKind, joinSignals, keyString, milliseconds, sleep,
  type Clock, type DurationLike, type JoinedSignal, type KindToken, type KubernetesObject, type ObjectKey,
} from "../object/index.ts"; // prettier-ignore
import type { Informer, InformerEvent, InformerState } from "./informer.ts";

/** How referenced objects are watched. */
export interface ReferencesSettings {
  /**
   * Each object has a watch of its own, up to so many in one namespace; beyond it one watch of the namespace serves all of them, and
   * keeps none but them. Default 20. The trap: that one needs an access rule without `resourceNames`; where there is none, say `Infinity`.
   */
  foldAbove?: number;
  /**
   * How often owners come by themselves. Then a watch whose objects nobody has read for five times as long (at least a minute) is closed, and opened
   * again by the next read. Default: never, so that owners are told of every change however seldom they read.
   */
  resync?: DurationLike;
}

export type ReferenceFailure = "not-registered" | "not-synced" | "not-found";

/** A referenced object cannot be read. `reason` says which of three causes it is. */
export class UnresolvedReferenceError extends Error {
  readonly code: `reference-${ReferenceFailure}`;
  readonly reason: ReferenceFailure;
  readonly kind: KindToken;
  readonly key: ObjectKey;

  constructor(reason: ReferenceFailure, kind: KindToken, key: ObjectKey, cause?: unknown) {
    super(`${kind.kind} ${keyString(key)} ${WHY[reason]}${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause });
    this.name = "UnresolvedReferenceError";
    this.code = `reference-${reason}`;
    this.reason = reason;
    this.kind = kind;
    this.key = key;
  }
}

const WHY: Readonly<Record<ReferenceFailure, string>> = {
  "not-registered": "is read as a reference, but nobody tracks it; call references.track(owner, kind, names) before",
  "not-synced": "is tracked, but the API server has not sent it within 1 s",
  "not-found": "is referenced, but there is no such object",
};

/** How long a read waits for the first state, in milliseconds. */
const SYNC_TIME = 1000;
const SHORTEST_IDLE_TIME = 60_000;

export interface ReferenceCacheOptions {
  clock: Clock;
  settings: ReferencesSettings;
  /** Whether the kind has namespaces. */
  isNamespaced: (kind: KindToken) => Promise<boolean>;
  /** Makes an informer of one object, or, of a whole collection, of those that `isKept` lets in. It is not running yet. */
  informer: (kind: KindToken, namespace: string | undefined, part: ReferencePart) => Informer;
}

export interface ReferencePart {
  /** The name of the only object. */
  name?: string;
  isKept: (name: string) => boolean;
  onFault: (error: unknown) => void;
}

/** Who refers to objects, and what to do when one of them changes. */
export interface Referrer {
  readonly id: string;
  changed(): void;
}

/** An informer that serves some of the names of a group. */
interface Watch {
  readonly informer: Informer;
  readonly life: JoinedSignal;
  readonly names: Set<string>;
  readonly isFold: boolean;
  /** `frozen`: its object never changes again; `idle`: nobody reads it. Neither watches, both keep what they have. */
  state: "open" | "frozen" | "idle";
  fault: unknown;
}

interface Tracked {
  readonly group: Group;
  readonly key: ObjectKey;
  readonly referrers: Map<string, Referrer>;
  watch: Watch | undefined;
  /** The resource version that the referrers know of; empty when there is no object, `undefined` when that is not known yet. */
  version: string | undefined;
  readAt: number;
}

/** What is tracked of one kind in one namespace. */
interface Group {
  readonly kind: KindToken;
  readonly namespace: string | undefined;
  readonly tracked: Map<string, Tracked>;
  readonly watches: Set<Watch>;
}

/**
 * Just the objects that somebody refers to, for as long as somebody does, without a watch of all objects of their kinds: for Secrets and ConfigMaps that
 * the objects of a controller name. What serves a name is only left for another watch when that one has its first state.
 */
export class ReferenceCache {
  readonly #options: ReferenceCacheOptions;
  readonly #foldAbove: number;
  readonly #idleTime: number | undefined;
  readonly #groups = new Map<string, Group>();
  /** What each referrer named last, by kind. */
  readonly #byReferrer = new Map<string, Map<string, ReadonlySet<Tracked>>>();
  readonly #life = joinSignals();
  #isSweeping = false;

  constructor(options: ReferenceCacheOptions) {
    const { foldAbove = 20, resync } = options.settings;
    this.#options = options;
    this.#foldAbove = foldAbove;
    this.#idleTime = resync === undefined ? undefined : Math.max(SHORTEST_IDLE_TIME, 5 * milliseconds(resync));
  }

  /** Ends all watches with this signal. */
  endWith(signal: AbortSignal): void {
    signal.addEventListener("abort", () => this.#life.abort(signal.reason), { once: true });
  }

  /**
   * Says which objects of a kind a referrer refers to from now on; those that it named before and names no more are dropped.
   *
   * @throws NoKindMatchError when there is no such kind
   */
  async track(referrer: Referrer, kind: KindToken, keys: readonly ObjectKey[]): Promise<void> {
    const isNamespaced = await this.#options.isNamespaced(kind);
    const byKind = this.#byReferrer.get(referrer.id) ?? new Map<string, ReadonlySet<Tracked>>();
    const before = byKind.get(describeKind(kind)) ?? [];
    const now = new Set(keys.map((key) => this.#entry(kind, isNamespaced ? key.namespace : undefined, key)));
    for (const tracked of now) tracked.referrers.set(referrer.id, referrer);
    for (const group of new Set([...now].map((tracked) => tracked.group))) this.#serve(group);
    for (const tracked of before) if (!now.has(tracked)) this.#drop(tracked, referrer.id);
    if (now.size > 0) byKind.set(describeKind(kind), now);
    else byKind.delete(describeKind(kind));
    if (byKind.size > 0) this.#byReferrer.set(referrer.id, byKind);
    else this.#byReferrer.delete(referrer.id);
  }

  /** Drops whatever a referrer refers to. */
  release(referrerId: string): void {
    for (const all of this.#byReferrer.get(referrerId)?.values() ?? []) {
      for (const tracked of all) this.#drop(tracked, referrerId);
    }
    this.#byReferrer.delete(referrerId);
  }

  /** @throws UnresolvedReferenceError */
  async get(kind: KindToken, key: ObjectKey): Promise<KubernetesObject> {
    const tracked = this.#find(kind, key);
    if (tracked === undefined) throw new UnresolvedReferenceError("not-registered", kind, key);
    const watch = await this.#read(tracked);
    if (watch?.informer.hasSynced !== true) throw new UnresolvedReferenceError("not-synced", kind, key, watch?.fault);
    const object = watch.informer.get(tracked.key);
    if (object === undefined) throw new UnresolvedReferenceError("not-found", kind, key);
    return object;
  }

  /** The object, or that there is none; `undefined` when that is not known here. */
  async peek(kind: KindToken, key: ObjectKey): Promise<{ object: KubernetesObject | undefined } | undefined> {
    const tracked = this.#find(kind, key);
    if (tracked === undefined) return undefined;
    const informer = (await this.#read(tracked))?.informer;
    return informer?.hasSynced ? { object: informer.get(tracked.key) } : undefined;
  }

  /** Told of the answer to a write of our own. */
  wrote(kind: KindToken, key: ObjectKey, object: KubernetesObject, json: string): void {
    this.#find(kind, key)?.watch?.informer.wrote(object, json);
  }

  /** Told that a delete of our own removed the object. */
  removed(kind: KindToken, key: ObjectKey, uid: string | undefined): void {
    const tracked = this.#find(kind, key);
    tracked?.watch?.informer.removed(tracked.key, uid);
    if (tracked?.watch?.state === "frozen") this.#reopen(tracked); // another may come in its place
  }

  get states(): InformerState[] {
    return this.#watches.map(({ informer, state }) => (state === "open" ? informer.state : { ...informer.state, lastEventAt: undefined }));
  }

  get #watches(): Watch[] {
    return [...this.#groups.values()].flatMap(({ watches }) => [...watches]);
  }

  #find(kind: KindToken, key: ObjectKey): Tracked | undefined {
    const group = this.#groups.get(groupId(kind, key.namespace)) ?? this.#groups.get(groupId(kind, undefined));
    return group?.tracked.get(key.name);
  }

  #entry(kind: KindToken, namespace: string | undefined, { name }: ObjectKey): Tracked {
    const id = groupId(kind, namespace);
    const group = this.#groups.get(id) ?? { kind, namespace, tracked: new Map<string, Tracked>(), watches: new Set<Watch>() };
    this.#groups.set(id, group);
    const tracked = group.tracked.get(name) ?? {
      group, key: namespace === undefined ? { name } : { namespace, name }, referrers: new Map<string, Referrer>(),
      watch: undefined, version: undefined, readAt: this.#options.clock.monotonic(),
    }; // prettier-ignore
    group.tracked.set(name, tracked);
    return tracked;
  }

  /**
   * Opens watches for the names that have none: one each, or, where these become too many, one for all. What a fold let pass cannot be had from it
   * later, so names that come after it have their own until there are enough of them for another; the more a fold has, the more.
   */
  #serve(group: Group): void {
    const all = [...group.tracked.values()];
    const unserved = all.filter(({ watch }) => watch === undefined);
    if (unserved.length === 0) return;
    const folds = [...group.watches].filter(({ isFold }) => isFold);
    const unfrozen = all.filter(({ watch }) => watch?.state !== "frozen");
    const singles = unfrozen.filter(({ key }) => !folds.some(({ names }) => names.has(key.name)));
    const folded = unfrozen.length - singles.length;
    if (singles.length > this.#foldAbove + folded / 8) this.#open(group, unfrozen, true);
    else for (const each of unserved) this.#open(group, [each], false);
    this.#sweepLater();
  }

  #open(group: Group, served: readonly Tracked[], isFold: boolean): void {
    const names = new Set(served.map(({ key }) => key.name));
    const [name = ""] = names;
    const informer = this.#options.informer(group.kind, group.namespace, {
      ...(!isFold && { name }),
      isKept: (each) => names.has(each),
      onFault: (error) => (watch.fault = error),
    });
    const watch: Watch = { informer, life: joinSignals(this.#life.signal), names, isFold, state: "open", fault: undefined };
    group.watches.add(watch);
    for (const tracked of served) tracked.watch ??= watch;
    informer.addHandler((event) => this.#onEvent(group, watch, event));
    const adopt = () => {
      for (const each of [...names]) this.#adopt(group.tracked.get(each), watch);
    };
    informer.synced.then(adopt, () => undefined); // it ended before that, for nobody needs it
    void informer.run(watch.life.signal).finally(() => watch.life.release());
  }

  #onEvent(group: Group, watch: Watch, { key, type, object }: InformerEvent): void {
    const tracked = group.tracked.get(key.name);
    if (tracked?.watch === watch) this.#note(tracked, watch, type === "DELETED" ? undefined : object);
  }

  /** The watch has its first state and serves the name from now on. */
  #adopt(tracked: Tracked | undefined, watch: Watch): void {
    if (tracked === undefined) return;
    const before = tracked.watch;
    tracked.watch = watch;
    if (before !== undefined && before !== watch) this.#leave(tracked.group, before, tracked.key);
    this.#note(tracked, watch, watch.informer.get(tracked.key));
  }

  /** Tells the referrers, if that is news to them. */
  #note(tracked: Tracked, watch: Watch, object: KubernetesObject | undefined): void {
    const version = object?.metadata?.resourceVersion ?? "";
    const isNews = tracked.version !== undefined && tracked.version !== version;
    tracked.version = version;
    // In a fold it costs nothing to stay fresh.
    if (object !== undefined && "immutable" in object && object.immutable === true && !watch.isFold && watch.informer.hasSynced) {
      this.#close(watch, "frozen");
    }
    if (isNews) for (const referrer of tracked.referrers.values()) referrer.changed();
  }

  #close(watch: Watch, state: Watch["state"]): void {
    watch.state = state;
    watch.life.abort(new Error(`the watch is ${state}`));
  }

  #drop(tracked: Tracked, referrerId: string): void {
    tracked.referrers.delete(referrerId);
    if (tracked.referrers.size > 0) return;
    const { group, key } = tracked;
    group.tracked.delete(key.name);
    // A fold that is not synced yet has the name as well.
    for (const watch of group.watches) this.#leave(group, watch, key);
    if (group.tracked.size === 0) this.#groups.delete(groupId(group.kind, group.namespace));
  }

  #leave(group: Group, watch: Watch, key: ObjectKey): void {
    if (!watch.names.delete(key.name)) return;
    watch.informer.forget(key);
    if (watch.names.size > 0) return;
    group.watches.delete(watch);
    watch.life.abort(new Error("nobody refers to what was watched"));
  }

  async #read(tracked: Tracked): Promise<Watch | undefined> {
    tracked.readAt = this.#options.clock.monotonic();
    if (tracked.watch?.state === "idle") this.#reopen(tracked);
    const watch = tracked.watch;
    if (watch?.informer.hasSynced === false) await this.#synced(watch.informer);
    return tracked.watch;
  }

  #reopen(tracked: Tracked): void {
    if (tracked.watch !== undefined) this.#leave(tracked.group, tracked.watch, tracked.key);
    tracked.watch = undefined;
    this.#serve(tracked.group);
  }

  async #synced(informer: Informer): Promise<void> {
    const waiting = joinSignals(this.#life.signal);
    const timeout = sleep(this.#options.clock, SYNC_TIME, waiting.signal);
    try {
      await Promise.race([informer.synced, timeout]).catch(() => undefined);
    } finally {
      waiting.abort(undefined);
      waiting.release();
      timeout.catch(() => undefined);
    }
  }

  #sweepLater(): void {
    const { clock } = this.#options;
    const idleTime = this.#idleTime;
    if (idleTime === undefined || this.#isSweeping) return;
    this.#isSweeping = true;
    sleep(clock, idleTime / 2, this.#life.signal).then(
      () => {
        this.#isSweeping = false;
        const isUnread = (tracked: Tracked) => clock.monotonic() - tracked.readAt >= idleTime;
        const all = [...this.#groups.values()].flatMap(({ tracked }) => [...tracked.values()]);
        for (const watch of this.#watches) {
          const isIdle = all.every((tracked) => tracked.watch !== watch || isUnread(tracked));
          if (watch.state === "open" && watch.informer.hasSynced && isIdle) this.#close(watch, "idle");
        }
        if (this.#watches.some(({ state }) => state === "open")) this.#sweepLater();
      },
      () => undefined, // everything ends
    );
  }
}

function groupId(kind: KindToken, namespace: string | undefined): string {
  return `${describeKind(kind)} ${namespace ?? ""}`;
}
