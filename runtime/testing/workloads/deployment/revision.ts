import type { DeploymentObject, ReplicaSetObject } from "../kinds.ts";
import { byAge, sizeAnnotations, DESIRED_REPLICAS, MAX_REPLICAS } from "./arithmetic.ts";
import { isSameTemplate } from "./template.ts";

export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";

/** What a Deployment's ReplicaSets have annotations of their own for, and what belongs to kubectl. */
const NOT_COPIED = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** The longest list of former revisions that an annotation may hold, in characters. */
const LONGEST_HISTORY = 2000;

/** The ReplicaSet that has the Deployment's template: the oldest, should there be several. */
export function findNew(deployment: DeploymentObject, all: readonly ReplicaSetObject[]): ReplicaSetObject | undefined {
  return [...all].sort(byAge).find(({ spec }) => isSameTemplate(spec.template ?? {}, deployment.spec.template));
}

export function revisionOf({ metadata }: ReplicaSetObject): number {
  const text = metadata.annotations?.[REVISION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/**
 * The annotations of the ReplicaSet that is the current one: the Deployment's own, and a revision above all others'. A ReplicaSet that
 * becomes current again (a rollback) remembers under which numbers it was so before.
 *
 * @param existing its annotations so far; `undefined` when it is about to be created
 */
export function annotationsOfNew(
  deployment: DeploymentObject,
  old: readonly ReplicaSetObject[],
  existing: ReplicaSetObject | undefined,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  const before = existing?.metadata.annotations ?? {};
  const annotations: Record<string, string> = { ...before, ...Object.fromEntries(copied) };
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  if (existing === undefined) return { ...annotations, ...sizeAnnotations(deployment), [REVISION]: String(revision) };
  const former = before[REVISION];
  if (former !== undefined && !/^\d+$/.test(former)) return annotations; // somebody's own numbering is left alone
  if (revisionOf(existing) >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (former !== undefined) annotations[REVISION_HISTORY] = withRevision(before[REVISION_HISTORY], former);
  return annotations;
}

function withRevision(history: string | undefined, revision: string): string {
  const revisions = [...(history ?? "").split(",").filter(Boolean), revision];
  while (revisions.join(",").length > LONGEST_HISTORY) revisions.shift();
  return revisions.join(",");
}
