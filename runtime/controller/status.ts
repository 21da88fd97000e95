import type { Condition } from "../api/index.ts";
import type { ApiClient } from "../client/index.ts";
import {
  findCondition,
  formatTime,
  keyOf,
  timedCondition,
  type Clock,
  type ConditionInput,
  type KubernetesObject,
} from "../object/index.ts";
import type { StatusWriter } from "./reconciler.ts";

/** The status of one object, written by server-side apply. See {@link StatusWriter}. */
export function statusWriter(client: ApiClient, object: KubernetesObject, clock: Clock): StatusWriter<KubernetesObject> {
  return {
    async apply(status: object) {
      const { apiVersion = "", kind = "" } = object;
      const key = keyOf(object);
      const desired = { apiVersion, kind, metadata: key, status };
      if (!("conditions" in status)) return client.status.apply(desired);
      // The object as it is now: an earlier apply of this run may have set a condition's time.
      return client.applyStatus({ apiVersion, kind }, key, (current) => {
        const known = (current as { status?: { conditions?: Condition[] } } | undefined)?.status?.conditions;
        return { ...desired, status: { ...status, conditions: timed(status.conditions as ConditionInput[], known, clock) } };
      });
    },
  };
}

function timed(conditions: readonly ConditionInput[], known: readonly Condition[] | undefined, clock: Clock): Condition[] {
  const now = formatTime(clock.now());
  return conditions.map((condition) => timedCondition(condition, findCondition(known, condition.type), now));
}
