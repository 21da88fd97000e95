import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import type { Metadata } from "./objects.ts";
import type { WorkloadState } from "./workloads.ts";

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

/** The pods of a workload; of a Deployment those of its newest revision, and not those that it replaces. */
export async function podsOf(client: Client, workload: WorkloadState, signal: AbortSignal): Promise<Pod[]> {
  const namespace = workload.metadata.namespace ?? "default";
  const labelSelector = workload.spec.selector.matchLabels ?? {};
  let owner: { metadata: Metadata } | undefined = workload;
  if (workload.kind === "Deployment") {
    const owned = (await client.list(replicaSetKind, { namespace, labelSelector, signal })) as ReplicaSet[];
    const number = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[revision] ?? 0);
    [owner] = owned.filter((each) => isOwnedBy(each, workload.metadata.uid)).sort((a, b) => number(b) - number(a));
  }
  if (owner === undefined) return [];
  const uid = owner.metadata.uid;
  const pods = (await client.list(podKind, { namespace, labelSelector, signal })) as unknown as Pod[];
  // A Job tries again, and says itself when it gives up.
  const isOver = ({ status }: Pod): boolean => workload.kind === "Job" && status?.phase === "Failed";
  return pods.filter((pod) => isOwnedBy(pod, uid) && pod.metadata.deletionTimestamp === undefined && !isOver(pod));
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
