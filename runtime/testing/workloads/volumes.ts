import { done, isAlreadyExists, isBeingDeleted, type ObjectKey, type Result } from "../../index.ts";
import { change } from "./change.ts";
import { PersistentVolume, PersistentVolumeClaim, Pod, type ClaimObject } from "./kinds.ts";
import { isEnded } from "./pods.ts";
import type { Context } from "./reconciler.ts";

const PROTECTION = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION = "kubernetes.io/pv-protection";
const PROVISIONED_BY = { "pv.kubernetes.io/provisioned-by": "kubescaffold" };

/**
 * Gives every claim a volume of its own at once, and takes it away with the claim. Storage classes, capacities and selectors are not looked
 * at; a claim that names a volume is left to whoever made that volume.
 */
export async function reconcileClaim(key: ObjectKey & { namespace: string }, context: Context): Promise<Result> {
  const { client } = context;
  const claim: unknown = await client.get(PersistentVolumeClaim, key);
  const claimUid = PersistentVolumeClaim.is(claim) ? claim.metadata.uid : undefined;
  await removeVolumes(key, claimUid, client);
  if (!PersistentVolumeClaim.is(claim)) return done();
  if (isBeingDeleted(claim)) return release(claim, context);
  if (claim.status?.phase === "Bound") return done();
  const name = `pvc-${claim.metadata.uid}`;
  if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== name) return done();

  const capacity = { storage: claim.spec.resources?.requests?.["storage"] ?? "1Gi" };
  const { accessModes = ["ReadWriteOnce"], storageClassName, volumeMode = "Filesystem" } = claim.spec;
  const { namespace, uid } = claim.metadata;
  const claimRef = { apiVersion: "v1", kind: PersistentVolumeClaim.kind, namespace, name: claim.metadata.name, uid };
  const spec = {
    capacity,
    accessModes,
    volumeMode,
    claimRef,
    hostPath: { path: `/var/lib/kubescaffold/${name}` },
    persistentVolumeReclaimPolicy: "Delete",
    ...(storageClassName !== undefined && { storageClassName }),
  };
  const { apiVersion, kind } = PersistentVolume;
  try {
    await client.create({ apiVersion, kind, metadata: { name, annotations: PROVISIONED_BY }, spec });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const volume: unknown = await client.get(PersistentVolume, { name });
  if (PersistentVolume.is(volume))
    await change(client, PersistentVolume, volume, { ...volume, status: { ...volume.status, phase: "Bound" } }, "status");
  const named = await change(client, PersistentVolumeClaim, claim, { ...claim, spec: { ...claim.spec, volumeName: name } });
  await change(
    client,
    PersistentVolumeClaim,
    named,
    { ...named, status: { ...named.status, phase: "Bound", accessModes, capacity } },
    "status",
  );
  return done();
}

/** A claim that a Pod uses stays until that Pod is gone; its deletion brings the claim back here. */
async function release(claim: ClaimObject, { client }: Context): Promise<Result> {
  const { namespace, name, finalizers = [] } = claim.metadata;
  if (!finalizers.includes(PROTECTION)) return done();
  const pods = await client.list(Pod, { namespace });
  const uses = ({ spec }: (typeof pods)[number]) => spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === name);
  if (pods.some((pod) => uses(pod) === true && !isEnded(pod))) return done();
  const rest = finalizers.filter((finalizer) => finalizer !== PROTECTION);
  await change(client, PersistentVolumeClaim, claim, { ...claim, metadata: { ...claim.metadata, finalizers: rest } });
  return done();
}

/** Removes the volumes that were made for claims of this name that are gone. */
async function removeVolumes(key: ObjectKey, present: string | undefined, client: Context["client"]): Promise<void> {
  for (const volume of await client.list(PersistentVolume)) {
    const { claimRef } = volume.spec;
    const isOurs = volume.metadata.annotations?.["pv.kubernetes.io/provisioned-by"] === PROVISIONED_BY["pv.kubernetes.io/provisioned-by"];
    if (!isOurs || claimRef?.namespace !== key.namespace || claimRef?.name !== key.name || claimRef.uid === present) continue;
    if (!isBeingDeleted(volume)) await client.delete(PersistentVolume, volume.metadata, { preconditions: { uid: volume.metadata.uid } });
    const current: unknown = await client.get(PersistentVolume, { name: volume.metadata.name });
    if (!PersistentVolume.is(current)) continue;
    const finalizers = (current.metadata.finalizers ?? []).filter((finalizer) => finalizer !== VOLUME_PROTECTION);
    await change(client, PersistentVolume, current, { ...current, metadata: { ...current.metadata, finalizers } });
  }
}

/** The claim that a volume is for. */
export function claimOfVolume(volume: unknown): ObjectKey[] {
  const claim = PersistentVolume.is(volume) ? volume.spec.claimRef : undefined;
  return claim?.name === undefined || claim.namespace === undefined ? [] : [{ namespace: claim.namespace, name: claim.name }];
}

/** The claims that a Pod uses. */
export function claimsOf(pod: unknown): ObjectKey[] {
  if (!Pod.is(pod)) return [];
  const { namespace } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [{ namespace, name: persistentVolumeClaim.claimName }] : [],
  );
}
