/**
 * The StatefulSet controller, after kube-controller-manager's: Pods with ordinals, one after the other, each with its own claims; rolling
 * updates from the highest ordinal down, with a partition. Uses the files of the folder above. Read this file first; then identity.ts (what
 * a Pod of an ordinal is) and revisions.ts (which template it has).
 */
import { done, isBeingDeleted, requeueAfter, type Clock, type ObjectKey, type Result } from "../../../index.ts";
import { change } from "../change.ts";
import { claim } from "../claim.ts";
import type { Dependents } from "../dependents.ts";
import { Pod, StatefulSet, type PodObject, type StatefulSetObject } from "../kinds.ts";
import { availableIn, isEnded, isReady } from "../pods.ts";
import type { Context } from "../reconciler.ts";
import { createOrdinal, ordinalOf, revisionOfPod } from "./identity.ts";
import { syncRevisions, trimRevisions, type Revisions } from "./revisions.ts";

export async function reconcileStatefulSet(key: ObjectKey, context: Context, dependents: Dependents, clock: Clock): Promise<Result> {
  const { client } = context;
  const set: unknown = await client.get(StatefulSet, key);
  if (!StatefulSet.is(set)) {
    dependents.forget(key);
    return done();
  }
  const { selector } = set.spec;
  dependents.select(key, set.metadata.uid, selector);
  const claimed = await claim(
    client,
    { kind: StatefulSet, object: set, selector },
    Pod,
    dependents,
    (pod) => ordinalOf(set, pod) !== undefined,
  );
  const pods = claimed.filter((pod) => ordinalOf(set, pod) !== undefined);
  const revisions = await syncRevisions(client, set);
  const run = new Run(set, pods, revisions, context, clock.now());
  try {
    if (!isBeingDeleted(set)) await run.step();
  } finally {
    await change(client, StatefulSet, set, { ...set, status: run.status() }, "status");
  }
  await trimRevisions(client, set, revisions, new Set(pods.map(revisionOfPod)));
  const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, clock.now()) ?? 0).filter((wait) => wait > 0);
  return waits.length === 0 ? done() : requeueAfter(Math.min(...waits));
}

/** One run over a StatefulSet: the Pods as they are, and those that this run creates. */
class Run {
  readonly #set: StatefulSetObject;
  readonly #pods: PodObject[];
  readonly #revisions: Revisions;
  readonly #context: Context;
  readonly #now: number;

  constructor(set: StatefulSetObject, pods: readonly PodObject[], revisions: Revisions, context: Context, now: number) {
    this.#set = set;
    this.#pods = [...pods];
    this.#revisions = revisions;
    this.#context = context;
    this.#now = now;
  }

  /** Creates what is missing, then deletes what is too much, then replaces what is outdated; in order, unless Pods are managed in parallel. */
  async step(): Promise<void> {
    const { spec } = this.#set;
    const isOrdered = (spec.podManagementPolicy ?? "OrderedReady") === "OrderedReady";
    const start = spec.ordinals?.start ?? 0;
    const end = start + (spec.replicas ?? 1);
    for (let ordinal = start; ordinal < end; ordinal++) if ((await this.#fill(ordinal)) && isOrdered) return;

    const condemned = this.#pods.filter((pod) => this.#ordinal(pod) < start || this.#ordinal(pod) >= end);
    condemned.sort((a, b) => this.#ordinal(b) - this.#ordinal(a));
    for (const pod of condemned) {
      if (!isBeingDeleted(pod)) await this.#delete(pod);
      if (isOrdered) return;
    }
    if ((spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate") await this.#replaceOutdated(start, end);
  }

  status(): NonNullable<StatefulSetObject["status"]> {
    const { current, update, collisionCount } = this.#revisions;
    const count = (counts: (pod: PodObject) => boolean) => this.#pods.filter(counts).length;
    const isOf = (revision: string) => (pod: PodObject) => !isBeingDeleted(pod) && revisionOfPod(pod) === revision;
    const replicas = this.#pods.length;
    const updated = count(isOf(update.metadata.name));
    const ready = count((pod) => pod.status?.phase === "Running" && isReady(pod));
    const isRolling = (this.#set.spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
    // The update is over once every Pod has it: what was new is then the current revision.
    const isOver = isRolling && updated === replicas && ready === replicas && replicas === (this.#set.spec.replicas ?? 1);
    const counts = {
      readyReplicas: ready,
      currentReplicas: isOver ? updated : count(isOf(current.metadata.name)),
      updatedReplicas: updated,
    };
    return {
      observedGeneration: this.#set.metadata.generation ?? 0,
      replicas,
      ...Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== 0)),
      availableReplicas: count((pod) => this.#isAvailable(pod)),
      currentRevision: (isOver ? update : current).metadata.name,
      updateRevision: update.metadata.name,
      collisionCount,
      ...(this.#set.status?.conditions !== undefined && { conditions: this.#set.status.conditions }),
    };
  }

  /** Sees to it that the Pod of an ordinal is there. Returns whether those after it have to wait. */
  async #fill(ordinal: number): Promise<boolean> {
    const pod = this.#pods.find((each) => this.#ordinal(each) === ordinal);
    if (pod === undefined) {
      const { current, update } = this.#revisions;
      this.#pods.push(await createOrdinal(this.#set, ordinal, this.#keepsCurrent(ordinal) ? current : update, this.#context));
      return true;
    }
    if (isEnded(pod)) {
      if (!isBeingDeleted(pod)) await this.#delete(pod);
      return true;
    }
    return isBeingDeleted(pod) || !this.#isAvailable(pod);
  }

  /** Below the partition, and as long as an update has not come so far, a lost Pod comes back as it was. */
  #keepsCurrent(ordinal: number): boolean {
    const { updateStrategy, ordinals } = this.#set.spec;
    if ((updateStrategy?.type ?? "RollingUpdate") !== "RollingUpdate") return false;
    const unchanged = updateStrategy?.rollingUpdate?.partition ?? 0;
    return ordinal < (ordinals?.start ?? 0) + unchanged;
  }

  /** Deletes outdated Pods from the highest ordinal down, as long as few enough are unavailable. */
  async #replaceOutdated(start: number, end: number): Promise<void> {
    const { partition = 0, maxUnavailable = 1 } = this.#set.spec.updateStrategy?.rollingUpdate ?? {};
    const allowed =
      typeof maxUnavailable === "number"
        ? maxUnavailable
        : Math.max(1, Math.floor((Number.parseInt(maxUnavailable, 10) * (end - start)) / 100));
    const inOrder = this.#pods.filter((pod) => this.#ordinal(pod) >= start + partition && this.#ordinal(pod) < end);
    let unavailable = this.#pods.filter((pod) => isBeingDeleted(pod) || !this.#isAvailable(pod)).length;
    for (const pod of inOrder.sort((a, b) => this.#ordinal(b) - this.#ordinal(a))) {
      if (unavailable >= allowed) return;
      if (revisionOfPod(pod) === this.#revisions.update.metadata.name || isBeingDeleted(pod)) continue;
      await this.#delete(pod);
      unavailable++;
    }
  }

  async #delete({ metadata }: PodObject): Promise<void> {
    const { client, events } = this.#context;
    await client.delete(Pod, metadata, { preconditions: { uid: metadata.uid } });
    events.normal(this.#set, "SuccessfulDelete", `Delete Pod ${metadata.name} in StatefulSet ${this.#set.metadata.name} successful`);
  }

  #isAvailable(pod: PodObject): boolean {
    return pod.status?.phase === "Running" && availableIn(pod, this.#set.spec.minReadySeconds ?? 0, this.#now) === 0;
  }

  #ordinal(pod: PodObject): number {
    return ordinalOf(this.#set, pod) ?? -1;
  }
}
