import type { Condition } from "../api/index.ts";
import type { ApiClient } from "../client/index.ts";
import { findCondition, formatTime, type Clock, type ConditionInput, type KubernetesObject } from "../object/index.ts";
import type { StatusWriter } from "./reconciler.ts";

/** The status of one object, written by server-side apply. See {@link StatusWriter}. */
export function statusWriter(client: ApiClient, object: KubernetesObject, clock: Clock): StatusWriter<KubernetesObject> {
  return {
    async apply(status: object) {
      const { apiVersion, kind, metadata = {} } = object;
      const { name, namespace, generation } = metadata;
      // Read once more: an earlier apply of this run may have set a condition's time.
      const current = apiVersion && kind && name ? await client.get({ apiVersion, kind }, { namespace, name }) : undefined;
      const known = (current as { status?: { conditions?: Condition[] } } | undefined)?.status?.conditions;
      const desired = {
        apiVersion,
        kind,
        metadata: namespace === undefined ? { name } : { name, namespace },
        status:
          "conditions" in status
            ? { ...status, conditions: timed(status.conditions as ConditionInput[], known, generation, clock) }
            : status,
      };
      return client.status.apply(desired as KubernetesObject);
    },
  };
}

function timed(
  conditions: readonly ConditionInput[],
  known: Condition[] | undefined,
  generation: number | undefined,
  clock: Clock,
): Condition[] {
  return conditions.map((condition) => {
    const before = findCondition(known, condition.type);
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : formatTime(clock.now());
    return { ...(generation !== undefined && { observedGeneration: generation }), lastTransitionTime, ...condition };
  });
}
