import type { DeploymentObject, ReplicaSetObject } from "../kinds.ts";

export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

export function replicasOf({ spec }: DeploymentObject | ReplicaSetObject): number {
  return spec.replicas ?? 1;
}

export function isActive(replicaSet: ReplicaSetObject): boolean {
  return replicasOf(replicaSet) > 0;
}

export function sum(replicaSets: readonly ReplicaSetObject[], count: (replicaSet: ReplicaSetObject) => number | undefined): number {
  return replicaSets.reduce((total, replicaSet) => total + (count(replicaSet) ?? 0), 0);
}

export function isRollingUpdate({ spec }: DeploymentObject): boolean {
  return (spec.strategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/** How many Pods there may be beyond the wanted number while new ones come. */
function maxSurge(deployment: DeploymentObject): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many of the wanted Pods may be unavailable while old ones go. */
export function maxUnavailable(deployment: DeploymentObject): number {
  return isRollingUpdate(deployment) ? Math.min(fenceposts(deployment).unavailable, replicasOf(deployment)) : 0;
}

/** Percentages of Pods round up for the surge and down for the unavailable; where both come out as 0, nothing could move, so one may go. */
function fenceposts(deployment: DeploymentObject): { surge: number; unavailable: number } {
  const replicas = replicasOf(deployment);
  const { maxSurge = "25%", maxUnavailable = "25%" } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = Math.ceil(scaled(maxSurge, replicas));
  const unavailable = Math.floor(scaled(maxUnavailable, replicas));
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function scaled(value: string | number, replicas: number): number {
  return typeof value === "number" ? value : (Number(value.replace(/%$/, "")) * replicas) / 100;
}

/** To how many replicas the new ReplicaSet may grow now. */
export function newReplicas(deployment: DeploymentObject, all: readonly ReplicaSetObject[], current: number): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - sum(all, replicasOf);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** A count that the Deployment controller left on a ReplicaSet; `undefined` when somebody has spoilt it. */
export function annotatedReplicas({ metadata }: ReplicaSetObject, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The annotations with which a ReplicaSet tells, at the next scaling, of what size it was a part. */
export function sizeAnnotations(deployment: DeploymentObject): Record<string, string> {
  const replicas = replicasOf(deployment);
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(deployment)) };
}

/**
 * Sizes for the active ReplicaSets of a Deployment that is scaled in the middle of a rollout: each gets its share of the change, by its
 * size, and the largest what rounding leaves over.
 */
export function proportionalSizes(deployment: DeploymentObject, active: readonly ReplicaSetObject[]): Map<ReplicaSetObject, number> {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, replicasOf);
  // Of the same size, newer ones grow first and older ones shrink first.
  const direction = toAdd >= 0 ? -1 : 1;
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || direction * byAge(a, b));
  const sizes = new Map(sorted.map((each) => [each, replicasOf(each)]));
  if (toAdd === 0) return sizes;
  let added = 0;
  for (const each of sorted) {
    const share = shareOf(each, deployment, wanted);
    const left = toAdd - added;
    const part = left === 0 ? 0 : toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
    sizes.set(each, replicasOf(each) + part);
    added += part;
  }
  const [largest] = sorted;
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  return sizes;
}

function shareOf(replicaSet: ReplicaSetObject, deployment: DeploymentObject, wanted: number): number {
  const size = replicasOf(replicaSet);
  if (wanted === 0) return -size;
  const before = annotatedReplicas(replicaSet, MAX_REPLICAS) || deployment.status?.replicas || 0;
  return before === 0 ? 0 : Math.round((size * (wanted + maxSurge(deployment))) / before) - size;
}

/** Oldest first; of the same second, by name. */
export function byAge(a: ReplicaSetObject, b: ReplicaSetObject): number {
  return (
    Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}
