import { finalizersWith, hasFinalizer, keyOf, type KubernetesObject } from "../object/index.ts";
import { kindOf } from "./objects.ts";
import { isConflict, isNotFound } from "./errors.ts";
import type { Client, WriteOptions } from "./types.ts";

/** Writes that others are faster than, one after the other, before it is their caller's turn to say what to do. */
export const MAX_CONFLICTS = 5;

/**
 * Adds a finalizer to an object, beside those of others: nobody's is lost, though several write at once. Sends nothing when the object has it.
 * A reconciler with a `finalize` method needs none of this: the runtime keeps a finalizer for it.
 *
 * @param object as it was read; it is left as it is
 * @returns the object as it is then, or `undefined` when there is none any more
 * @throws ApiError when the object is being deleted, for then nobody may add a finalizer (`isForbidden` or `isInvalid`)
 */
export function addFinalizer<T extends KubernetesObject>(
  client: Client,
  object: T,
  finalizer: string,
  options?: WriteOptions,
): Promise<T | undefined> {
  return withFinalizer(client, object, finalizer, true, options);
}

/**
 * Takes a finalizer off an object, and lets it go if that was the last. Sends nothing when the object has it not. See {@link addFinalizer}.
 *
 * @returns the object as it is then, or `undefined` when there is none any more
 */
export function removeFinalizer<T extends KubernetesObject>(
  client: Client,
  object: T,
  finalizer: string,
  options?: WriteOptions,
): Promise<T | undefined> {
  return withFinalizer(client, object, finalizer, false, options);
}

async function withFinalizer<T extends KubernetesObject>(
  client: Client,
  object: T,
  finalizer: string,
  present: boolean,
  options: WriteOptions = {},
): Promise<T | undefined> {
  let current: T | undefined = object;
  for (let attempt = 1; current !== undefined && hasFinalizer(current, finalizer) !== present; attempt++) {
    try {
      return await setFinalizer(client, current, finalizer, present, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error) || attempt === MAX_CONFLICTS) throw error;
    }
    // Past the cache, which may be as old as what was refused.
    const now: KubernetesObject | undefined = await client.live.get(kindOf(object), keyOf(object), options);
    // Another object of the same name is not the one that was meant.
    current = now?.metadata?.uid === object.metadata?.uid ? (now as T | undefined) : undefined;
  }
  return current;
}

/** One write. The resource version makes sure that nobody's finalizer, added in the meantime, is lost: then it is a conflict. */
export async function setFinalizer<T extends KubernetesObject>(
  client: Client,
  object: T,
  finalizer: string,
  present: boolean,
  options?: WriteOptions,
): Promise<T> {
  const finalizers = finalizersWith(object, finalizer, present);
  const metadata = { finalizers, resourceVersion: object.metadata?.resourceVersion };
  return (await client.patch(kindOf(object), keyOf(object), "merge", { metadata }, options)) as KubernetesObject as T;
}
