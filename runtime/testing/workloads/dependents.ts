import type { LabelMatcher } from "../../object/index.ts";
import {
  controllerOf,
  isBeingDeleted,
  keyOf,
  keyString,
  matchLabels,
  type KubernetesObject,
  type LabelSelector,
  type MapFunction,
  type ObjectKey,
} from "../../index.ts";

interface Owner {
  key: ObjectKey;
  uid: string;
  matches: LabelMatcher;
}

/**
 * Remembers which objects have been seen under which controller, by the controller's uid, and which selectors want which labels. It is
 * filled by the handlers of the watched kinds and read by the reconcilers: the way from an owner to its dependents, without going
 * through every object of the namespace. What it says is a hint: readers look at the object itself, and drop what is no longer so.
 */
export class Dependents {
  readonly #ofOwner = new Map<string, Map<string, ObjectKey>>();
  readonly #owners = new Map<string, Owner>();
  readonly #ownerKind: string;

  constructor(ownerKind: string) {
    this.#ownerKind = ownerKind;
  }

  /** A map function for the kind of the dependents: an orphan is news to every owner whose selector takes it. */
  readonly observe: MapFunction = (object) => {
    const controller = controllerOf(object);
    const key = keyOf(object);
    if (controller === undefined) return this.selecting(object);
    if (controller.kind === this.#ownerKind && !isBeingDeleted(object)) {
      const known = this.#ofOwner.get(controller.uid) ?? new Map<string, ObjectKey>();
      this.#ofOwner.set(controller.uid, known.set(key.name, key));
    }
    return [];
  };

  /** Everything that was seen with this owner as its controller and has not been dropped. */
  of(uid: string): ObjectKey[] {
    return [...(this.#ofOwner.get(uid)?.values() ?? [])];
  }

  /** The object is gone, or has another controller. */
  drop(uid: string, key: ObjectKey): void {
    const known = this.#ofOwner.get(uid);
    known?.delete(key.name);
    if (known?.size === 0) this.#ofOwner.delete(uid);
  }

  /** Keeps the selector of an owner; call it before looking for what it selects, so that no object falls between the two. */
  select(key: ObjectKey, uid: string, selector: LabelSelector): void {
    this.forget(key, uid);
    this.#owners.set(keyString(key), { key, uid, matches: matchLabels(selector) });
  }

  /** The owner is gone, or selects nothing. @param except an owner of the same name that is there */
  forget(key: ObjectKey, except?: string): void {
    const uid = this.#owners.get(keyString(key))?.uid;
    if (uid !== undefined && uid !== except) this.#ofOwner.delete(uid);
    this.#owners.delete(keyString(key));
  }

  /** The owners in the object's namespace whose selectors take its labels. */
  selecting({ metadata }: KubernetesObject): ObjectKey[] {
    const keys: ObjectKey[] = [];
    for (const { key, matches } of this.#owners.values()) {
      if (key.namespace === metadata?.namespace && matches(metadata?.labels)) keys.push(key);
    }
    return keys;
  }
}
