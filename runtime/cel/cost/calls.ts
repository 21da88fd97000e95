import { paramOf, type Type } from "../check/types.ts";
import type { Node } from "../syntax/nodes.ts";
import { libraryCost } from "./library.ts";
import { listCost } from "./lists.ts";
import { add, fixed, multiply, scale, UNKNOWN, type Range } from "./range.ts";

/** What is known of an argument of a call. */
export interface Argument {
  readonly type: Type;
  readonly node: Node;
  readonly size: Range | undefined;
  /** The size of the items of a list, as the schema has it. */
  items(type: Type): Range | undefined;
}

/** What a call costs besides its arguments, and how large its result is. */
export interface CallCost {
  readonly cost: Range;
  readonly size?: Range | undefined;
}

/** To read a letter of a string. */
export const TRAVERSAL = 0.1;
/** For each letter of a regular expression. */
export const PATTERN = 0.25;

/** What a call of an overload of a function costs. */
export function callCost(name: string, overload: string, target: Argument | undefined, args: readonly Argument[]): CallCost {
  return (
    listCost(overload, target, args) ??
    libraryCost(name, overload, target, args) ??
    languageCost(overload, target, args) ?? { cost: fixed(1) }
  );
}

export function sizeOf(argument: Argument | undefined): Range {
  return argument?.size ?? UNKNOWN;
}

/** The type and size of the items of a list; none for what has no items. */
export function itemsOf(list: Argument): { readonly type: Type; readonly size: Range } | undefined {
  if (list.type.params.length === 0) return undefined;
  const type = paramOf(list.type);
  return { type, size: list.items(type) ?? UNKNOWN };
}

/** Matching takes time by the length of the text (never none at all) and of the pattern. */
export function matchCost(text: Range, pattern: Range): Range {
  return multiply(scale(add(text, fixed(1)), TRAVERSAL), scale(pattern, PATTERN));
}

/** The language's own functions that take longer than a unit. */
function languageCost(overload: string, target: Argument | undefined, args: readonly Argument[]): CallCost | undefined {
  const [first, second] = args;
  const size = sizeOf(first);
  const times = (value: bigint, factor: bigint) => BigInt.asUintN(64, value * factor);
  switch (overload) {
    case "string_format":
      return { cost: scale(sizeOf(target), TRAVERSAL) };
    case "string_to_bytes":
      return { cost: scale(size, TRAVERSAL), size: { min: size.min, max: times(size.max, 4n) } };
    case "bytes_to_string":
      return { cost: scale(size, TRAVERSAL), size: { min: size.min / 4n, max: size.max } };
    case "strings_quote":
      return { cost: scale(size, TRAVERSAL), size: { min: size.min + 2n, max: times(size.max, 2n) + 2n } };
    case "starts_with_string":
    case "ends_with_string":
      return { cost: scale(size, TRAVERSAL) };
    case "in_list":
      return { cost: scale(sizeOf(second), 1) };
    case "matches_string":
      return target && { cost: matchCost(sizeOf(target), size) };
    case "contains_string":
      return { cost: multiply(scale(sizeOf(target), TRAVERSAL), scale(size, TRAVERSAL)) };
    case "add_list":
      return { cost: fixed(1), size: add(size, sizeOf(second)) };
    case "add_string":
    case "add_bytes": {
      const sum = add(size, sizeOf(second));
      return { cost: scale(sum, TRAVERSAL), size: sum };
    }
    default:
      return COMPARISONS.has(overload) ? { cost: comparison(size, sizeOf(second)) } : undefined;
  }
}

const COMPARISONS: ReadonlySet<string> = new Set([
  "equals",
  "not_equals",
  ...["less", "greater", "less_equals", "greater_equals"].flatMap((name) => [`${name}_string`, `${name}_bytes`]),
]);

/** No more is compared than the smaller one has. */
function comparison(left: Range, right: Range): Range {
  const max = left.max < right.max ? left.max : right.max;
  return scale({ min: max > 0n ? 1n : 0n, max }, TRAVERSAL);
}
