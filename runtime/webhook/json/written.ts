/** What `JSON.stringify` writes for a value; only its own level is looked at. */
export function asWritten(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") throw new TypeError("a BigInt cannot be written as JSON; use a number");
  if (typeof value !== "object" || value === null) return isOmitted(value) ? undefined : value;
  if ("toJSON" in value && typeof value.toJSON === "function") return asWritten((value as { toJSON(): unknown }).toJSON());
  return value instanceof String || value instanceof Number || value instanceof Boolean ? value.valueOf() : value;
}

/** Whether `JSON.stringify` leaves out a field with this value. */
export function isOmitted(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}
