import { controllerReference, isBeingDeleted, type Client, type KubernetesObject } from "../../index.ts";
import { checked } from "./change.ts";
import { Pod, type PodObject, type PodTemplate } from "./kinds.ts";

/** Neither ended nor being deleted: such a Pod counts as a replica. */
export function isActive(pod: PodObject): boolean {
  return !isBeingDeleted(pod) && !isEnded(pod);
}

/** All containers have ended for good. */
export function isEnded(pod: PodObject): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

export function isReady(pod: PodObject): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

export function podCondition(pod: PodObject, type: string) {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/**
 * Milliseconds until the Pod has been ready for as long as `minReadySeconds` asks: 0 when it has, `undefined` when it is not ready.
 * Without a minimum a ready Pod is available at once.
 */
export function availableIn(pod: PodObject, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  return minReadySeconds === 0 ? 0 : Math.max(0, Date.parse(ready.lastTransitionTime ?? "") + minReadySeconds * 1000 - now);
}

/** Creates a Pod from a template, controlled by `owner`. Without a name it gets a random one that begins with the owner's. */
export async function createPod(
  client: Client,
  owner: KubernetesObject,
  template: PodTemplate,
  more: { name?: string; labels?: Record<string, string>; annotations?: Record<string, string>; spec?: PodTemplate["spec"] } = {},
): Promise<PodObject> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const allAnnotations = { ...annotations, ...more.annotations };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${owner.metadata?.name ?? ""}-`,
      ...(more.name !== undefined && { name: more.name }),
      namespace: owner.metadata?.namespace ?? "",
      labels: { ...labels, ...more.labels },
      ...(Object.keys(allAnnotations).length > 0 && { annotations: allAnnotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: more.spec ?? template.spec,
  };
  return checked(Pod, await client.create(pod));
}
