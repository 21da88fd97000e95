import type { Environment } from "@marcbachmann/cel-js";
import { sameValue } from "./equality.ts";

type Ordered = bigint | number | string | boolean | Date;

/** Kubernetes' functions of lists and those of cel-go's lists extension. */
export function registerLists(environment: Environment): void {
  environment.registerFunction("list.isSorted(): bool", (list: Ordered[]) =>
    list.every((item, index) => index === 0 || compare(list[index - 1], item) <= 0),
  );
  environment.registerFunction("list.sum(): dyn", sum);
  environment.registerFunction("list.min(): dyn", (list: Ordered[]) => extreme(list, "min", (order) => order < 0));
  environment.registerFunction("list.max(): dyn", (list: Ordered[]) => extreme(list, "max", (order) => order > 0));
  environment.registerFunction("list.firstIndexOf(dyn): int", (list: unknown[], wanted: unknown) =>
    BigInt(list.findIndex((item) => sameValue(item, wanted))),
  );
  environment.registerFunction("list.finalIndexOf(dyn): int", (list: unknown[], wanted: unknown) =>
    BigInt(list.findLastIndex((item) => sameValue(item, wanted))),
  );
  environment.registerFunction("list.slice(int, int): list", (list: unknown[], from: bigint, to: bigint) => {
    const wrong = (why: string) => new Error(`cannot slice(${from}, ${to}), ${why}`);
    if (from < 0n || to < 0n) throw wrong("negative indexes not supported");
    if (from > to) throw wrong("start index must be less than or equal to end index");
    if (to > BigInt(list.length)) throw wrong(`list is length ${list.length}`);
    return list.slice(Number(from), Number(to));
  });
  environment.registerFunction("list.reverse(): list", (list: unknown[]) => [...list].reverse());
  environment.registerFunction("list.sort(): list", (list: Ordered[]) => [...list].sort(compare));
  environment.registerFunction("list.flatten(): list", (list: unknown[]) => list.flat());
  environment.registerFunction("list.flatten(int): list", (list: unknown[], depth: bigint) => {
    if (depth < 0n) throw new Error("level must be non-negative");
    return list.flat(Number(depth) as 1);
  });
  environment.registerFunction("list.distinct(): list", (list: unknown[]) =>
    list.filter((item, index) => list.findIndex((other) => sameValue(other, item)) === index),
  );
}

function compare(left: Ordered | undefined, right: Ordered): number {
  if (left === undefined || left === right) return 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Of the engine's durations, which it does not export. */
interface Duration {
  addDuration(other: Duration): Duration;
}

function sum(list: (bigint | number | Duration)[]): bigint | number | Duration {
  const first = list[0];
  if (first === undefined) return 0n;
  if (typeof first === "object")
    return list.slice(1).reduce<Duration>((total, item) => (typeof item === "object" ? total.addDuration(item) : total), first);
  const numbers = list.filter((item) => typeof item !== "object");
  return typeof first === "bigint"
    ? numbers.reduce((total: bigint, item) => total + BigInt(item), 0n)
    : numbers.reduce((total: number, item) => total + Number(item), 0);
}

function extreme(list: Ordered[], name: string, better: (order: number) => boolean): Ordered {
  const [first, ...rest] = list;
  if (first === undefined) throw new Error(`${name} called on empty list`);
  return rest.reduce((best, item) => (better(compare(item, best)) ? item : best), first);
}
