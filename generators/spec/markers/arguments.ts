import type { Json } from "../../model/index.ts";
import { literalEnd, parseLiteral, parseQuoted } from "../literals.ts";

/** What a marker's text was read as, or what is wrong with it. */
export type Argument<T> = { readonly value: T } | { readonly problem: string };

export function none(text: string): Argument<true> {
  return text === "" ? { value: true } : { problem: "takes no argument" };
}

export function number(text: string): Argument<number> {
  const value = parseLiteral(text)?.value;
  return typeof value === "number" ? { value } : { problem: text === "" ? "needs a number" : `needs a number, not ${quote(text)}` };
}

/** A whole number that is not negative: a length or a count. */
export function count(text: string): Argument<number> {
  const value = parseLiteral(text)?.value;
  const right = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  return right ? { value } : { problem: text === "" ? "needs a whole number" : `needs a whole number from 0, not ${quote(text)}` };
}

/** The rest of the line as it stands. */
export function line(text: string): Argument<string> {
  if (text === "") return { problem: "needs a text" };
  return text.includes("\n") ? { problem: "needs a text on one line" } : { value: text };
}

/** One word out of a list of words. */
export function oneOf<const Words extends readonly string[]>(words: Words): (text: string) => Argument<Words[number]> {
  return (text) => {
    const word = words.find((each) => each === text);
    return word === undefined
      ? { problem: `needs one of ${words.join(", ")}${text === "" ? "" : `, not ${quote(text)}`}` }
      : { value: word };
  };
}

/**
 * A value written as a literal. Where a text is expected, words without quotes are taken as they stand, numbers and true and false too;
 * where a text or a number may stand, only what is no number.
 */
export function json(text: string, expected: "text" | "text or number" | "any"): Argument<Json> {
  if (text === "") return { problem: "needs a value" };
  const value = parseLiteral(text)?.value;
  if (value !== undefined && (expected !== "text" || typeof value === "string" || value === null)) return { value };
  if (expected !== "any" && !/^["'`]/.test(text)) return { value: text };
  return { problem: `needs a value as TypeScript or JSON writes it, not ${quote(text)}` };
}

/** How the values of a marker's `key=value` pairs are named and which are needed. */
export interface Keys {
  /** `literal`: an object or a list may be the value, as TypeScript writes it; it comes as its text. */
  readonly [key: string]: { readonly required?: true; readonly list?: true; readonly count?: true; readonly literal?: true };
}

/** The pairs that were there; lists are split at commas (or semicolons, as controller-gen has them). */
export type Pairs = ReadonlyMap<string, readonly string[]>;

/** `name=Size type=integer description="Number of pods"` */
export function pairs(text: string, keys: Keys): Argument<Pairs> {
  const found = new Map<string, readonly string[]>();
  let rest = text;
  while (rest !== "") {
    const key = /^([A-Za-z][A-Za-z0-9]*)\s*=\s*/.exec(rest);
    const name = key?.[1];
    if (key === null || name === undefined) return { problem: `needs key=value, not ${quote(rest)}` };
    const definition = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (definition === undefined)
      return { problem: `has no ${quote(name)}: write ${nearest(name, Object.keys(keys)) ?? `one of ${Object.keys(keys).join(", ")}`}` };
    if (found.has(name)) return { problem: `has ${name} twice` };
    const start = key[0].length;
    const quoted = parseQuoted(rest, start);
    const bare = /^\S*/.exec(rest.slice(start))?.[0] ?? "";
    const end = quoted?.end ?? (definition.literal === true ? literalEnd(rest, start) : undefined) ?? start + bare.length;
    const value = quoted?.value ?? rest.slice(start, end);
    rest = rest.slice(end);
    if (rest !== "" && !/^\s/.test(rest)) return { problem: `needs a blank before ${quote(rest)}` };
    rest = rest.trimStart();
    if (definition.count === true && "problem" in count(value)) return { problem: `needs a whole number for ${name}, not ${quote(value)}` };
    found.set(name, definition.list === true ? listItems(value) : [value]);
  }
  const missing = Object.keys(keys).find((name) => keys[name]?.required === true && (found.get(name) ?? []).join("").trim() === "");
  return missing === undefined ? { value: found } : { problem: `needs ${missing}=…` };
}

/** Items between commas or semicolons; one in quotes is meant without them, as `""` for the core group among others. */
function listItems(value: string): string[] {
  return value.split(/[,;]/).map((word) => word.trim().replace(/^(["'`])(.*)\1$/, "$2"));
}

/** The candidate that a typing error away, or different in case only; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein's distance, two neighbours swapped counting as one (Damerau). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_row, i) => [i]);
  for (let j = 1; j <= b.length; j++) (rows[0] ?? [])[j] = j;
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      (rows[i] ?? [])[j] = Math.min(
        cell(i - 1, j) + 1,
        cell(i, j - 1) + 1,
        cell(i - 1, j - 1) + change,
        swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return cell(a.length, b.length);
}

function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return JSON.stringify(short);
}
