import { asWritten } from "./written.ts";
import { isObject, type JsonValue } from "./value.ts";

/** Whether a value would be written as this JSON, but for the order of fields. */
export function equalJson(before: JsonValue | undefined, given: unknown): boolean {
  if (before === given) return true;
  const after = asWritten(given) ?? null;
  if (before === after) return true;
  if (Array.isArray(before)) {
    if (!Array.isArray(after) || before.length !== after.length) return false;
    return before.every((item, index) => equalJson(item, after[index]));
  }
  if (!isObject(before) || !isObject(after)) return false;
  const keys = Object.keys(before);
  for (const key of keys) {
    if (!Object.hasOwn(after, key) || after[key] === undefined || !equalJson(before[key], after[key])) return false;
  }
  return Object.keys(after).every((key) => after[key] === undefined || Object.hasOwn(before, key));
}
