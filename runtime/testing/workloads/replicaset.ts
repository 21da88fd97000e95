import { done, isBeingDeleted, matchLabels, requeueAfter, type Clock, type ObjectKey, type Result } from "../../index.ts";
import { formatTime } from "../../object/index.ts";
import { change } from "./change.ts";
import { claim } from "./claim.ts";
import type { Dependents } from "./dependents.ts";
import { Pod, ReplicaSet, type PodObject, type ReplicaSetObject } from "./kinds.ts";
import { availableIn, createPod, isActive, isEnded, isReady } from "./pods.ts";
import { inOrderOfDeletion } from "./ranking.ts";
import { messageOf, type Context } from "./reconciler.ts";

/** How many Pods one run creates or deletes at most. */
const BURST = 500;

/** Keeps as many Pods as a ReplicaSet asks for, and counts them in its status; after kube-controller-manager's ReplicaSet controller. */
export async function reconcileReplicaSet(key: ObjectKey, context: Context, dependents: Dependents, clock: Clock): Promise<Result> {
  const { client } = context;
  const replicaSet: unknown = await client.get(ReplicaSet, key);
  if (!ReplicaSet.is(replicaSet)) {
    dependents.forget(key);
    return done();
  }
  const { selector } = replicaSet.spec;
  dependents.select(key, replicaSet.metadata.uid, selector);
  const owner = { kind: ReplicaSet, object: replicaSet, selector };
  const pods = await claim(client, owner, Pod, dependents, isActive);
  const active = pods.filter(isActive);
  const terminating = pods.filter((pod) => isBeingDeleted(pod) && !isEnded(pod));

  const failure = isBeingDeleted(replicaSet) ? undefined : await manage(replicaSet, active, context);
  const now = clock.now();
  const status = statusOf(replicaSet, active, terminating.length, failure, now);
  await change(client, ReplicaSet, replicaSet, { ...replicaSet, status }, "status");
  if (failure !== undefined) throw failure.error;

  const { minReadySeconds = 0 } = replicaSet.spec;
  const waits = active.map((pod) => availableIn(pod, minReadySeconds, now)).filter((wait) => wait !== undefined && wait > 0);
  return waits.length === 0 ? done() : requeueAfter(Math.min(...waits.map((wait) => wait ?? 0)));
}

interface Failure {
  reason: "FailedCreate" | "FailedDelete";
  error: unknown;
}

/** Creates what is missing or deletes what is too much; says what failed. */
async function manage(replicaSet: ReplicaSetObject, active: PodObject[], { client, events }: Context): Promise<Failure | undefined> {
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing > 0) {
    const error = await slowStart(Math.min(missing, BURST), async () => {
      try {
        const pod = await createPod(client, replicaSet, replicaSet.spec.template ?? {});
        events.normal(replicaSet, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
      } catch (cause) {
        events.warning(replicaSet, "FailedCreate", `Error creating: ${messageOf(cause)}`);
        throw cause;
      }
    });
    return error === undefined ? undefined : { reason: "FailedCreate", error };
  }
  const doomed = inOrderOfDeletion(active).slice(0, Math.min(-missing, BURST));
  const deletions = await Promise.allSettled(
    doomed.map(async ({ metadata }) => {
      if (await client.delete(Pod, metadata, { preconditions: { uid: metadata.uid } }))
        events.normal(replicaSet, "SuccessfulDelete", `Deleted pod: ${metadata.name}`);
    }),
  );
  const failed = deletions.find((deletion) => deletion.status === "rejected");
  if (failed === undefined) return undefined;
  events.warning(replicaSet, "FailedDelete", `Error deleting: ${messageOf(failed.reason)}`);
  return { reason: "FailedDelete", error: failed.reason };
}

/**
 * Creates one, then two at a time, then four: when none can be created (a quota, a webhook), the API server is spared the rest.
 * Resolves with the first error.
 */
async function slowStart(count: number, create: () => Promise<void>): Promise<unknown> {
  for (let begun = 0, batch = 1; begun < count; begun += batch, batch = Math.min(2 * batch, count - begun)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, create));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) return failed.reason ?? new Error("a Pod could not be created");
  }
  return undefined;
}

function statusOf(replicaSet: ReplicaSetObject, active: PodObject[], terminating: number, failure: Failure | undefined, now: number) {
  const { minReadySeconds = 0, template } = replicaSet.spec;
  const hasTemplateLabels = matchLabels({ matchLabels: template?.metadata?.labels ?? {} });
  const count = (counts: (pod: PodObject) => boolean, name: string) => {
    const number = active.filter(counts).length;
    return number === 0 ? {} : { [name]: number };
  };
  const conditions = conditionsOf(replicaSet, failure, now);
  return {
    replicas: active.length,
    ...count((pod) => hasTemplateLabels(pod.metadata.labels), "fullyLabeledReplicas"),
    ...count(isReady, "readyReplicas"),
    ...count((pod) => availableIn(pod, minReadySeconds, now) === 0, "availableReplicas"),
    terminatingReplicas: terminating,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  };
}

/** The condition ReplicaFailure keeps the first failure until one run succeeds. */
function conditionsOf(replicaSet: ReplicaSetObject, failure: Failure | undefined, now: number) {
  const conditions = replicaSet.status?.conditions ?? [];
  if (failure === undefined) return conditions.filter(({ type }) => type !== "ReplicaFailure");
  if (conditions.some(({ type }) => type === "ReplicaFailure")) return conditions;
  const { reason, error } = failure;
  return [
    ...conditions,
    { type: "ReplicaFailure", status: "True", reason, message: messageOf(error), lastTransitionTime: formatTime(now) },
  ];
}
