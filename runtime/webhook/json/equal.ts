import { asWritten, isOmitted } from "./written.ts";
import { fieldOf, isObject, type JsonValue } from "./value.ts";

/** Whether a value would be written as this JSON, but for the order of fields. */
export function equalJson(before: JsonValue | undefined, given: unknown): boolean {
  if (before === given) return true;
  const after = asWritten(given) ?? null;
  if (typeof before !== "object" || before === null) return before === after;
  if (Array.isArray(before)) return Array.isArray(after) && equalLists(before, after);
  return isObject(after) && equalObjects(before, after);
}

function equalLists(before: readonly JsonValue[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  for (let index = 0; index < before.length; index++) {
    if (!equalJson(before[index], after[index])) return false;
  }
  return true;
}

function equalObjects(before: Record<string, JsonValue>, after: Record<string, unknown>): boolean {
  const keys = Object.keys(before);
  for (const key of keys) {
    const field = fieldOf(after, key);
    if (isOmitted(field) || !equalJson(before[key], field)) return false;
  }
  const afterKeys = Object.keys(after);
  return afterKeys.length === keys.length || afterKeys.every((key) => isOmitted(after[key]) || Object.hasOwn(before, key));
}
