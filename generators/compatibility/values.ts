import { knownFormats, type Json, type Schema } from "../model/index.ts";
import type { Add } from "./finding.ts";
import { sortOf } from "./sorts.ts";

/** What ratcheting does for a value that the new schema refuses. */
export const untouched = "a stored value may stay while it is not changed";

/** A default is filled in when an object is written, and again when one is read that was stored without it. */
export function compareDefaults({ default: before }: Schema, { default: after }: Schema, path: string, add: Add): void {
  if (same(before, after)) return;
  if (after === undefined)
    add(
      "breaking",
      "default-changed",
      path,
      `the default ${json(before)} is gone: new objects stay without the field, stored ones keep what they have`,
    );
  else if (before === undefined)
    add(
      "check by hand",
      "default-added",
      path,
      `the default ${json(after)} is new: objects without the field get it, stored ones too when they are read`,
    );
  else
    add(
      "breaking",
      "default-changed",
      path,
      `the default is ${json(after)} instead of ${json(before)}: new objects behave otherwise, stored ones keep what they have`,
    );
}

/** Bounds, patterns, formats, choices and null. */
export function compareValues(before: Schema, after: Schema, place: Place, path: string, add: Add): void {
  compareNull(before, after, place, path, add);
  compareEnums(before.enum, after.enum, path, add);
  for (const side of ["minimum", "maximum"] as const) compareLimits(before, after, side, path, add);
  for (const key of sizes) compareSizes(before[key], after[key], key, path, add);
  compareMultiples(before.multipleOf, after.multipleOf, path, add);
  comparePatterns(before.pattern, after.pattern, path, add);
  compareFormats(before, after, path, add);
}

/** Where a value stands, which decides what becomes of a null that is not allowed: API servers drop it from a field, and never from a list. */
export type Place = "optional" | "required" | "item";

function compareNull(before: Schema, after: Schema, place: Place, path: string, add: Add): void {
  const [was, is] = [before, after].map(({ nullable }) => nullable === true);
  if (was === is) return;
  if (is === true) add("compatible", "nullable-added", path, "null is allowed now");
  else if (sortOf(after) !== "any") add("breaking", "nullable-removed", path, `null is no longer allowed: ${withoutNull(after, place)}`);
}

function withoutNull(after: Schema, place: Place): string {
  if (after.default !== undefined) return `the default ${json(after.default)} takes its place, in stored objects too`;
  if (place === "optional") return "it is dropped as if the field were absent, from stored objects too";
  return place === "required" ? "it is dropped, and objects without the field are refused" : `objects with it are refused; ${untouched}`;
}

function compareEnums(before: readonly Json[] | undefined, after: readonly Json[] | undefined, path: string, add: Add): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined) {
    add("breaking", "enum-narrowed", path, `only ${list(after)} allowed now: other values are refused; ${untouched}`);
    return;
  }
  if (after === undefined) {
    add("compatible", "enum-widened", path, "any value is allowed now, not only some");
    return;
  }
  const gone = before.filter((value) => !after.some((each) => same(each, value)));
  const added = after.filter((value) => !before.some((each) => same(each, value)));
  if (gone.length > 0) add("breaking", "enum-narrowed", path, `${list(gone)} no longer allowed: objects with it are refused; ${untouched}`);
  if (added.length > 0) add("compatible", "enum-widened", path, `${list(added)} allowed now`);
}

/** The bounds of numbers, which may be allowed themselves or not. */
function compareLimits(before: Schema, after: Schema, side: "minimum" | "maximum", path: string, add: Add): void {
  const flag = side === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
  const [old, now] = [before, after].map((each) => ({ at: each[side], open: each[flag] === true }));
  if (old === undefined || now === undefined || (old.at === now.at && (old.open === now.open || now.at === undefined))) return;
  const name = ({ at, open }: { at: number | undefined; open: boolean }): string =>
    at === undefined ? "none" : `${at}${open ? `, which is not allowed itself` : ""}`;
  const isTighter =
    now.at !== undefined &&
    (old.at === undefined || (now.at === old.at ? now.open : side === "minimum" ? now.at > old.at : now.at < old.at));
  tell(isTighter, `the ${side} is ${name(now)} instead of ${name(old)}`, path, add);
}

const sizes = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] as const;

function compareSizes(before: number | undefined, after: number | undefined, key: (typeof sizes)[number], path: string, add: Add): void {
  const isLeast = key.startsWith("min");
  // At least nothing is no bound.
  const [old, now] = [before, after].map((size) => (isLeast ? (size ?? 0) : (size ?? Infinity)));
  if (old === undefined || now === undefined || old === now) return;
  const name = (size: number): string => (Number.isFinite(size) ? String(size) : "none");
  tell(isLeast ? now > old : now < old, `the ${key} is ${name(now)} instead of ${name(old)}`, path, add);
}

function compareMultiples(before: number | undefined, after: number | undefined, path: string, add: Add): void {
  if (before === after) return;
  const isTighter = after !== undefined && (before === undefined || !Number.isInteger(before / after));
  tell(isTighter, `values must be multiples of ${after ?? "nothing"} instead of ${before ?? "nothing"}`, path, add);
}

function tell(isTighter: boolean, words: string, path: string, add: Add): void {
  if (isTighter) add("breaking", "bound-tightened", path, `${words}: values beyond it are refused; ${untouched}`);
  else add("compatible", "bound-loosened", path, words);
}

/** Which of two patterns takes more cannot be told in general, so another one is a break until somebody knows better. */
function comparePatterns(before: string | undefined, after: string | undefined, path: string, add: Add): void {
  if (before === after) return;
  if (after === undefined) add("compatible", "pattern-removed", path, `the pattern ${before ?? ""} is gone`);
  else
    add(
      "breaking",
      "pattern-changed",
      path,
      `the pattern is ${after}${before === undefined ? "" : ` instead of ${before}`}: values that do not match are refused; ${untouched}`,
    );
}

/** API servers check the formats of texts only; for numbers a format is a promise to clients that have types of that size. */
function compareFormats(before: Schema, after: Schema, path: string, add: Add): void {
  const [old, now] = [before.format, after.format];
  if (old === now) return;
  const words = `the format is ${now ?? ""}${old === undefined ? "" : ` instead of ${old}`}`;
  if (now === undefined) add("compatible", "format-removed", path, `the format ${old ?? ""} is gone`);
  else if (isChecked(after)) add("breaking", "format-changed", path, `${words}: values of another form are refused; ${untouched}`);
  else if (now === "int32" || (now === "float" && old !== "int32"))
    add("check by hand", "format-changed", path, `${words}: API servers take greater values still, and clients may fail to read them`);
  else add("compatible", "format-changed", path, `${words}, which refuses nothing more`);
}

const ofNumbers = ["int32", "int64", "float", "double"];

function isChecked({ format = "", ...schema }: Schema): boolean {
  return sortOf(schema) === "string" && knownFormats.includes(format) && !ofNumbers.includes(format) && format !== "password";
}

const combinations = ["allOf", "anyOf", "oneOf"] as const;

/** Alternatives and further conditions, each as one piece: what they amount to together is for people to see. */
export function compareCombinations(before: Schema, after: Schema, path: string, add: Add): void {
  for (const key of combinations) {
    const [old, now] = [before, after].map((each) =>
      (each["x-kubernetes-int-or-string"] === true && key === "anyOf" ? [] : (each[key] ?? [])).map(essence),
    );
    if (old === undefined || now === undefined || same([...old].sort(), [...now].sort())) continue;
    const gone = old.filter((each) => !now.includes(each));
    const added = now.filter((each) => !old.includes(each));
    const isTighter = key === "allOf" ? added.length > 0 : now.length > 0 && (old.length === 0 || gone.length > 0);
    const isOpen = key === "oneOf" && added.length > 0 && old.length > 0;
    const words = `${key} has ${[...gone.map((each) => `no ${each} any more`), ...added.map((each) => `${each} now`)].join(", ")}`;
    if (isTighter) add("breaking", "combination-changed", path, `${words}: values that do not meet it are refused`);
    else if (isOpen) add("check by hand", "combination-changed", path, `${words}: values that meet two of them are refused`);
    else add("compatible", "combination-changed", path, words);
  }
  const [old, now] = [before, after].map(({ not }) => (not === undefined ? undefined : essence(not)));
  if (old === now) return;
  if (now === undefined) add("compatible", "combination-changed", path, `not ${old ?? ""} is gone`);
  else add("breaking", "combination-changed", path, `values must not meet ${now} now: those that do are refused`);
}

/** A schema as text without what only documents, its keys in order. */
function essence(schema: Schema): string {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, each]) => !((key === "description" || key === "title") && typeof each === "string"))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]: [string, unknown]) => [key, plain(each)]),
    );
  };
  return JSON.stringify(plain(schema));
}

/** Equal as JSON; the order of keys means nothing. */
function same(a: Json | undefined, b: Json | undefined): boolean {
  const ordered = (value: Json | undefined): unknown =>
    typeof value !== "object" || value === null || isList(value)
      ? isList(value)
        ? value.map(ordered)
        : value
      : Object.entries(value)
          .sort(([x], [y]) => (x < y ? -1 : 1))
          .map(([key, each]) => [key, ordered(each), "member"]);
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function json(value: Json | undefined): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

function list(values: readonly Json[] | undefined): string {
  const words = (values ?? []).map(json);
  return words.length < 2 ? `${words.join("")} is` : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""} are`;
}
