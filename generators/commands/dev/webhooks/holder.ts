import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isNotFound, unstructured, type Client, type Clock, type Timer } from "@kubescaffold/runtime";
import { mark } from "./objects.ts";
import type { Holder } from "./record.ts";

const Lease = unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" });

/** How long a holder that has gone silent is taken to be there, in milliseconds. */
export const silentFor = 15_000;
const renewEvery = 5_000;
const lookEvery = 500;
/** Longer than clocks are apart, in milliseconds. */
const oldAfter = 3_600_000;

/** Who runs this. @param namespace where its lease is */
export function thisHolder(namespace: string, clock: Clock): Holder {
  const session = randomUUID();
  const host = hostname();
  return {
    session,
    who: `${process.env["USER"] ?? process.env["USERNAME"] ?? "somebody"}@${host}`,
    host,
    pid: process.pid,
    lease: { namespace, name: `scaffold-dev-${session}` },
    since: new Date(clock.now()).toISOString(),
  };
}

/** Says in the cluster, every few seconds, that a holder is there: others can tell by it whether it has died. */
export class Heartbeat {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #holder: Holder;
  readonly #project: string;
  readonly #onLost: () => void;
  #timer: Timer | undefined;
  #beating: Promise<void> | undefined;
  #stopped = false;

  /** @param onLost called once somebody has taken over, for which the lease is deleted */
  constructor(options: { client: Client; clock: Clock; holder: Holder; project: string; onLost: () => void }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#holder = options.holder;
    this.#project = options.project;
    this.#onLost = options.onLost;
  }

  async start(): Promise<void> {
    const { lease, who } = this.#holder;
    const renewTime = this.#now();
    await this.#client.create({
      ...Lease,
      metadata: { ...lease, labels: { [mark]: this.#project } },
      spec: { holderIdentity: who, leaseDurationSeconds: silentFor / 1000, acquireTime: renewTime, renewTime },
    });
    this.#schedule();
  }

  /** Falls silent; others find that out after a while. */
  halt(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Says that the holder holds nothing any more. */
  async stop(): Promise<void> {
    this.halt();
    await this.#beating;
    await this.#client.delete(Lease, this.#holder.lease);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#beating = this.#beat().then(() => this.#schedule());
    }, renewEvery);
  }

  async #beat(): Promise<void> {
    try {
      await this.#client.patch(Lease, this.#holder.lease, "merge", { spec: { renewTime: this.#now() } });
    } catch (error) {
      // Anything else passes: a laptop that was asleep or without a network goes on as soon as it can.
      if (!isNotFound(error) || this.#stopped) return;
      this.#stopped = true;
      this.#onLost();
    }
  }

  /** With the six digits that the API asks for. */
  #now(): string {
    return new Date(this.#clock.now()).toISOString().replace("Z", "000Z");
  }
}

/**
 * Whether a holder is still there. One on this machine is when its process is; of one elsewhere it takes a moment to see whether its lease is renewed.
 * The clocks of the two need not agree.
 *
 * @param onWait told that it takes a moment
 */
export async function isAlive(
  client: Client,
  { host, pid, lease }: Holder,
  parts: { readonly clock: Clock; readonly onWait: () => void; readonly signal: AbortSignal },
): Promise<boolean> {
  const { clock, signal } = parts;
  if (host === hostname() && !isRunning(pid)) return false;
  const first = await client.get(Lease, lease, { signal });
  if (first === undefined) return false;
  parts.onWait();
  const began = clock.monotonic();
  while (clock.monotonic() - began < silentFor) {
    await sleepBy(clock, lookEvery);
    signal.throwIfAborted();
    const now = await client.get(Lease, lease, { signal });
    if (now === undefined) return false;
    if (now.metadata.resourceVersion !== first.metadata.resourceVersion) return true;
  }
  return false;
}

/** Removes the leases of runs that ended long ago without having led anything anywhere. */
export async function removeOldLeases(client: Client, namespace: string, project: string, clock: Clock): Promise<void> {
  for (const { metadata, spec } of await client.list(Lease, { namespace, labelSelector: { matchLabels: { [mark]: project } } })) {
    const { renewTime = "" } = spec as { renewTime?: string };
    if (Date.parse(renewTime) < clock.now() - oldAfter) await client.delete(Lease, { namespace, name: metadata.name ?? "" });
  }
}

/** Tells a holder, if it is still there after all, that it holds nothing any more. */
export async function removeLease(client: Client, { lease }: Holder): Promise<void> {
  await client.delete(Lease, lease);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is such a process, of somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function sleepBy(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, milliseconds);
  });
}
