import type { KubernetesObject } from "./types.ts";

/** True when the object carries the finalizer. */
export function hasFinalizer(object: KubernetesObject, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}

/** The object's finalizers with this one added, or without it. */
export function finalizersWith(object: KubernetesObject, finalizer: string, present: boolean): string[] {
  const others = (object.metadata?.finalizers ?? []).filter((other) => other !== finalizer);
  return present ? [...others, finalizer] : others;
}

/** True once deletion of the object has been asked for; it goes when its last finalizer is taken off. */
export function isBeingDeleted(object: KubernetesObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}
