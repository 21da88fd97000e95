/**
 * The stand-in for a kubelet: one node on which every Pod starts after a moment, without any container. Uses the files of the folder above.
 * Read this file first; then containers.ts (how a container goes from one state to the next), images.ts (which images misbehave, and how),
 * status.ts (what a Pod's status says), node.ts and addresses.ts.
 */
import { done, isBeingDeleted, requeueAfter, type Clock, type ObjectKey, type Result } from "../../../index.ts";
import { change } from "../change.ts";
import { Pod, type PodObject } from "../kinds.ts";
import { isEnded } from "../pods.ts";
import type { Context } from "../reconciler.ts";
import { PodAddresses } from "./addresses.ts";
import { acceptContainers, isSettled, stepContainers } from "./containers.ts";
import { NODE_NAME } from "./node.ts";
import { podStatus, stoppedStatus } from "./status.ts";

export class Kubelet {
  readonly #clock: Clock;
  /** Milliseconds that each step of a Pod's life takes. */
  readonly #delay: number;
  readonly #addresses = new PodAddresses();
  /** When the next step of a Pod is due, by uid. A Pod that is not listed may go on at once. */
  readonly #due = new Map<string, number>();
  /** Pods whose containers are being stopped, by uid, and when they will have stopped. */
  readonly #stopping = new Map<string, number>();
  /** The uid that a key had when it was last seen. */
  readonly #uids = new Map<string, string>();

  constructor(options: { clock: Clock; delay: number }) {
    this.#clock = options.clock;
    this.#delay = options.delay;
  }

  async reconcile(key: ObjectKey & { namespace: string }, context: Context): Promise<Result> {
    const pod: unknown = await context.client.get(Pod, key);
    const name = `${key.namespace}/${key.name}`;
    const before = this.#uids.get(name);
    if (before !== undefined && !(Pod.is(pod) && pod.metadata.uid === before)) this.#forget(name, before);
    if (!Pod.is(pod) || pod.spec.nodeName !== NODE_NAME) return done();
    this.#uids.set(name, pod.metadata.uid);
    if (isBeingDeleted(pod)) return this.#stop(pod, context);
    return isEnded(pod) ? done() : this.#run(pod, context);
  }

  async #run(pod: PodObject, { client, events }: Context): Promise<Result> {
    const now = this.#clock.now();
    const { uid } = pod.metadata;
    const isAccepted = pod.status?.containerStatuses !== undefined;
    const due = this.#due.get(uid) ?? now;
    const isDue = now >= due;
    const step = isAccepted ? (isDue ? stepContainers(pod, now) : undefined) : acceptContainers(pod);
    const address = pod.spec.hostNetwork === true ? undefined : await this.#addresses.of(pod, client);
    const status = podStatus(pod, step?.containers, address, now);
    await change(client, Pod, pod, { ...pod, status }, "status");
    for (const { type, reason, note } of step?.events ?? []) events[type](pod, reason, note);
    if (isSettled(pod, status)) {
      this.#due.delete(uid);
      return done();
    }
    const next = step === undefined ? due : now + this.#delay;
    this.#due.set(uid, next);
    return requeueAfter(next - now);
  }

  /** Containers stop within the time of one step, well inside any grace period; then the Pod is let go. */
  async #stop(pod: PodObject, { client, events }: Context): Promise<Result> {
    const { uid, deletionGracePeriodSeconds, finalizers = [] } = pod.metadata;
    const now = this.#clock.now();
    let stopped = this.#stopping.get(uid);
    if (stopped === undefined) {
      stopped = deletionGracePeriodSeconds === 0 ? now : now + this.#delay;
      this.#stopping.set(uid, stopped);
      for (const { name, state } of pod.status?.containerStatuses ?? [])
        if (state?.running) events.normal(pod, "Killing", `Stopping container ${name}`);
    }
    if (now < stopped) return requeueAfter(stopped - now);
    if (finalizers.length > 0) {
      // Whoever holds the Pod is shown that it has ended; without finalizers nobody would see it.
      await change(client, Pod, pod, { ...pod, status: stoppedStatus(pod, now) }, "status");
      if (deletionGracePeriodSeconds === 0) return done();
    }
    await client.delete(Pod, pod.metadata, { gracePeriodSeconds: 0, preconditions: { uid } });
    return done();
  }

  #forget(name: string, uid: string): void {
    this.#uids.delete(name);
    this.#due.delete(uid);
    this.#stopping.delete(uid);
    this.#addresses.release(uid);
  }
}
