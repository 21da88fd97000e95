import { done, isBeingDeleted, isConflict, isNotFound, type ObjectKey, type Result } from "../../index.ts";
import { Pod, type PodObject } from "./kinds.ts";
import { NODE_NAME } from "./kubelet/node.ts";
import { isEnded } from "./pods.ts";
import type { Context } from "./reconciler.ts";

/** Binds every Pod that asks for the default scheduler to the one node there is; room, taints and affinity are not looked at. */
export async function schedule(key: ObjectKey, { client, events }: Context): Promise<Result> {
  const pod: unknown = await client.get(Pod, key);
  if (!Pod.is(pod) || !waitsForNode(pod)) return done();
  const { namespace, name, uid } = pod.metadata;
  const binding = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { namespace, name, uid },
    target: { apiVersion: "v1", kind: "Node", name: NODE_NAME },
  };
  try {
    await client.subresource("binding").create(Pod, key, binding);
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return done(); // gone or bound by now; the watch will say so
    throw error;
  }
  events.normal(pod, "Scheduled", `Successfully assigned ${namespace}/${name} to ${NODE_NAME}`, { action: "Binding" });
  return done();
}

function waitsForNode(pod: PodObject): boolean {
  const { nodeName, schedulerName = "default-scheduler", schedulingGates = [] } = pod.spec;
  const isUnbound = nodeName === undefined || nodeName === "";
  return isUnbound && schedulerName === "default-scheduler" && schedulingGates.length === 0 && !isBeingDeleted(pod) && !isEnded(pod);
}
