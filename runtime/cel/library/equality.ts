/** CEL's equality of two values: numbers by value whatever their type, lists and maps by their contents. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  }
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null || Array.isArray(right)) return false;
  const entries = new Map(Object.entries(right));
  const own = Object.entries(left);
  return own.length === entries.size && own.every(([key, value]) => entries.has(key) && sameValue(value, entries.get(key)));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
