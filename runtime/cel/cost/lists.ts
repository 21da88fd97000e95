import type { Argument, CallCost } from "./calls.ts";
import { sizeOf, TRAVERSAL } from "./calls.ts";
import { add, fixed, multiply, scale, UNLIMITED, type Range } from "./range.ts";

/** What the functions of lists and sets cost that make a list or compare each item with each. */
export function listCost(overload: string, target: Argument | undefined, args: readonly Argument[]): CallCost | undefined {
  const [first, second] = args;
  const own = sizeOf(target);
  switch (overload) {
    case "list_slice":
      return made(1, fixed(BigInt.asUintN(64, numberOf(second, own.max) - numberOf(first, 0n))));
    case "list_flatten":
      return made(1, own);
    case "list_flatten_int":
      return made(Number(numberOf(first, UNLIMITED)), own);
    case "lists_range":
      return made(1, fixed(numberOf(first, UNLIMITED)));
    case "list_reverse":
      return made(1, own);
    case "list_distinct":
      return made(2, multiply(own, own));
    case "list_sets_contains_list":
    case "list_sets_intersects_list":
    case "list_sets_equivalent_list": {
      const factor = overload === "list_sets_equivalent_list" ? 2 : 1;
      return { cost: add(scale(multiply(sizeOf(first), sizeOf(second)), factor), fixed(1)) };
    }
  }
  const sorted = /^list_(.+)_sort(ByAssociatedKeys)?$/.exec(overload);
  if (sorted === null) return undefined;
  const keys = sorted[2] === undefined ? own : sizeOf(first);
  return made(sorted[1] === "string" || sorted[1] === "bytes" ? 2 + TRAVERSAL : 2, multiply(keys, keys));
}

/** A call that makes a list. */
function made(factor: number, size: Range): CallCost {
  return { cost: add(scale(size, factor), fixed(11)), size };
}

/** A number that is spelled out; none below zero. */
function numberOf(argument: Argument | undefined, otherwise: bigint): bigint {
  const node = argument?.node;
  if (node?.kind !== "literal" || typeof node.value !== "bigint" || node.type !== "int") return otherwise;
  return node.value < 0n ? 0n : node.value;
}
