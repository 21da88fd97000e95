import type { InformerEvent } from "../cache/index.ts";
import { refersTo, type KindToken, type KubernetesObject, type ObjectKey } from "../object/index.ts";

/** Says which objects are to be reconciled when a watched object changes. Called with the state after and, for a change, before it. */
export type MapFunction<T = KubernetesObject> = (object: T) => Iterable<ObjectKey>;

/** From an event to the keys to be reconciled. */
export type EventHandler = (event: InformerEvent) => Iterable<ObjectKey>;

/** The object itself. */
export const enqueueSelf: EventHandler = (event) => [event.key];

/**
 * The owner of the object, told by its owner references; a change of owner is news to both.
 *
 * @param options.controllerOnly count only the reference with `controller: true`. Default true.
 */
export function enqueueOwner(owner: KindToken, isNamespaced: () => boolean, options: { controllerOnly?: boolean } = {}): EventHandler {
  const { controllerOnly = true } = options;
  return (event) => {
    const before = event.type === "MODIFIED" ? (event.before?.metadata?.ownerReferences ?? []) : [];
    const keys = new Map<string, ObjectKey>();
    for (const reference of [...event.ownerReferences, ...before]) {
      if ((controllerOnly && reference.controller !== true) || !refersTo(reference, owner)) continue;
      keys.set(reference.name, isNamespaced() ? { ...event.key, name: reference.name } : { name: reference.name });
    }
    return keys.values();
  };
}

/** What a function of the user's says, asked for the state before and after a change. */
export function enqueueMapped(map: MapFunction): EventHandler {
  return (event) => {
    const after = [...map(event.object)];
    return event.before === undefined || event.type === "DELETED" ? after : [...after, ...map(event.before)];
  };
}

/**
 * A {@link MapFunction}: the object that an annotation names, as `name` in the same namespace or as `namespace/name`. For what cannot carry an owner
 * reference: children in other namespaces, or cluster-scoped ones. The trap: whoever may write the annotation can have any object reconciled, which
 * must do no more than cost time; and the garbage collector does not know of it, so a finalizer has to delete such children.
 *
 * @example
 * manager.controller(Memcached).watches(ClusterRole, enqueueByAnnotation("cache.example.com/memcached"))
 */
export function enqueueByAnnotation(annotation: string): MapFunction {
  return ({ metadata = {} }) => {
    const [first, second, ...more] = metadata.annotations?.[annotation]?.split("/") ?? [];
    if (!first || second === "" || more.length > 0) return [];
    if (second !== undefined) return [{ namespace: first, name: second }];
    return [metadata.namespace === undefined ? { name: first } : { namespace: metadata.namespace, name: first }];
  };
}

/**
 * A {@link MapFunction}: the object of the same namespace that a label names.
 *
 * @example
 * manager.controller(Memcached).watches(Pod, enqueueByLabel("app.kubernetes.io/instance"))
 */
export function enqueueByLabel(label: string): MapFunction {
  return ({ metadata = {} }) => {
    const name = metadata.labels?.[label];
    return name ? [metadata.namespace === undefined ? { name } : { namespace: metadata.namespace, name }] : [];
  };
}
