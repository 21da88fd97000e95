import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import type { Subject } from "./operators.ts";

/**
 * What differs from run to run though nothing is different: who is who, when, and how often something changed on the way. `collisionCount` counts how often
 * kube-controller-manager saw its own ReplicaSet too late.
 */
const INCIDENTAL = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "observedGeneration",
  "creationTimestamp",
  "time",
  "lastTransitionTime",
  "clusterIP",
  "clusterIPs",
  "collisionCount",
]);

/** All objects of a namespace that an operator has to do with, without what is incidental. */
export async function endState(client: Client, subject: Subject, namespace: string): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {};
  for (const kind of subject.kinds) {
    for (const object of await client.list(kind, { namespace })) state[`${kind.kind} ${object.metadata.name ?? ""}`] = essence(object);
  }
  return state;
}

function essence(object: KubernetesObject): unknown {
  const { metadata = {}, status, ...rest } = object as KubernetesObject & { status?: { nodes?: string[]; conditions?: unknown } };
  // A child's fields are on record as created or as applied, which depends on what a fault let through.
  const isChild = metadata.ownerReferences !== undefined;
  const { managedFields = [], annotations: _revision, namespace: _namespace, ...kept } = metadata;
  const fields = managedFields
    .filter(({ manager, operation }) => (manager === "memcached" || manager === "site") && !(isChild && operation === "Apply"))
    .map(({ manager, operation, subresource, fieldsV1 }) => ({ manager, operation, subresource, fieldsV1 }));
  const nodes = status?.nodes?.length;
  // How a Deployment came to be what it is, is the simulation's business.
  const conditions = object.kind === "Deployment" ? undefined : status?.conditions;
  const seen = { ...status, ...(nodes !== undefined && { nodes }), conditions };
  const whole = { ...rest, metadata: { ...kept, managedFields: byText(fields) }, status: seen };
  return JSON.parse(
    JSON.stringify(whole, (key, value: unknown) =>
      INCIDENTAL.has(key) ? undefined : key === "f:nodes" ? "names of pods" : value,
    ).replaceAll(/k:\{\\"uid\\":[^}]*\}/g, "k:uid"),
  );
}

function byText<T>(values: readonly T[]): T[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
