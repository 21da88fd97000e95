import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";

/** A condition to be set; the transition time is added. */
interface Condition extends JsonObject {
  readonly type: string;
  readonly status: string;
}

/** Sets a condition in `status.conditions`; its transition time changes only with its status. In place. */
export function putCondition(object: JsonObject, condition: Condition, now: string): void {
  const status = objectAt(object, "status") ?? {};
  object["status"] = status;
  const conditions = arrayAt(status, "conditions").filter(isObject);
  const before = conditions.find((each) => stringAt(each, "type") === condition.type);
  const lastTransitionTime = before !== undefined && before["status"] === condition.status ? before["lastTransitionTime"] : now;
  const after: JsonObject = { ...before, ...condition, lastTransitionTime };
  status["conditions"] = before === undefined ? [...conditions, after] : conditions.map((each) => (each === before ? after : each));
}
