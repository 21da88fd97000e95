import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isAlreadyExists, isConflict, isForbidden, type Client } from "../client/index.ts";
import {
  formatMicroTime,
  joinDeadline,
  joinSignals,
  milliseconds,
  sleep,
  reasonOf,
  type Clock,
  type DurationLike,
  type JoinedSignal,
  type KindToken,
  type Logger,
} from "../object/index.ts";
import type { ObjectMeta } from "../api/index.ts";

export interface LeaderElectionSettings {
  /** Name of the Lease; the same in all replicas and in no other operator. */
  id: string;
  /** Namespace of the Lease. Default: the pod's, or the kubeconfig context's. */
  namespace?: string;
  /** How long a leader that has gone silent is waited for. Default `15s`. */
  leaseDuration?: DurationLike;
  /** How long the leader goes on without a successful renewal. Default `10s`. */
  renewDeadline?: DurationLike;
  /** Time between tries. Default `2s`. */
  retryPeriod?: DurationLike;
  /** This candidate's name. Default: host name and a random part. */
  identity?: string;
}

/** Candidates spread their tries by up to this share of the period, as client-go's do. */
const JITTER = 1.2;
/** How long giving the lease up may take, in milliseconds: it runs out by itself too. */
const RELEASE_TIME = 5000;
/** How long answers that have come already may take to be read, in milliseconds: a turn of the event loop, and a little more. */
const LAST_ANSWERS = 50;

const LEASE: KindToken = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

interface Lease {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string; leaseTransitions?: number };
}

/** The leader could not renew its lease in time; somebody else may lead now. */
export class LeadershipLostError extends Error {
  override readonly name = "LeadershipLostError";
  readonly code = "leadership-lost";
}

/**
 * Elects one of several replicas by a Lease, as client-go's leaderelection does. The clocks of the candidates need not agree:
 * each measures on its own how long the record has not changed.
 */
export class LeaderElector {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onSlowPath: () => void;
  readonly #namespace: string;
  readonly #id: string;
  readonly #leaseDuration: number;
  readonly #renewDeadline: number;
  readonly #retryPeriod: number;
  readonly identity: string;
  /** When the last renewal that succeeded was sent, by the monotonic clock: others count from when they saw it, which is never earlier. */
  #renewedAt = -Infinity;
  #waiting = false;
  /** The lease as our last write left it: while nobody else writes it, a renewal needs no read before. */
  #written: Lease | undefined;
  /** Another's record as it was seen last, and when it runs out unless it changes, by the monotonic clock. */
  #observed: { holder: string; version: string; until: number } | undefined;
  /** False once the server has said that this candidate may not. */
  #mayWatch = true;

  constructor(options: {
    client: Client;
    log: Logger;
    clock: Clock;
    random?: () => number;
    /** Called when a renewal finds that somebody else has written the lease. */
    onSlowPath?: () => void;
    namespace: string;
    settings: LeaderElectionSettings;
  }) {
    const { settings } = options;
    this.#client = options.client.live;
    this.#log = options.log.child({ lease: `${options.namespace}/${settings.id}` });
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    this.#onSlowPath = options.onSlowPath ?? (() => undefined);
    this.#namespace = options.namespace;
    this.#id = settings.id;
    this.#leaseDuration = milliseconds(settings.leaseDuration ?? "15s");
    this.#renewDeadline = milliseconds(settings.renewDeadline ?? "10s");
    this.#retryPeriod = milliseconds(settings.retryPeriod ?? "2s");
    this.identity = settings.identity ?? `${hostname()}_${randomUUID()}`;
    if (!(this.#retryPeriod < this.#renewDeadline && this.#renewDeadline < this.#leaseDuration)) {
      throw new TypeError("leader election: retryPeriod must be shorter than renewDeadline, and that shorter than leaseDuration");
    }
  }

  /** False from the moment on at which it must be taken for lost, whoever has noticed. */
  get isHeld(): boolean {
    return this.#clock.monotonic() < this.#renewedAt + this.#renewDeadline;
  }

  /** True while a renewal has been sent and not been answered yet. */
  get isWaiting(): boolean {
    return this.#waiting;
  }

  /** Resolves once this candidate leads. Rejects with the signal's reason when it aborts. */
  async acquire(signal: AbortSignal): Promise<void> {
    this.#log.info("attempting to acquire leader lease");
    for (;;) {
      const began = this.#clock.monotonic();
      try {
        const outcome = await this.#try(signal);
        if (outcome === "leading") {
          this.#renewedAt = began;
          this.#log.info("successfully acquired lease", { identity: this.identity });
          return;
        }
        if (outcome === "led by another" && this.#mayWatch && (await this.#watchUntilFree(signal))) continue;
      } catch (error) {
        signal.throwIfAborted();
        this.#log.warn("the leader lease could not be read or written", { error: reasonOf(error) });
      }
      await sleep(this.#clock, this.#retryPeriod * (1 + JITTER * this.#random()), signal);
    }
  }

  /**
   * Watches the lease of another, which client-go's candidates ask for every few seconds: whoever waits knows at once that it was given up.
   *
   * @returns true when it is free or has run out, false when the watch has ended before
   */
  async #watchUntilFree(signal: AbortSignal): Promise<boolean> {
    const watching = joinSignals(signal);
    const runOut = () => watching.abort(new Error("the lease has run out"));
    const untilThen = () => this.#clock.setTimeout(runOut, (this.#observed?.until ?? 0) - this.#clock.monotonic());
    let timer = untilThen();
    try {
      const fieldSelector = `metadata.name=${this.#id}`;
      const from = { namespace: this.#namespace, fieldSelector, resourceVersion: this.#observed?.version ?? "", signal: watching.signal };
      for await (const { type, object } of this.#client.watch(LEASE, from)) {
        if (type === "BOOKMARK") continue;
        const lease: Lease = object;
        if (type === "DELETED" || !lease.spec?.holderIdentity) return true;
        this.#observe(lease);
        timer.cancel();
        timer = untilThen();
      }
      return watching.signal.aborted;
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#mayWatch = false;
      this.#log.info("the leader lease is asked for from time to time: watching it is not allowed", { error: reasonOf(error) });
      return false;
    } finally {
      timer.cancel();
      watching.release();
    }
  }

  /** Renews until the signal aborts, and then resolves. Rejects with {@link LeadershipLostError} when it could not in time. */
  async renew(signal: AbortSignal): Promise<void> {
    for (let began = this.#renewedAt; ;) {
      // From one sending to the next, so that after the loop was blocked the next is due at once.
      await sleep(this.#clock, began + this.#retryPeriod - this.#clock.monotonic(), signal).catch(() => undefined);
      if (signal.aborted) return;
      if (!this.isHeld) throw new LeadershipLostError("the lease could not be renewed in time");
      began = this.#clock.monotonic();
      const deadline = this.#untilItRunsOut(signal);
      this.#waiting = true;
      try {
        const outcome = await this.#try(deadline.signal);
        if (outcome === "leading") this.#renewedAt = began;
        else if (outcome === "led by another") throw new LeadershipLostError("another candidate holds the lease");
      } catch (error) {
        if (isAborted(signal)) return;
        if (error instanceof LeadershipLostError) throw error;
        this.#log.warn("the leader lease could not be renewed", { error: reasonOf(error) });
      } finally {
        this.#waiting = false;
        deadline.release();
      }
    }
  }

  /** Aborts when the lease must be taken for lost, but not before answers are read that came while the event loop was blocked. */
  #untilItRunsOut(signal: AbortSignal): JoinedSignal {
    const joined = joinSignals(signal);
    const late = new Error(`no renewal within ${this.#renewDeadline / 1000} s`);
    const expire = () => (timer = this.#clock.setTimeout(() => joined.abort(late), LAST_ANSWERS));
    let timer = this.#clock.setTimeout(expire, this.#renewedAt + this.#renewDeadline - this.#clock.monotonic());
    return {
      ...joined,
      release() {
        timer.cancel();
        joined.release();
      },
    };
  }

  /** Gives the lease up, so that the next candidate need not wait for it to run out. */
  async release(): Promise<void> {
    const deadline = joinDeadline(this.#clock, RELEASE_TIME, new Error(`no answer within ${RELEASE_TIME / 1000} s`));
    try {
      const lease = await this.#read(deadline.signal);
      if (lease?.spec?.holderIdentity !== this.identity) return;
      const now = formatMicroTime(this.#clock.now());
      const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
      await this.#client.update({ ...lease, spec }, { signal: deadline.signal });
      this.#log.info("released the leader lease");
    } finally {
      deadline.release();
    }
  }

  /** One try to get or to keep the lease. `contended`: somebody wrote it at the same time; the next try shows who. */
  async #try(signal: AbortSignal): Promise<"leading" | "led by another" | "contended"> {
    const now = formatMicroTime(this.#clock.now());
    const ours = { holderIdentity: this.identity, leaseDurationSeconds: Math.ceil(this.#leaseDuration / 1000), renewTime: now };
    if (this.#written !== undefined) {
      const written = this.#written;
      const outcome = await this.#write(this.#client.update({ ...written, spec: { ...written.spec, ...ours } }, { signal }));
      if (outcome === "leading") return outcome;
      this.#onSlowPath();
    }
    const lease = await this.#read(signal);
    if (!lease) {
      const metadata = { name: this.#id, namespace: this.#namespace };
      return this.#write(this.#client.create({ ...LEASE, metadata, spec: { ...ours, acquireTime: now, leaseTransitions: 0 } }, { signal }));
    }
    const { spec = {} } = lease;
    const held = spec.holderIdentity === this.identity;
    if (!held && spec.holderIdentity && this.#clock.monotonic() < this.#observe(lease)) return "led by another";
    const leaseTransitions = (spec.leaseTransitions ?? 0) + (held ? 0 : 1);
    const acquireTime = held && spec.acquireTime !== undefined ? spec.acquireTime : now;
    return this.#write(this.#client.update({ ...lease, spec: { ...spec, ...ours, acquireTime, leaseTransitions } }, { signal }));
  }

  async #write(write: Promise<Lease>): Promise<"leading" | "contended"> {
    this.#written = undefined; // until the answer says what is there
    try {
      this.#written = await write;
      return "leading";
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return "contended";
      throw error;
    }
  }

  /** Notes another's record, which holds as long as its holder asked for, from when it was seen first. Returns until when. */
  #observe({ metadata: { resourceVersion: version = "" }, spec }: Lease): number {
    const { holderIdentity: holder = "", leaseDurationSeconds = 0 } = spec ?? {};
    if (this.#observed?.holder !== holder) this.#log.info("another candidate leads", { holder });
    if (this.#observed?.version !== version) {
      this.#observed = { holder, version, until: this.#clock.monotonic() + leaseDurationSeconds * 1000 };
    }
    return this.#observed.until;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    return this.#client.get(LEASE, { namespace: this.#namespace, name: this.#id }, { signal });
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
