import type { InformerEvent } from "../cache/index.ts";
import type { KubernetesObject } from "../object/index.ts";
import { onlyOwnStatusDiffers } from "./own-status.ts";

/**
 * Decides whether an event is worth a reconcile. It must be quick and only look: it is called for every event of a watch, before the queue.
 *
 * The trap of all of them: after a restart, and after a gap in the watch, everything that is there comes as created, or as one change from the
 * state that was known last to that of now. A predicate cannot rely on seeing each step, and one that keeps creations out makes an operator that
 * misses what happened while it was not running.
 */
export type Predicate = (event: InformerEvent) => boolean;

/**
 * Lets through creations, deletions, and changes of what the user asked for: `metadata.generation` does not move with the status, labels or
 * annotations. The traps: ConfigMaps, Secrets, ServiceAccounts, Namespaces and the kinds of RBAC have no generation, so that no change of them would be
 * let through (the manager refuses to start then); and a child whose status matters, such as a Deployment's, needs its status changes.
 */
export const generationChanged: Predicate = changed((before, after) => before.metadata?.generation !== after.metadata?.generation);

/**
 * Lets through creations, deletions, and every change that the API server has stored. Caches tell nothing else of changes (there is no periodic resync
 * here that repeats what is known), so it keeps nothing out by itself; it is for {@link or}, and for controllers that are ported.
 */
export const resourceVersionChanged: Predicate = changed(
  (before, after) => before.metadata?.resourceVersion !== after.metadata?.resourceVersion,
);

/** Lets through creations, deletions and changes of labels. Changes of the spec are kept out: `or(generationChanged, labelsChanged)` wants both. */
export const labelsChanged: Predicate = changed((before, after) => differ(before.metadata?.labels, after.metadata?.labels));

/** Lets through creations, deletions and changes of annotations. The trap: tools write annotations too, `kubectl apply` with each call. */
export const annotationsChanged: Predicate = changed((before, after) => differ(before.metadata?.annotations, after.metadata?.annotations));

/**
 * Keeps out what the controller's own `status.apply` has caused, and lets through everything else: changes of spec, labels, annotations and
 * finalizers, and of the status by others. So a controller sees what {@link generationChanged} would keep from it, and still does not answer itself.
 *
 * It is told by `managedFields`: a change is our own when nothing but the status differs, and there only in fields that this field manager has
 * applied. A status written by `update` or `patch` cannot be told from another's, and is let through. A change of nothing but `managedFields`
 * is no news. The trap: a reconciler that counts on its own status write to be called again must ask for it (`requeueAfter`).
 *
 * @param fieldManager the controller's name
 * @example
 * manager.controller(Memcached, { predicates: [exceptOwnStatus("memcached")] })
 */
export function exceptOwnStatus(fieldManager: string): Predicate {
  return changed((before, after) => !onlyOwnStatusDiffers(before, after, fieldManager));
}

/** What of each type of event is let through; `true` and whatever is left out is all of it. */
export interface TypePredicates<T = KubernetesObject> {
  create?: boolean | ((object: T) => boolean);
  /** Another object of the same name, where its deletion was missed, counts as created. */
  update?: boolean | ((before: T, after: T) => boolean);
  /** Called with the last known state. */
  delete?: boolean | ((object: T) => boolean);
}

/**
 * Lets through by type of event (controller-runtime's `predicate.Funcs`). See the trap of every {@link Predicate} before `create: false`.
 *
 * @example
 * manager.controller(Memcached).owns(Deployment, { predicates: [byType<IDeployment>({ update: (before, after) => before.status?.replicas !== after.status?.replicas })] })
 */
export function byType<T extends KubernetesObject = KubernetesObject>(types: TypePredicates<T>): Predicate {
  const decide = <A extends readonly unknown[]>(what: boolean | ((...args: A) => boolean) = true, ...args: A) =>
    typeof what === "function" ? what(...args) : what;
  return (event) => {
    const after = event.object as T;
    if (event.type === "DELETED") return decide(types.delete, after);
    const before = previous(event) as T | undefined;
    return before === undefined ? decide(types.create, after) : decide(types.update, before, after);
  };
}

/** Lets through what all of them let through. */
export const and =
  (...predicates: Predicate[]): Predicate =>
  (event) =>
    predicates.every((predicate) => predicate(event));

/** Lets through what any of them lets through. */
export const or =
  (...predicates: Predicate[]): Predicate =>
  (event) =>
    predicates.some((predicate) => predicate(event));

/**
 * Lets through what the other does not. The trap: predicates such as {@link generationChanged} let creations and deletions through, so their opposite
 * keeps these out.
 */
export const not =
  (predicate: Predicate): Predicate =>
  (event) =>
    !predicate(event);

/**
 * A predicate of two states. Where there are not two of one object it lets the event through, and so it does when deletion has begun, which is not
 * to be missed by whoever holds a finalizer.
 */
function changed(differs: (before: KubernetesObject, after: KubernetesObject) => boolean): Predicate {
  return (event) => {
    const before = previous(event);
    const after = event.object;
    return before === undefined || before.metadata?.deletionTimestamp !== after.metadata?.deletionTimestamp || differs(before, after);
  };
}

/** The state before a change of one and the same object. */
function previous(event: InformerEvent): KubernetesObject | undefined {
  if (event.type !== "MODIFIED") return undefined;
  return event.before?.metadata?.uid === event.object.metadata?.uid ? event.before : undefined;
}

function differ(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length !== Object.keys(b).length || keys.some((key) => a[key] !== b[key]);
}
