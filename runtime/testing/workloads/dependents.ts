import {
  controllerOf,
  keyOf,
  keyString,
  matchLabels,
  type KubernetesObject,
  type LabelSelector,
  type MapFunction,
  type ObjectKey,
} from "../../index.ts";

/**
 * Remembers which objects have been seen under which controller, by the controller's uid, and which selectors want which labels. It is
 * filled by the handlers of the watched kinds and read by the reconcilers: the way from an owner to its dependents, without going
 * through every object of the namespace. What it says is a hint: readers look at the object itself, and drop what is no longer so.
 */
export class Dependents {
  readonly #ofOwner = new Map<string, Map<string, ObjectKey>>();
  readonly #selectors = new Map<string, { key: ObjectKey; matches: (labels: Readonly<Record<string, string>> | undefined) => boolean }>();
  readonly #ownerKind: string;

  constructor(ownerKind: string) {
    this.#ownerKind = ownerKind;
  }

  /** A map function for the kind of the dependents: an orphan is news to every owner whose selector takes it. */
  readonly observe: MapFunction = (object) => {
    const controller = controllerOf(object);
    const key = keyOf(object);
    if (controller === undefined) return this.selecting(object);
    if (controller.kind === this.#ownerKind) {
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
  select(key: ObjectKey, selector: LabelSelector | undefined): void {
    if (selector === undefined) this.#selectors.delete(keyString(key));
    else this.#selectors.set(keyString(key), { key, matches: matchLabels(selector) });
  }

  /** The owners in the object's namespace whose selectors take its labels. */
  selecting({ metadata }: KubernetesObject): ObjectKey[] {
    const keys: ObjectKey[] = [];
    for (const { key, matches } of this.#selectors.values()) {
      if (key.namespace === metadata?.namespace && matches(metadata?.labels)) keys.push(key);
    }
    return keys;
  }
}
