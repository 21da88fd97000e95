import { asWritten, isOmitted } from "./written.ts";

/** Bytes of a value as JSON in UTF-8, or some number above the limit once it is known to be more. */
export function jsonSize(given: unknown, limit = Infinity): number {
  if (typeof given === "string") return textSize(given);
  const value = asWritten(given);
  if (typeof value === "string") return textSize(value);
  if (value === undefined) return 4; // null, where it stands in a list
  if (typeof value !== "object" || value === null) return JSON.stringify(value).length;
  return Array.isArray(value) ? listSize(value, limit) : objectSize(value as Record<string, unknown>, limit);
}

function textSize(text: string): number {
  // Printable ASCII but quote and backslash is written as it is.
  return /^[ !#-[\]-~]*$/.test(text) ? text.length + 2 : Buffer.byteLength(JSON.stringify(text));
}

function listSize(items: readonly unknown[], limit: number): number {
  let size = 1 + Math.max(items.length, 1);
  for (const item of items) {
    if (size > limit) break;
    size += jsonSize(item, limit - size);
  }
  return size;
}

function objectSize(object: Record<string, unknown>, limit: number): number {
  let size = 1;
  for (const key of Object.keys(object)) {
    if (size > limit) break;
    const field = object[key];
    if (!isOmitted(field)) size += textSize(key) + 2 + jsonSize(field, limit - size);
  }
  return Math.max(size, 2);
}

/** A number of bytes that a value takes as JSON at least, up to some number above the limit; a quick look, without its punctuation. */
export function leastSize(value: unknown, limit: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null || "toJSON" in value) return 0;
  let size = 0;
  for (const key of Object.keys(value)) {
    if (size > limit) break;
    const field = (value as Record<string, unknown>)[key];
    if (!isOmitted(field)) size += (Array.isArray(value) ? 0 : key.length) + leastSize(field, limit - size);
  }
  return size;
}
