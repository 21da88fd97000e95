import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import type { Metadata } from "./objects.ts";
import type { DeploymentState } from "./rollout.ts";

interface Ended {
  exitCode: number;
  reason?: string;
  message?: string;
}

/** The state of a container, as a pod's status tells it. */
export interface ContainerStatus {
  name: string;
  image?: string;
  ready: boolean;
  restartCount: number;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Ended };
  lastState?: { terminated?: Ended };
}

/** A pod, as far as it is looked into. */
export interface Pod extends KubernetesObject {
  metadata: Metadata;
  spec: { nodeName?: string };
  status?: {
    phase?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

interface ReplicaSet extends KubernetesObject {
  metadata: Metadata;
}

const podKind = { apiVersion: "v1", kind: "Pod" } as const;
const replicaSetKind = { apiVersion: "apps/v1", kind: "ReplicaSet" } as const;
const revision = "deployment.kubernetes.io/revision";

/** The pods of a Deployment's newest revision, and not of those that it replaces. */
export async function podsOf(client: Client, deployment: DeploymentState, signal: AbortSignal): Promise<Pod[]> {
  const namespace = deployment.metadata.namespace ?? "default";
  const labelSelector = deployment.spec.selector.matchLabels ?? {};
  const owned = (await client.list(replicaSetKind, { namespace, labelSelector, signal })) as ReplicaSet[];
  const number = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[revision] ?? 0);
  const [newest] = owned.filter((each) => isOwnedBy(each, deployment.metadata.uid)).sort((a, b) => number(b) - number(a));
  if (newest === undefined) return [];
  const pods = (await client.list(podKind, { namespace, labelSelector, signal })) as unknown as Pod[];
  return pods.filter((pod) => isOwnedBy(pod, newest.metadata.uid) && pod.metadata.deletionTimestamp === undefined);
}

function isOwnedBy({ metadata }: { metadata: Metadata }, uid: string | undefined): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}

/** All containers of a pod, those that run before the others first. */
export function containersOf({ status }: Pod): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** What every container says while it is on its way. */
const usual = new Set(["ContainerCreating", "PodInitializing"]);

/** What keeps a pod from running, in one line; undefined while it is on its way. */
export function troubleOf(pod: Pod): string | undefined {
  if (pod.status?.phase === "Failed") return `pod ${pod.metadata.name} failed: ${pod.status.message ?? "it does not say why"}`;
  for (const { name, state, lastState } of containersOf(pod)) {
    const { reason = "", message = "" } = state?.waiting ?? {};
    if (reason === "" || usual.has(reason)) continue;
    const ended = lastState?.terminated;
    // A container that crashes says little beyond that; how it ended tells more.
    const detail = ended === undefined ? message : `ended with exit code ${ended.exitCode}`;
    return `container ${name}: ${reason}${detail === "" ? "" : `, ${detail}`}`;
  }
  return undefined;
}
