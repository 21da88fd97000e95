import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isAlreadyExists, isConflict, type Client } from "../client/index.ts";
import { formatMicroTime, milliseconds, sleep, type Clock, type DurationLike, type KindToken, type Logger } from "../object/index.ts";
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
}

/**
 * Elects one of several replicas by a Lease, as client-go's leaderelection does. The clocks of the candidates need not agree:
 * each measures on its own how long the record has not changed.
 */
export class LeaderElector {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #namespace: string;
  readonly #id: string;
  readonly #leaseDuration: number;
  readonly #renewDeadline: number;
  readonly #retryPeriod: number;
  readonly identity: string;
  #observed: { version: string; at: number } | undefined;

  constructor(options: { client: Client; log: Logger; clock: Clock; namespace: string; settings: LeaderElectionSettings }) {
    const { settings } = options;
    this.#client = options.client.live;
    this.#log = options.log.child({ lease: `${options.namespace}/${settings.id}` });
    this.#clock = options.clock;
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

  /** Resolves once this candidate leads. Rejects with the signal's reason when it aborts. */
  async acquire(signal: AbortSignal): Promise<void> {
    this.#log.info("attempting to acquire leader lease");
    for (;;) {
      try {
        if (await this.#tryAcquireOrRenew(signal)) {
          this.#log.info("successfully acquired lease", { identity: this.identity });
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        this.#log.warn("the leader lease could not be read or written", { error: error instanceof Error ? error.message : String(error) });
      }
      await sleep(this.#clock, this.#retryPeriod, signal);
    }
  }

  /** Renews until the signal aborts, and then resolves. Rejects with {@link LeadershipLostError} when it could not in time. */
  async renew(signal: AbortSignal): Promise<void> {
    let renewedAt = this.#clock.now();
    while (!signal.aborted) {
      try {
        await sleep(this.#clock, this.#retryPeriod, signal);
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, renewedAt + this.#renewDeadline - this.#clock.now()))]);
        if (!(await this.#tryAcquireOrRenew(deadline))) throw new LeadershipLostError("another candidate holds the lease");
        renewedAt = this.#clock.now();
      } catch (error) {
        if (isAborted(signal)) return;
        if (error instanceof LeadershipLostError) throw error;
        this.#log.warn("the leader lease could not be renewed", { error: error instanceof Error ? error.message : String(error) });
      }
      if (this.#clock.now() - renewedAt >= this.#renewDeadline) throw new LeadershipLostError("the lease could not be renewed in time");
    }
  }

  /** Gives the lease up, so that the next candidate need not wait for it to run out. */
  async release(): Promise<void> {
    const lease = await this.#read();
    if (lease?.spec?.holderIdentity !== this.identity) return;
    const now = formatMicroTime(this.#clock.now());
    const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    await this.#client.update({ ...lease, spec });
    this.#log.info("released the leader lease");
  }

  async #tryAcquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const now = formatMicroTime(this.#clock.now());
    const ours = { holderIdentity: this.identity, leaseDurationSeconds: Math.ceil(this.#leaseDuration / 1000), renewTime: now };
    const lease = await this.#read(signal);
    if (!lease) {
      const metadata = { name: this.#id, namespace: this.#namespace };
      const created = this.#client.create({ ...LEASE, metadata, spec: { ...ours, acquireTime: now, leaseTransitions: 0 } }, { signal });
      return succeeds(created);
    }
    const { spec = {} } = lease;
    const held = spec.holderIdentity === this.identity;
    if (!held && spec.holderIdentity && !this.#hasRunOut(lease)) return false;
    const transitions = (spec.leaseTransitions ?? 0) + (held ? 0 : 1);
    const acquireTime = held && spec.acquireTime !== undefined ? spec.acquireTime : now;
    return succeeds(this.#client.update({ ...lease, spec: { ...ours, acquireTime, leaseTransitions: transitions } }, { signal }));
  }

  /** True once the record has not changed for as long as its holder asked for. */
  #hasRunOut(lease: Lease): boolean {
    const now = this.#clock.now();
    const version = lease.metadata.resourceVersion ?? "";
    if (this.#observed?.version !== version) this.#observed = { version, at: now };
    return now - this.#observed.at >= (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
  }

  async #read(signal?: AbortSignal): Promise<Lease | undefined> {
    const key = { namespace: this.#namespace, name: this.#id };
    return (await this.#client.get(LEASE, key, signal === undefined ? {} : { signal }));
  }
}

/** False when somebody else was faster. */
async function succeeds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConflict(error) || isAlreadyExists(error)) return false;
    throw error;
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
