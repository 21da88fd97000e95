import type { KubernetesObject, UnstructuredObject } from "@kubescaffold/runtime";
import type { Metadata } from "./objects.ts";

/** What runs pods, as far as it is looked into. What is not of its kind it does not have. */
export interface WorkloadState extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: {
    replicas?: number;
    completions?: number;
    suspend?: boolean;
    selector: { matchLabels?: Record<string, string> };
    updateStrategy?: { type?: string };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    succeeded?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** What is still missing, by kind, in words; undefined when the pods are those that it asks for, and available. */
const missing: Readonly<Record<string, (state: WorkloadState) => string | undefined>> = {
  Deployment({ spec: { replicas: wanted = 1 }, status: { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = {} }) {
    const old = replicas - updatedReplicas;
    return missingPods(wanted, updatedReplicas, availableReplicas) ?? (old > 0 ? `${old} old pods are still to end` : undefined);
  },
  StatefulSet({ spec: { replicas: wanted = 1, updateStrategy }, status: { updatedReplicas = 0, availableReplicas = 0 } = {} }) {
    // With OnDelete the old pods stay until somebody deletes them.
    return missingPods(wanted, updateStrategy?.type === "OnDelete" ? wanted : updatedReplicas, availableReplicas);
  },
  DaemonSet({ spec: { updateStrategy }, status = {} }) {
    const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
    return missingPods(wanted, updateStrategy?.type === "OnDelete" ? wanted : updatedNumberScheduled, numberAvailable);
  },
  Job({ spec: { completions, suspend = false }, status: { succeeded = 0, conditions = [] } = {} }) {
    const isComplete = conditions.some(({ type, status }) => type === "Complete" && status === "True");
    return isComplete || suspend ? undefined : `${succeeded} of ${completions ?? 1} pods have succeeded`;
  },
};

function missingPods(wanted: number, updated: number, available: number): string | undefined {
  if (updated < wanted) return `${updated} of ${wanted} pods are there`;
  return available < wanted ? `${available} of ${wanted} pods are available` : undefined;
}

/** True for what is waited for. */
export function isWorkload({ apiVersion, kind }: UnstructuredObject): boolean {
  return Object.hasOwn(missing, kind) && apiVersion === (kind === "Job" ? "batch/v1" : "apps/v1");
}

/** What is still missing, in words; undefined when there is nothing to wait for. */
export function missingOf(state: WorkloadState): string | undefined {
  // A Job's controller notes no generation.
  if (state.kind !== "Job" && (state.status?.observedGeneration ?? 0) < (state.metadata.generation ?? 0)) return "not looked at yet";
  return missing[state.kind]?.(state);
}

/** Why no pod is made, or no other one, when that is so: a quota, a policy, a webhook, a service account that is not there; a Job that has failed. */
export function refusalOf({ status }: WorkloadState): string | undefined {
  const conditions = status?.conditions ?? [];
  const refused = conditions.find(({ type, status: is }) => (type === "ReplicaFailure" || type === "Failed") && is === "True");
  const late = conditions.find(({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded");
  return (refused ?? late)?.message;
}
