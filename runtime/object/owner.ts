import type { OwnerReference } from "../api/index.ts";
import { groupOf, type KubernetesObject } from "./types.ts";

/**
 * An owner reference that makes `owner` the controller of the object that carries it: the garbage collector deletes
 * the object after its owner, and `owns` finds the owner by it. At most one reference of an object may be a controller.
 *
 * @throws TypeError when the owner was not read from the API server (it has no uid yet).
 */
export function controllerReference(owner: KubernetesObject): OwnerReference {
  return { ...ownerReference(owner), controller: true, blockOwnerDeletion: true };
}

/** An owner reference without control: the object is deleted when its last owner is gone. Throws as {@link controllerReference} does. */
export function ownerReference(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  if (!apiVersion || !kind || !metadata?.name || !metadata.uid) {
    throw new TypeError(`${kind ?? "the object"} cannot own anything: an owner needs apiVersion, kind, name and uid`);
  }
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}

/** The reference to the controller of an object, if it has one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

/** True when `owner` is the controller of `object`, told by uid. */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** True when a reference points at this group and kind, in any version. */
export function refersTo(reference: OwnerReference, kind: { apiVersion: string; kind: string }): boolean {
  return reference.kind === kind.kind && groupOf(reference.apiVersion) === groupOf(kind.apiVersion);
}
