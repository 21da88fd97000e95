import { isEnded } from "../pods.ts";
import {
  annotatedReplicas,
  byAge,
  DESIRED_REPLICAS,
  isActive,
  isRollingUpdate,
  maxUnavailable,
  newReplicas,
  proportionalSizes,
  replicasOf,
  sum,
} from "./arithmetic.ts";
import type { Rollout } from "./rollout.ts";

/** True when the Deployment has been given another size since its ReplicaSets were last sized. */
export function isScaled({ all, deployment }: Rollout): boolean {
  return all.filter(isActive).some((each) => {
    const desired = annotatedReplicas(each, DESIRED_REPLICAS);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** Gives the ReplicaSets their share of the Deployment's new size, without going on with the rollout. */
export async function scale(rollout: Rollout): Promise<void> {
  const { current, deployment, all } = rollout;
  const wanted = replicasOf(deployment);
  const active = all.filter(isActive);
  const only = active.length <= 1 ? (active[0] ?? current ?? [...all].sort(byAge).at(-1)) : undefined;
  if (only !== undefined) {
    if (replicasOf(only) !== wanted) await rollout.scale(only, wanted);
    return;
  }
  if (active.length === 0) return;
  const isSaturated =
    current !== undefined &&
    replicasOf(current) === wanted &&
    annotatedReplicas(current, DESIRED_REPLICAS) === wanted &&
    current.status?.availableReplicas === wanted;
  if (isSaturated) {
    for (const each of rollout.activeOld) await rollout.scale(each, 0);
  } else if (isRollingUpdate(deployment)) {
    for (const [each, replicas] of proportionalSizes(deployment, active)) await rollout.scale(each, replicas);
  }
}

/** New Pods come as far as the surge allows, and old ones go as far as enough Pods stay available. One step a run. */
export async function rollingUpdate(rollout: Rollout): Promise<void> {
  const current = await rollout.ensureCurrent();
  const wanted = replicasOf(rollout.deployment);
  const size = replicasOf(current);
  if (size !== wanted) {
    const next = size > wanted ? wanted : newReplicas(rollout.deployment, rollout.all, size);
    if (next !== size && (await rollout.scale(current, next))) return;
  }
  if (await scaleDownOld(rollout)) return;
  if (rollout.isComplete) await rollout.trimHistory();
}

async function scaleDownOld(rollout: Rollout): Promise<boolean> {
  const { current, deployment } = rollout;
  if (current === undefined || rollout.activeOld.length === 0) return false;
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  let removable = sum(rollout.all, replicasOf) - minAvailable - newUnavailable;
  if (removable <= 0) return false;
  let scaled = false;
  // Pods that do not work go first, since nobody misses them.
  for (const each of rollout.activeOld) {
    const unhealthy = Math.min(removable, replicasOf(each) - (each.status?.availableReplicas ?? 0));
    if (unhealthy <= 0) continue;
    scaled = (await rollout.scale(each, replicasOf(each) - unhealthy)) || scaled;
    removable -= unhealthy;
  }
  let spare = sum([...rollout.activeOld, current], ({ status }) => status?.availableReplicas) - minAvailable;
  for (const each of rollout.activeOld) {
    const part = Math.min(replicasOf(each), spare);
    if (part <= 0) break;
    scaled = (await rollout.scale(each, replicasOf(each) - part)) || scaled;
    spare -= part;
  }
  return scaled;
}

/** All old Pods go, and only when the last of them is gone the new ones come. */
export async function recreate(rollout: Rollout): Promise<void> {
  let scaled = false;
  for (const each of rollout.activeOld) scaled = (await rollout.scale(each, 0)) || scaled;
  if (scaled || hasOldPods(rollout)) return;
  const current = await rollout.ensureCurrent();
  const wanted = replicasOf(rollout.deployment);
  if (replicasOf(current) !== wanted) await rollout.scale(current, wanted);
  if (rollout.isComplete) await rollout.trimHistory();
}

/** A Pod that is being deleted is still there. */
function hasOldPods({ old, pods, current }: Rollout): boolean {
  if (sum(old, ({ status }) => status?.replicas) > 0) return true;
  return pods.some((pod) => !isEnded(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === current?.metadata.uid) !== true);
}
