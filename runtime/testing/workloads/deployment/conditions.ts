import { formatTime } from "../../../object/index.ts";
import type { DeploymentObject, ReplicaSetObject } from "../kinds.ts";
import { maxUnavailable, replicasOf, sum } from "./arithmetic.ts";

export type DeploymentStatus = NonNullable<DeploymentObject["status"]>;
type Condition = NonNullable<DeploymentStatus["conditions"]>[number];

/** `2^31 - 1` seconds stand for no deadline. */
const NO_DEADLINE = 2 ** 31 - 1;

export function hasDeadline({ spec }: DeploymentObject): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

export function conditionOf(status: DeploymentStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Sets a condition of a status, in place. The same status for the same reason is no news, whatever the message; a condition that is
 * set goes to the end of the list, as kube-controller-manager writes it.
 */
export function setDeploymentCondition(
  status: DeploymentStatus,
  type: string,
  value: Condition["status"],
  reason: string,
  message: string,
  now: number,
): void {
  const before = conditionOf(status, type);
  if (before?.status === value && before.reason === reason) return;
  const time = formatTime(now);
  const lastTransitionTime = before?.status === value ? (before.lastTransitionTime ?? time) : time;
  const condition = { type, status: value, reason, message, lastUpdateTime: time, lastTransitionTime };
  status.conditions = [...(status.conditions ?? []).filter((other) => other.type !== type), condition];
}

function removeCondition(status: DeploymentStatus, type: string): void {
  if (status.conditions === undefined) return;
  status.conditions = status.conditions.filter((condition) => condition.type !== type);
}

/** What the ReplicaSets add up to, with the condition Available. Counts of 0 are left out, as Kubernetes' `omitempty` does. */
export function countStatus(
  deployment: DeploymentObject,
  all: readonly ReplicaSetObject[],
  newReplicaSet: ReplicaSetObject | undefined,
  now: number,
): DeploymentStatus {
  const available = sum(all, ({ status }) => status?.availableReplicas);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(all, ({ status }) => status?.replicas),
    updatedReplicas: newReplicaSet?.status?.replicas ?? 0,
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, replicasOf) - available),
  };
  const { collisionCount, conditions } = deployment.status ?? {};
  const status: DeploymentStatus = {
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    ...terminating(all),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions !== undefined && { conditions: [...conditions] }),
  };
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  if (enough) setDeploymentCondition(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now);
  else
    setDeploymentCondition(
      status,
      "Available",
      "False",
      "MinimumReplicasUnavailable",
      "Deployment does not have minimum availability.",
      now,
    );
  return status;
}

/** Known only when every ReplicaSet's controller counts its terminating Pods (KEP-3973). */
function terminating(all: readonly ReplicaSetObject[]): { terminatingReplicas?: number } {
  const counts = all.map(({ status }) => status?.terminatingReplicas);
  return counts.some((count) => count === undefined)
    ? {}
    : { terminatingReplicas: counts.reduce((total: number, count) => total + (count ?? 0), 0) };
}

export function isComplete(deployment: DeploymentObject, status: DeploymentStatus | undefined): boolean {
  const wanted = replicasOf(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {};
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** More new, ready or available Pods than before, or fewer old ones. */
function hasProgressed(before: DeploymentStatus = {}, after: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Milliseconds until the rollout counts as stuck; 0 or less when it does. `undefined` when nothing is waited for. */
export function untilDeadline(deployment: DeploymentObject, now: number): number | undefined {
  const condition = conditionOf(deployment.status, "Progressing");
  if (!hasDeadline(deployment) || condition === undefined || condition.reason === "NewReplicaSetAvailable") return undefined;
  return Date.parse(condition.lastUpdateTime ?? "") + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - now;
}

/** The condition Progressing of a rollout, and ReplicaFailure, which the ReplicaSets hand up. Changes `status`. */
export function judgeProgress(
  deployment: DeploymentObject,
  status: DeploymentStatus,
  all: readonly ReplicaSetObject[],
  newReplicaSet: ReplicaSetObject | undefined,
  now: number,
): void {
  const current = conditionOf(deployment.status, "Progressing");
  if (!hasDeadline(deployment)) removeCondition(status, "Progressing");
  const wasComplete = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === "NewReplicaSetAvailable";
  if (hasDeadline(deployment) && !wasComplete) {
    const { name } = (newReplicaSet ?? deployment).metadata;
    const who = `${newReplicaSet === undefined ? "Deployment" : "ReplicaSet"} "${name}"`;
    if (isComplete(deployment, status)) {
      setDeploymentCondition(status, "Progressing", "True", "NewReplicaSetAvailable", `${who} has successfully progressed.`, now);
    } else if (hasProgressed(deployment.status, status)) {
      // Written anew although neither status nor reason has changed: its lastUpdateTime is what the deadline counts from.
      removeCondition(status, "Progressing");
      setDeploymentCondition(status, "Progressing", "True", "ReplicaSetUpdated", `${who} is progressing.`, now);
      const written = conditionOf(status, "Progressing");
      if (current?.status === "True" && current.lastTransitionTime !== undefined && written)
        written.lastTransitionTime = current.lastTransitionTime;
    } else if (current?.reason === "ProgressDeadlineExceeded" || (untilDeadline(deployment, now) ?? 1) <= 0) {
      setDeploymentCondition(status, "Progressing", "False", "ProgressDeadlineExceeded", `${who} has timed out progressing.`, now);
    }
  }
  const failure = [newReplicaSet, ...all].flatMap((each) => each?.status?.conditions ?? []).find(({ type }) => type === "ReplicaFailure");
  if (failure === undefined) removeCondition(status, "ReplicaFailure");
  else setDeploymentCondition(status, "ReplicaFailure", failure.status, failure.reason ?? "", failure.message ?? "", now);
}
