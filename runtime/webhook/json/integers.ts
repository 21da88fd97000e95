import type { JsonValue } from "./value.ts";

/** JSON that was read, with the digits of those integers that a number cannot hold. */
export interface JsonDocument {
  readonly value: JsonValue;
  /** Absent when every integer fits, which is nearly always. */
  readonly integers?: ExactIntegers;
}

// Not in TypeScript's library yet: https://github.com/tc39/proposal-json-parse-with-source
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/**
 * The digits of integers beyond 2^53 as a text had them. A program sees such an integer rounded to a number; when it is written again,
 * its digits are looked up by that number.
 */
export class ExactIntegers {
  readonly #digits = new Map<number, string | undefined>();

  get size(): number {
    return this.#digits.size;
  }

  /** @param digits what stood in the text where `rounded` is now */
  note(rounded: number, digits: string): void {
    const known = this.#digits.has(rounded) && this.#digits.get(rounded) !== digits;
    this.#digits.set(rounded, known ? undefined : digits);
  }

  /** The digits to write for a number; `undefined` when the number stands for itself. Throws RangeError when two integers were rounded to it. */
  digitsOf(rounded: number): string | undefined {
    const digits = this.#digits.get(rounded);
    if (digits === undefined && this.#digits.has(rounded)) {
      throw new RangeError(`two integers of the request are both ${rounded} when rounded to a number, so neither can be moved elsewhere`);
    }
    return digits;
  }
}

/**
 * Reads JSON without losing the digits of large integers.
 *
 * @throws SyntaxError when the text is no JSON, RangeError when it is nested too deeply
 */
export function readJson(text: string): JsonDocument {
  // Only a long run of digits can be an integer beyond 2^53, and a reviver makes reading several times slower.
  if (!hasDigits(text)) return { value: JSON.parse(text) as JsonValue };
  const integers = new ExactIntegers();
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value === "number" && !Number.isSafeInteger(value) && context?.source !== undefined && /^-?\d+$/.test(context.source)) {
      integers.note(value, context.source);
    }
    return value;
  };
  const value = JSON.parse(text, reviver) as JsonValue;
  return integers.size > 0 ? { value, integers } : { value };
}

/** The fewest digits of an integer beyond 2^53. */
const DIGITS = 16;

/** Whether so many digits stand side by side. One of them is at a multiple of that number, so no others need to be looked at. */
function hasDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += DIGITS) {
    if (!isDigit(text, at)) continue;
    let [first, end] = [at, at + 1];
    while (isDigit(text, first - 1)) first--;
    while (isDigit(text, end)) end++;
    if (end - first >= DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Writes JSON, large integers with the digits they were read with. @throws RangeError as {@link ExactIntegers.digitsOf} does */
export function writeJson(value: unknown, integers?: ExactIntegers): string {
  if (integers === undefined) return JSON.stringify(value);
  return JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field !== "number" || Number.isSafeInteger(field)) return field;
    const digits = integers.digitsOf(field);
    return digits === undefined ? field : rawJSON(digits);
  });
}
