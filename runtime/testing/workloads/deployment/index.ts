/**
 * The Deployment controller, after kube-controller-manager's: ReplicaSets for templates, rollouts, scaling, pause, history, status.
 * Uses the files of the folder above. Read this file first; then strategies.ts (what a rollout does next), rollout.ts (how it is written),
 * conditions.ts (what the status says), arithmetic.ts (sizes), revision.ts and template.ts (which ReplicaSet is the current one).
 */
import {
  controllerOf,
  done,
  isBeingDeleted,
  keyOf,
  requeueAfter,
  type Clock,
  type MapFunction,
  type ObjectKey,
  type Result,
} from "../../../index.ts";
import { claim } from "../claim.ts";
import type { Dependents } from "../dependents.ts";
import { Deployment, Pod, ReplicaSet } from "../kinds.ts";
import type { Context } from "../reconciler.ts";
import { isRollingUpdate } from "./arithmetic.ts";
import { isComplete, untilDeadline } from "./conditions.ts";
import { Rollout } from "./rollout.ts";
import { isScaled, recreate, rollingUpdate, scale } from "./strategies.ts";
import { HASH_LABEL } from "./template.ts";

/** Looks at a stuck rollout a second after its deadline, for times are written in whole seconds. */
const AFTER_DEADLINE = 1000;

export async function reconcileDeployment(key: ObjectKey, context: Context, dependents: Dependents, clock: Clock): Promise<Result> {
  const { client } = context;
  const deployment: unknown = await client.get(Deployment, key);
  if (!Deployment.is(deployment)) {
    dependents.forget(key);
    return done();
  }
  const { selector } = deployment.spec;
  dependents.select(key, deployment.metadata.uid, selector);
  const all = await claim(client, { kind: Deployment, object: deployment, selector }, ReplicaSet, dependents);
  const owners = new Set(all.map(({ metadata }) => metadata.uid));
  const needsPods = !isRollingUpdate(deployment);
  const pods = needsPods ? await client.list(Pod, { namespace: deployment.metadata.namespace, labelSelector: selector }) : [];
  const rollout = new Rollout(
    deployment,
    all,
    pods.filter((pod) => owners.has(controllerOf(pod)?.uid ?? "")),
    context,
    clock.now(),
  );

  await rollout.syncRevision();
  if (isBeingDeleted(deployment)) {
    await rollout.writeStatus(false);
    return done();
  }
  await rollout.notePause();
  if (deployment.spec.paused === true || isScaled(rollout)) {
    await scale(rollout);
    if (deployment.spec.paused === true) await rollout.trimHistory();
    await rollout.writeStatus(false);
    return done();
  }
  await (isRollingUpdate(deployment) ? rollingUpdate(rollout) : recreate(rollout));
  await rollout.writeStatus(true);

  const left = untilDeadline(rollout.deployment, clock.now());
  const isWaiting = left !== undefined && left > 0 && !isComplete(rollout.deployment, rollout.deployment.status);
  return isWaiting ? requeueAfter(left + AFTER_DEADLINE) : done();
}

/**
 * A {@link MapFunction}: the Deployment behind a Pod's ReplicaSet, whose name is the Deployment's and the hash. A Deployment that recreates
 * waits for Pods to go, which no ReplicaSet's status shows.
 */
export const deploymentOfPod: MapFunction = (pod) => {
  const hash = pod.metadata?.labels?.[HASH_LABEL];
  const controller = controllerOf(pod);
  const suffix = `-${hash ?? ""}`;
  if (hash === undefined || controller?.kind !== ReplicaSet.kind || !controller.name.endsWith(suffix)) return [];
  return [{ ...keyOf(pod), name: controller.name.slice(0, -suffix.length) }];
};
