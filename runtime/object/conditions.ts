import type { Condition } from "../api/index.ts";

/** A condition as a reconciler writes it: its time is filled in where it is left out. */
export type ConditionInput = Omit<Condition, "lastTransitionTime"> & { lastTransitionTime?: string };

/**
 * A copy of `conditions` with one condition set. `lastTransitionTime` changes only when the status does, as the API
 * conventions ask; so setting the same condition again changes nothing.
 *
 * @param now the time of a transition, RFC 3339 in whole seconds
 */
export function setCondition(conditions: readonly Condition[] | undefined, condition: ConditionInput, now: string): Condition[] {
  const before = findCondition(conditions, condition.type);
  const after = timedCondition(condition, before, now);
  return before === undefined ? [...(conditions ?? []), after] : (conditions ?? []).map((other) => (other === before ? after : other));
}

/** The condition with its time: its own, or that of the state before while the status is the same, or now. */
export function timedCondition(condition: ConditionInput, before: Condition | undefined, now: string): Condition {
  const lastTransitionTime = condition.lastTransitionTime ?? (before?.status === condition.status ? before.lastTransitionTime : now);
  return { ...condition, lastTransitionTime };
}

/** The condition of a type, if the object has it. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition is there and its status is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/** A time as Kubernetes writes `metav1.Time`: RFC 3339, UTC, whole seconds. */
export function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A time as Kubernetes writes `metav1.MicroTime`: RFC 3339, UTC, microseconds. */
export function formatMicroTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
}
