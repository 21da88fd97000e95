import {
  controllerOf, controllerReference, isBeingDeleted, isConflict, isNotFound, matchLabels, type Client, type KubernetesObject, type LabelSelector,
} from "../../index.ts"; // prettier-ignore
import { change } from "./change.ts";
import type { Dependents } from "./dependents.ts";
import type { Kind, NamespacedMetadata } from "./kinds.ts";

interface Owner extends KubernetesObject {
  metadata: NamespacedMetadata;
}

/**
 * The objects of a kind that belong to an owner, after those that its selector takes and nobody controls have been adopted, and those
 * that it controls but no longer selects have been let go.
 */
export async function claim<T extends Owner>(
  client: Client,
  owner: { kind: Kind<Owner>; object: Owner; selector: LabelSelector },
  kind: Kind<T>,
  dependents: Dependents,
  mayAdopt: (object: T) => boolean = () => true,
): Promise<T[]> {
  const { object, selector } = owner;
  const { namespace, uid } = object.metadata;
  const matches = matchLabels(selector);
  const claimed: T[] = [];
  let alive: Promise<boolean> | undefined;
  for (const candidate of await candidates(client, kind, owner, dependents)) {
    const controller = controllerOf(candidate);
    if (controller !== undefined && controller.uid !== uid) continue;
    if (controller !== undefined && matches(candidate.metadata.labels)) claimed.push(candidate);
    else if (controller !== undefined) {
      if (!isBeingDeleted(object) && !isBeingDeleted(candidate)) await release(client, kind, candidate, uid);
    } else if (!isBeingDeleted(object) && !isBeingDeleted(candidate) && mayAdopt(candidate)) {
      // The cache may not know yet that the owner is being deleted; an object adopted then would be lost with it.
      alive ??= client.live
        .get(owner.kind, { namespace, name: object.metadata.name })
        .then((current) => owner.kind.is(current) && current.metadata.uid === uid && !isBeingDeleted(current));
      const adopted = (await alive) ? await adopt(client, kind, candidate, object) : undefined;
      if (adopted !== undefined) claimed.push(adopted);
    }
  }
  return claimed;
}

/** What the selector takes, and what is noted as the owner's though the selector does not take it any more. */
async function candidates<T extends Owner>(
  client: Client,
  kind: Kind<T>,
  { object, selector }: { object: Owner; selector: LabelSelector },
  dependents: Dependents,
): Promise<T[]> {
  const { namespace, uid } = object.metadata;
  const found = new Map<string, T>();
  for (const each of await client.list(kind, { namespace, labelSelector: selector }))
    if (kind.is(each)) found.set(each.metadata.name, each);
  for (const key of dependents.of(uid)) {
    if (found.has(key.name)) continue;
    const each: unknown = await client.get(kind, key);
    if (kind.is(each) && controllerOf(each)?.uid === uid) found.set(key.name, each);
    else dependents.drop(uid, key);
  }
  return [...found.values()];
}

async function adopt<T extends Owner>(client: Client, kind: Kind<T>, orphan: T, owner: Owner): Promise<T | undefined> {
  const ownerReferences = [...(orphan.metadata.ownerReferences ?? []), controllerReference(owner)];
  return unlessOvertaken(change(client, kind, orphan, { ...orphan, metadata: { ...orphan.metadata, ownerReferences } }));
}

async function release<T extends Owner>(client: Client, kind: Kind<T>, object: T, owner: string): Promise<void> {
  const ownerReferences = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner);
  await unlessOvertaken(change(client, kind, object, { ...object, metadata: { ...object.metadata, ownerReferences } }));
}

/** An object that changed or went in the meantime is looked at again at its next event. */
async function unlessOvertaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return undefined;
    throw error;
  }
}
