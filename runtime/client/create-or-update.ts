import { keyOf, keyString, parseJson, sameJson, stringifyJson, type Data, type KubernetesObject } from "../object/index.ts";
import { kindOf } from "./objects.ts";
import { isAlreadyExists, isConflict, isNotFound } from "./errors.ts";
import { MAX_CONFLICTS } from "./finalizers.ts";
import type { Client, WriteOptions } from "./types.ts";

/** What {@link createOrUpdate} has done. */
export interface CreatedOrUpdated<T> {
  /** The object as it is now. */
  object: Data<T>;
  operation: "created" | "updated" | "unchanged";
}

/**
 * Makes sure that an object exists and is as `mutate` makes it (controller-runtime's CreateOrUpdate). `client.apply` does the same with less:
 * it knows which fields are yours, and removes those that you drop. Use this where what is wanted depends on what is there.
 *
 * What is there is read from the cache, so that the steady state costs no request. Before something is written it is read anew from the API
 * server: what is sent is never older than that, and never lacks what a cache left out. When somebody else writes in between, that is done
 * again, five times at most. The status is not written, for kinds that have it as a subresource.
 *
 * @param object what names the object, with whatever a new one begins with
 * @param mutate changes the object that it is given, which is a new one or the one that exists; it may be called more than once. It may not
 *   change the name or the namespace.
 * @throws ApiError when the server refuses, with `isConflict` when others were faster each time; whatever `mutate` throws
 * @example
 * const { operation } = await createOrUpdate(client, { ...ConfigMapKind, metadata: { namespace, name } }, (map) => {
 *   map.data = { ...map.data, [memcached.metadata.name]: address };
 * });
 */
export async function createOrUpdate<T extends KubernetesObject>(
  client: Client,
  object: T,
  mutate: (object: T) => void | Promise<void>,
  options: WriteOptions = {},
): Promise<CreatedOrUpdated<T>> {
  const [kind, key] = [kindOf(object), keyOf(object)];
  const read = async (reader: Client) => (await reader.get(kind, key, options)) as KubernetesObject as T | undefined;
  const mutated = async (from: T): Promise<T> => {
    const copy = parseJson(stringifyJson(from)) as T;
    await mutate(copy);
    if (keyString(keyOf(copy)) !== keyString(keyOf(from))) {
      throw new TypeError(`createOrUpdate: mutate may not rename ${kind.kind} "${keyString(keyOf(from))}"`);
    }
    return copy;
  };

  let current = await read(client);
  const isKnown = current !== undefined;
  if (current !== undefined && sameJson(current, await mutated(current))) return { object: current as Data<T>, operation: "unchanged" };
  for (let attempt = 1; ; attempt++) {
    if (isKnown || attempt > 1) current = await read(client.live);
    const wanted = await mutated(current ?? object);
    if (current !== undefined && sameJson(current, wanted)) return { object: current as Data<T>, operation: "unchanged" };
    try {
      if (current === undefined) return { object: await client.create(wanted, options), operation: "created" };
      return { object: await client.update(wanted, options), operation: "updated" };
    } catch (error) {
      const isOvertaken = current === undefined ? isAlreadyExists(error) : isConflict(error) || isNotFound(error);
      if (!isOvertaken || attempt === MAX_CONFLICTS) throw error;
    }
  }
}
