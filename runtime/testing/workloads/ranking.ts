import { isReady, podCondition } from "./pods.ts";
import type { PodObject } from "./kinds.ts";

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

/**
 * Which Pods a ReplicaSet deletes first: unscheduled before scheduled, pending before running, not ready before ready, cheap before dear,
 * ready for a short time before ready for long, often restarted before steady, new before old. Kubernetes compares ages on a
 * logarithmic scale and then at random; here the youngest goes, so that a test knows which.
 */
export function inOrderOfDeletion(pods: readonly PodObject[]): PodObject[] {
  return [...pods].sort((a, b) =>
    difference(a, b, (pod) => (pod.spec.nodeName === undefined ? 0 : 1), phase, readiness, cost, readySince, restarts, age),
  );
}

type Weight = (pod: PodObject) => number;

function difference(a: PodObject, b: PodObject, ...weights: Weight[]): number {
  for (const weight of weights) {
    const result = weight(a) - weight(b);
    if (result !== 0) return result;
  }
  return a.metadata.uid < b.metadata.uid ? -1 : 1;
}

const phase: Weight = (pod) => PHASES[pod.status?.phase ?? "Pending"] ?? 0;
const readiness: Weight = (pod) => (isReady(pod) ? 1 : 0);
const readySince: Weight = (pod) => (isReady(pod) ? -Date.parse(podCondition(pod, "Ready")?.lastTransitionTime ?? "1970-01-01") : 0);
const restarts: Weight = (pod) => -Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
const age: Weight = (pod) => -Date.parse(pod.metadata.creationTimestamp);

/** A text that is no number counts as none: the API server does not check this annotation. */
const cost: Weight = (pod) => {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? "0";
  return /^-?\d+$/.test(text) ? Number(text) : 0;
};
