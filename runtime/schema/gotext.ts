/**
 * Values as the API server's messages print them, which is as Go does: `%q`, `%v` and `encoding/json`.
 */
import type { JsonValue } from "./json.ts";
import { isObject } from "./json.ts";

const escapes = new Map([
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [34, '\\"'],
  [92, "\\\\"],
]);
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const plain = /^[ !#-[\]-~]*$/;

/** A string as Go's `%q` quotes it. */
export function goQuote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const escape = escapes.get(code);
    if (escape !== undefined) quoted += escape;
    else if (code < 0x80 ? code >= 0x20 && code !== 0x7f : !unprintable.test(character)) quoted += character;
    else if (code < 0x80) quoted += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) quoted += `\\u${code.toString(16).padStart(4, "0")}`;
    else quoted += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `${quoted}"`;
}

/** A number as Go's `%v` prints an int64 or float64. */
export function goNumber(value: number): string {
  if (Object.is(value, -0)) return "0";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return goExponent(value.toExponential());
  if (size >= 1e21) return goExponent(value.toExponential());
  return String(value);
}

function goExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** A value as `encoding/json` writes it: keys sorted, `<`, `>` and `&` escaped. */
export function goJson(value: JsonValue | undefined): string {
  if (value === undefined) return "null";
  if (typeof value === "string") {
    return JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  }
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (isObject(value)) {
    const fields = Object.keys(value).filter((key) => value[key] !== undefined);
    return `{${fields
      .sort(compareBytes)
      .map((key) => `${goJson(key)}:${goJson(value[key])}`)
      .join(",")}}`;
  }
  return typeof value === "number" ? JSON.stringify(value) : String(value);
}

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`, `<nil>`. */
export function goValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "number") return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goValue).join(" ")}]`;
  if (!isObject(value)) return String(value);
  return `map[${Object.keys(value)
    .sort(compareBytes)
    .map((key) => `${key}:${goValue(value[key])}`)
    .join(" ")}]`;
}

/** Orders strings by their UTF-8 bytes, as Go does; differs from JavaScript's order only beyond the basic plane. */
export function compareBytes(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      const surrogates = a >= 0xd800 && a < 0xe000 !== (b >= 0xd800 && b < 0xe000);
      return surrogates ? (a >= 0xd800 && a < 0xe000 ? 1 : -1) : a - b;
    }
  }
  return left.length - right.length;
}
