/**
 * JSON whose integers keep all their digits. JavaScript's numbers hold integers up to 2^53; an `int64` of the API beyond that becomes a
 * `bigint` here, and is written as the number that it was.
 */

/** TypeScript's library does not know this part of the language yet (ECMA-262 proposal json-parse-with-source, in V8 since 11.4). */
interface JsonWithSource {
  parse(text: string, reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

const json = JSON as unknown as JsonWithSource;

/** A number of 16 digits or more; it may also be part of a text, which costs time and nothing else. */
const LONG_NUMBER = /[\s:,[]-?\d{16}/;

/** `JSON.parse`, with a `bigint` for each integer that a number would change. Throws `SyntaxError` as it does. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return json.parse(text, (_key, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );
}

/** `JSON.stringify`, with every `bigint` as a number of all its digits. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // A replacer makes all of it several times slower, so that only what needs it goes this way.
    if (!(error instanceof TypeError) || !error.message.includes("BigInt")) throw error;
    return JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? json.rawJSON(String(each)) : each));
  }
}

/** True when two JSON values are the same; the order of an object's keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isRecord(a) || !isRecord(b) || Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
