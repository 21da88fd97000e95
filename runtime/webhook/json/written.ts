/** What `JSON.stringify` writes for a value; only its own level is looked at. @throws TypeError for a BigInt */
export function asWritten(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "object":
      return value === null ? null : asWrittenObject(value);
    case "bigint":
      throw new TypeError("a BigInt cannot be written as JSON; use a number");
    default:
      return undefined;
  }
}

function asWrittenObject(value: object): unknown {
  if ("toJSON" in value && typeof value.toJSON === "function") return asWritten((value as { toJSON(): unknown }).toJSON());
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return value; // nearly all
  return value instanceof String || value instanceof Number || value instanceof Boolean ? value.valueOf() : value;
}

/** Whether `JSON.stringify` leaves out a field with this value. */
export function isOmitted(value: unknown): boolean {
  return value === undefined || typeof value === "function" || typeof value === "symbol";
}
