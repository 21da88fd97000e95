import { controllerReference, isAlreadyExists, isBeingDeleted, isControlledBy } from "../../../index.ts";
import { change, checked } from "../change.ts";
import { Deployment, ReplicaSet, type DeploymentObject, type PodObject, type ReplicaSetObject } from "../kinds.ts";
import { messageOf, type Context } from "../reconciler.ts";
import { byAge, isActive, newReplicas, replicasOf, sizeAnnotations } from "./arithmetic.ts";
import {
  conditionOf,
  countStatus,
  hasDeadline,
  isComplete,
  judgeProgress,
  setDeploymentCondition,
  type DeploymentStatus,
} from "./conditions.ts";
import { annotationsOfNew, findNew, REVISION, revisionOf } from "./revision.ts";
import { HASH_LABEL, hashOf, isSameTemplate } from "./template.ts";

/**
 * One run over a Deployment: its ReplicaSets as they are now, and the steps that change them. `deployment` and `all` follow every write,
 * so that each step decides on what the one before left.
 */
export class Rollout {
  deployment: DeploymentObject;
  all: ReplicaSetObject[];
  /** The Pods of these ReplicaSets, those that are being deleted too. */
  readonly pods: readonly PodObject[];
  readonly now: number;
  readonly #context: Context;

  constructor(deployment: DeploymentObject, all: readonly ReplicaSetObject[], pods: readonly PodObject[], context: Context, now: number) {
    this.deployment = deployment;
    this.all = [...all];
    this.pods = pods;
    this.now = now;
    this.#context = context;
  }

  /** The ReplicaSet with the Deployment's template. */
  get current(): ReplicaSetObject | undefined {
    return findNew(this.deployment, this.all);
  }

  /** All others. */
  get old(): ReplicaSetObject[] {
    const { current } = this;
    return this.all.filter((each) => each !== current);
  }

  /** The old ReplicaSets that have or want Pods, oldest first. */
  get activeOld(): ReplicaSetObject[] {
    return this.old.filter(isActive).sort(byAge);
  }

  /** Brings revision and annotations of the current ReplicaSet and of the Deployment up to date. */
  async syncRevision(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    const annotations = annotationsOfNew(this.deployment, this.old, current);
    const { minReadySeconds = 0 } = this.deployment.spec;
    const spec = (current.spec.minReadySeconds ?? 0) === minReadySeconds ? current.spec : { ...current.spec, minReadySeconds };
    const replicaSet = await this.#changeReplicaSet(current, { ...current, metadata: { ...current.metadata, annotations }, spec });
    const status = this.#status();
    if (hasDeadline(this.deployment) && conditionOf(status, "Progressing") === undefined) {
      const found = `Found new replica set "${replicaSet.metadata.name}"`;
      setDeploymentCondition(status, "Progressing", "True", "FoundNewReplicaSet", found, this.now);
    }
    await this.#writeStatus(status, replicaSet.metadata.annotations?.[REVISION]);
  }

  /** Creates the current ReplicaSet when there is none. */
  async ensureCurrent(): Promise<ReplicaSetObject> {
    const { deployment, current } = this;
    if (current !== undefined) return current;
    const { client, events } = this.#context;
    const desired = this.#newReplicaSet();
    const replicas = desired.spec.replicas;
    let created: ReplicaSetObject;
    try {
      created = checked(ReplicaSet, await client.create(desired));
    } catch (error) {
      if (isAlreadyExists(error)) return this.#resolveCollision(desired.metadata.name, error);
      const message = `Failed to create new replica set "${desired.metadata.name}": ${messageOf(error)}`;
      events.warning(deployment, "ReplicaSetCreateError", message);
      const status = this.#status();
      if (hasDeadline(deployment)) setDeploymentCondition(status, "Progressing", "False", "ReplicaSetCreateError", message, this.now);
      await this.#writeStatus(status);
      throw error;
    }
    this.all.push(created);
    if (replicas > 0)
      events.normal(deployment, "ScalingReplicaSet", `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`);
    const status = this.#status();
    if (hasDeadline(deployment)) {
      const message = `Created new replica set "${created.metadata.name}"`;
      setDeploymentCondition(status, "Progressing", "True", "NewReplicaSetCreated", message, this.now);
    }
    await this.#writeStatus(status, created.metadata.annotations?.[REVISION]);
    return created;
  }

  /** Gives a ReplicaSet another size and says so in an event. Returns whether its size changed. */
  async scale(replicaSet: ReplicaSetObject, replicas: number): Promise<boolean> {
    const before = replicasOf(replicaSet);
    const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(this.deployment) };
    const after = { ...replicaSet, metadata: { ...replicaSet.metadata, annotations }, spec: { ...replicaSet.spec, replicas } };
    await this.#changeReplicaSet(replicaSet, after);
    if (before === replicas) return false;
    const note = `Scaled ${before < replicas ? "up" : "down"} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
    this.#context.events.normal(this.deployment, "ScalingReplicaSet", note);
    return true;
  }

  /** Deletes the oldest empty ReplicaSets beyond the history that the Deployment keeps. */
  async trimHistory(): Promise<void> {
    const kept = this.old.filter((each) => !isBeingDeleted(each));
    const surplus = kept.length - (this.deployment.spec.revisionHistoryLimit ?? 10);
    if (surplus <= 0) return;
    for (const each of kept.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus)) {
      const { status, metadata } = each;
      const isEmpty = (status?.replicas ?? 0) === 0 && !isActive(each) && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
      if (isEmpty) await this.#context.client.delete(ReplicaSet, metadata, { preconditions: { uid: metadata.uid } });
    }
  }

  get isComplete(): boolean {
    return isComplete(this.deployment, this.deployment.status);
  }

  /** Counts, and writes what is new. @param judge whether to say how the rollout goes, which a paused or scaled Deployment does not ask */
  async writeStatus(judge: boolean): Promise<void> {
    const status = countStatus(this.deployment, this.all, this.current, this.now);
    if (judge) judgeProgress(this.deployment, status, this.all, this.current, this.now);
    await this.#writeStatus(status);
  }

  /** Notes that the rollout is paused or resumed, so that the time in between does not count as lack of progress. */
  async notePause(): Promise<void> {
    const { paused = false } = this.deployment.spec;
    const reason = conditionOf(this.deployment.status, "Progressing")?.reason;
    if (!hasDeadline(this.deployment) || reason === "ProgressDeadlineExceeded" || paused === (reason === "DeploymentPaused")) return;
    const status = this.#status();
    const [word, message] = paused ? ["DeploymentPaused", "Deployment is paused"] : ["DeploymentResumed", "Deployment is resumed"];
    setDeploymentCondition(status, "Progressing", "Unknown", word, message, this.now);
    await this.#writeStatus(status);
  }

  #newReplicaSet() {
    const { metadata, spec, status } = this.deployment;
    const hash = hashOf(spec.template, status?.collisionCount ?? 0);
    const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash };
    return {
      apiVersion: ReplicaSet.apiVersion,
      kind: ReplicaSet.kind,
      metadata: {
        name: `${metadata.name.slice(0, 252 - hash.length)}-${hash}`,
        namespace: metadata.namespace,
        labels,
        annotations: annotationsOfNew(this.deployment, this.old, undefined),
        ownerReferences: [controllerReference(this.deployment)],
      },
      spec: {
        replicas: newReplicas(this.deployment, this.all, 0),
        minReadySeconds: spec.minReadySeconds ?? 0,
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    };
  }

  /** The name is taken: by our own ReplicaSet that the cache has not seen yet, or by another template with the same hash. */
  async #resolveCollision(name: string, error: unknown): Promise<ReplicaSetObject> {
    const { metadata, spec } = this.deployment;
    const existing: unknown = await this.#context.client.live.get(ReplicaSet, { namespace: metadata.namespace, name });
    if (
      ReplicaSet.is(existing) &&
      isControlledBy(existing, this.deployment) &&
      isSameTemplate(existing.spec.template ?? {}, spec.template)
    ) {
      this.all.push(existing);
      return existing;
    }
    const status = this.#status();
    await this.#writeStatus({ ...status, collisionCount: (status.collisionCount ?? 0) + 1 });
    throw error;
  }

  #status(): DeploymentStatus {
    return structuredClone(this.deployment.status ?? {});
  }

  async #writeStatus(status: DeploymentStatus, revision?: string): Promise<void> {
    const { metadata } = this.deployment;
    const { conditions, ...counts } = status;
    const after: DeploymentObject = {
      ...this.deployment,
      ...(revision !== undefined && { metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } } }),
      status: conditions === undefined || conditions.length === 0 ? counts : status,
    };
    this.deployment = await change(this.#context.client, Deployment, this.deployment, after, "status");
  }

  async #changeReplicaSet(before: ReplicaSetObject, after: ReplicaSetObject): Promise<ReplicaSetObject> {
    const written = await change(this.#context.client, ReplicaSet, before, after);
    this.all = this.all.map((each) => (each === before ? written : each));
    return written;
  }
}
