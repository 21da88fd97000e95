import { setTimeout as pause } from "node:timers/promises";
import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import { describe, keyOf, type Manifest, type Metadata } from "./objects.ts";
import { podsOf, troubleOf, type Pod } from "./pods.ts";

/** A Deployment, as far as it is looked into. */
export interface DeploymentState extends KubernetesObject {
  metadata: Metadata;
  spec: { replicas?: number; selector: { matchLabels?: Record<string, string> } };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

export interface RolloutOptions {
  readonly signal: AbortSignal;
  /** How long to wait for the Deployment to be available, in milliseconds. */
  readonly timeout: number;
  /** How long something has to be wrong until it is called a failure, in milliseconds: images are pulled again, containers start again. */
  readonly patience: number;
  /** Told each time that something has changed. */
  readonly onProgress: (text: string) => void;
}

const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" } as const;
const lookEvery = 250;

/** A Deployment does not become available. */
export class RolloutFailure extends Error {
  override readonly name = "RolloutFailure";
  readonly deployment: DeploymentState;
  readonly pods: readonly Pod[];

  constructor(reason: string, deployment: DeploymentState, pods: readonly Pod[]) {
    super(reason);
    this.deployment = deployment;
    this.pods = pods;
  }
}

/**
 * Waits until all replicas of a Deployment are those that it asks for, and available, as `kubectl rollout status` does; but what does not mend by
 * itself ends it at once.
 *
 * @throws RolloutFailure with what was seen last
 */
export async function awaitRollout(client: Client, deployment: Manifest, options: RolloutOptions): Promise<void> {
  const { signal, timeout, patience, onProgress } = options;
  const began = performance.now();
  let shown = "";
  let troubleSince: number | undefined;
  for (;;) {
    const state = (await client.get(deploymentKind, keyOf(deployment), { signal })) as DeploymentState | undefined;
    if (state === undefined) throw new Error(`the ${describe(deployment)} was deleted while it was waited for`);
    const missing = missingOf(state);
    if (missing === undefined) return;
    const pods = await podsOf(client, state, signal);
    const text = refusalOf(state) ?? pods.map((pod) => troubleOf(pod)).find((each) => each !== undefined);
    const now = performance.now();
    // Not since these very words: an image that is not there is told of in turn as an error and as a pause until the next try.
    troubleSince = text === undefined ? undefined : (troubleSince ?? now);
    const line = text === undefined ? missing : `${missing}; ${text}`;
    if (line !== shown) onProgress(`${describe(deployment)}: ${line}`);
    shown = line;
    if (text !== undefined && now - (troubleSince ?? now) >= patience) throw new RolloutFailure(text, state, pods);
    if (now - began >= timeout) throw new RolloutFailure(`${missing} after ${Math.round(timeout / 1000)} s`, state, pods);
    await pause(lookEvery, undefined, { signal });
  }
}

/** What is still missing, in words; undefined when all replicas are available. */
function missingOf({ metadata, spec, status = {} }: DeploymentState): string | undefined {
  const { replicas: wanted = 1 } = spec;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) return "not looked at yet";
  if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are there`;
  if (availableReplicas < wanted) return `${availableReplicas} of ${wanted} pods are available`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old pods are still to end`;
  return undefined;
}

/** Why no pod is made, when that is so: a quota, a policy, a webhook, a service account that is not there. */
function refusalOf({ status }: DeploymentState): string | undefined {
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status: is }) => type === "ReplicaFailure" && is === "True");
  const late = conditions.find(({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded");
  return (refused ?? late)?.message;
}
