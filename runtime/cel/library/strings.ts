import type { Environment } from "@marcbachmann/cel-js";
import { compilePattern } from "../../schema/index.ts";
import { matchesName } from "../inwords.ts";
import { durationText, format, timeText } from "./format.ts";

/** The strings extension of cel-go and Kubernetes' `find` and `findAll`, as far as the engine lacks them. */
export function registerStrings(environment: Environment): void {
  environment.registerFunction("string.charAt(int): string", (text: string, index: bigint) => {
    const letters = Array.from(text);
    if (index < 0n || index > BigInt(letters.length)) throw new Error(`index out of range: ${index}`);
    return letters[Number(index)] ?? "";
  });
  environment.registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  );
  environment.registerFunction("string.replace(string, string, int): string", (text: string, from: string, to: string, limit: bigint) =>
    replaceSome(text, from, to, Number(limit)),
  );
  registerPlaces(environment);
  environment.registerFunction("string.lowerAsciiOnly(): string", (text: string) =>
    text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
  );
  environment.registerFunction("string.upperAsciiOnly(): string", (text: string) =>
    text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()),
  );
  environment.registerFunction("string.reverse(): string", (text: string) => Array.from(text).reverse().join(""));
  environment.registerFunction(
    "string.find(string): string",
    (text: string, pattern: string) => expressionOf(pattern).exec(text)?.[0] ?? "",
  );
  environment.registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) => allMatches(text, pattern));
  environment.registerFunction("string.findAll(string, int): list<string>", (text: string, pattern: string, limit: bigint) => {
    const found = allMatches(text, pattern);
    return limit < 0n ? found : found.slice(0, Number(limit));
  });
  environment.registerFunction(`string.${matchesName}(string): bool`, (text: string, pattern: string) => expressionOf(pattern).test(text));
  environment.registerFunction("stringsQuote(string): string", quoted);
  environment.registerFunction("string(google.protobuf.Duration): string", durationText);
  environment.registerFunction("string(google.protobuf.Timestamp): string", timeText);
  const order = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right);
  environment.registerOperator("bytes < bytes", (left: Uint8Array, right: Uint8Array) => order(left, right) < 0);
  environment.registerOperator("bytes <= bytes", (left: Uint8Array, right: Uint8Array) => order(left, right) <= 0);
  environment.registerOperator("bytes > bytes", (left: Uint8Array, right: Uint8Array) => order(left, right) > 0);
  environment.registerOperator("bytes >= bytes", (left: Uint8Array, right: Uint8Array) => order(left, right) >= 0);
  environment.registerFunction("string.format(list): string", (text: string, values: unknown[]) => format(text, values));
}

/** Functions of places in a text, which count code points. */
function registerPlaces(environment: Environment): void {
  const find = (text: string, wanted: string, from: bigint, last: boolean): bigint => {
    const letters = Array.from(text);
    const parts = Array.from(wanted);
    const fits = (at: number) => at + parts.length <= letters.length && parts.every((part, index) => letters[at + index] === part);
    if (from < 0n || (from > BigInt(letters.length) && last)) throw new Error(`index out of range: ${from}`);
    const all = letters.concat("").flatMap((_, at) => (fits(at) && (last ? at <= Number(from) : at >= Number(from)) ? [at] : []));
    return BigInt((last ? all.at(-1) : all[0]) ?? -1);
  };
  environment.registerFunction("string.firstIndexOf(string): int", (text: string, wanted: string) => find(text, wanted, 0n, false));
  environment.registerFunction("string.firstIndexOf(string, int): int", (text: string, wanted: string, from: bigint) =>
    find(text, wanted, from, false),
  );
  environment.registerFunction("string.finalIndexOf(string): int", (text: string, wanted: string) =>
    find(text, wanted, BigInt(Array.from(text).length), true),
  );
  environment.registerFunction("string.finalIndexOf(string, int): int", (text: string, wanted: string, from: bigint) =>
    find(text, wanted, from, true),
  );
  const part = (text: string, from: bigint, to?: bigint): string => {
    const letters = Array.from(text);
    const end = to ?? BigInt(letters.length);
    for (const each of [from, end]) if (each < 0n || each > BigInt(letters.length)) throw new Error(`index out of range: ${each}`);
    if (from > end) throw new Error(`invalid substring range. start: ${from}, end: ${end}`);
    return letters.slice(Number(from), Number(end)).join("");
  };
  environment.registerFunction("string.partOf(int): string", (text: string, from: bigint) => part(text, from));
  environment.registerFunction("string.partOf(int, int): string", (text: string, from: bigint, to: bigint) => part(text, from, to));
}

/** Patterns are Go's, as in a schema. */
function expressionOf(pattern: string): RegExp {
  const compiled = compilePattern(pattern);
  if (compiled instanceof Error) throw new Error(`error parsing regexp: ${compiled.message}`, { cause: compiled });
  return compiled;
}

function allMatches(text: string, pattern: string): string[] {
  const { source, flags } = expressionOf(pattern);
  return [...text.matchAll(new RegExp(source, `${flags}g`))].map((match) => match[0]);
}

function replaceSome(text: string, from: string, to: string, limit: number): string {
  if (limit < 0) return text.replaceAll(from, () => to);
  if (from === "") {
    const letters = Array.from(text);
    const count = Math.min(limit, letters.length + 1);
    return Array.from({ length: count }, (_, index) => to + (letters[index] ?? "")).join("") + letters.slice(count).join("");
  }
  let result = text;
  let start = 0;
  for (let count = 0; count < limit; count++) {
    const at = result.indexOf(from, start);
    if (at < 0) break;
    result = result.slice(0, at) + to + result.slice(at + from.length);
    start = at + to.length;
  }
  return result;
}

const QUOTED: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quoted(text: string): string {
  return `"${Array.from(text.toWellFormed(), (letter) => QUOTED[letter] ?? letter).join("")}"`;
}
