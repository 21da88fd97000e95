import { isDeepStrictEqual } from "node:util";
import { keyOf, type Client, type KubernetesObject } from "../../index.ts";
import type { Kind } from "./kinds.ts";

/** What separates two objects, as a JSON merge patch (RFC 7386), or `undefined` when nothing does. Arrays are replaced whole. */
function mergeDifference(before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (!isRecord(before) || !isRecord(after)) return after;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, wanted] = [before[key], after[key]];
    const difference = wanted === undefined ? (old === undefined ? undefined : null) : mergeDifference(old, wanted);
    if (difference !== undefined) patch[key] = difference;
  }
  // Two objects that differ in `undefined` fields only are the same JSON.
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/**
 * Makes an object that was read be `after`: sends what differs from `before`, and nothing when nothing does. Fails with a conflict
 * when the object has changed since `before` was read, so that nothing is decided on what is no longer true.
 */
export async function change<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  before: T,
  after: T,
  subresource?: "status",
): Promise<T> {
  const difference = mergeDifference(before, after) as { metadata?: object } | undefined;
  if (difference === undefined) return before;
  const patch = { ...difference, metadata: { ...difference.metadata, resourceVersion: before.metadata?.resourceVersion } };
  const target = subresource === undefined ? client : client.subresource(subresource);
  return checked(kind, await target.patch(kind, keyOf(before), "merge", patch));
}

/** The answer to a write, once it is seen to be of the kind that was written. */
export function checked<T>(kind: Kind<T>, answer: unknown): T {
  if (!kind.is(answer)) throw new TypeError(`the API server answered a write of a ${kind.kind} with something else`);
  return answer;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
