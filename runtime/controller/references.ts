import type { ReferenceCache, Referrer } from "../cache/index.ts";
import { keyOf, keyString, type KindToken, type KubernetesObject, type ObjectKey, type ObjectOf } from "../object/index.ts";

/**
 * The objects that reconciled objects name: Secrets, ConfigMaps. Only those are watched and kept, however many others there are, and whoever refers to one
 * is reconciled when it changes, comes or goes.
 */
export interface References {
  /**
   * Says which objects of a kind an object refers to from now on. Those that it named before and names no more are dropped, also all of them when the
   * object is gone. A name alone is one in the owner's namespace.
   *
   * @throws NoKindMatchError when the API server has no such kind
   * @example
   * await references.track(shop, Secret, [shop.spec.tls, shop.spec.password]);
   * const tls = await references.get(Secret, { namespace: shop.metadata.namespace, name: shop.spec.tls });
   */
  track(owner: KubernetesObject | ObjectKey, kind: KindToken, names: Iterable<string | ObjectKey>): Promise<void>;
  /**
   * A tracked object as the watch last reported it, or as our own write left it. It waits for the first state, at most 1 s. `client.get` finds it here as
   * well, but says `undefined` for an object that is not there, and reads one live that is not tracked or not there in time.
   *
   * @throws UnresolvedReferenceError when it is not registered, not synced in time, or not found: see its `reason`
   */
  get<K extends KindToken>(kind: K, key: ObjectKey): Promise<ObjectOf<K>>;
}

/** @param enqueue reconciles an owner */
export function referencesOf(
  cache: ReferenceCache,
  controller: string,
  signal: AbortSignal,
  enqueue: (owner: ObjectKey) => void,
): References {
  return {
    async track(owner, kind, names) {
      signal.throwIfAborted(); // a run that was given up must not undo what a later one says
      const ownerKey = "name" in owner ? owner : keyOf(owner);
      const keys = [...names].map((name) => (typeof name === "string" ? { ...ownerKey, name } : name));
      await cache.track({ id: referrerId(controller, ownerKey), changed: () => enqueue(ownerKey) } satisfies Referrer, kind, keys);
    },
    async get(kind, key) {
      return (await cache.get(kind, key)) as ObjectOf<typeof kind>;
    },
  };
}

/** Names an owner among those of all controllers. */
export function referrerId(controller: string, owner: ObjectKey): string {
  return `${controller} ${keyString(owner)}`;
}
