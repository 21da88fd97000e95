import type { InformerEvent } from "../cache/index.ts";

/** Decides whether an event is worth a reconcile. */
export type Predicate = (event: InformerEvent) => boolean;

/** Lets through creations, deletions, and changes of what the user asked for: `metadata.generation` does not move with the status. */
export const generationChanged: Predicate = (event) =>
  event.before === undefined || event.before.metadata?.generation !== event.object.metadata?.generation || deletionBegan(event);

/** Lets through creations, deletions and changes of labels. */
export const labelsChanged: Predicate = (event) =>
  event.before === undefined || differ(event.before.metadata?.labels, event.object.metadata?.labels);

/** Lets through creations, deletions and changes of annotations. */
export const annotationsChanged: Predicate = (event) =>
  event.before === undefined || differ(event.before.metadata?.annotations, event.object.metadata?.annotations);

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

/** Lets through what the other does not. */
export const not =
  (predicate: Predicate): Predicate =>
  (event) =>
    !predicate(event);

function deletionBegan(event: InformerEvent): boolean {
  return event.before?.metadata?.deletionTimestamp !== event.object.metadata?.deletionTimestamp;
}

function differ(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const keys = Object.keys(a);
  return keys.length !== Object.keys(b).length || keys.some((key) => a[key] !== b[key]);
}
