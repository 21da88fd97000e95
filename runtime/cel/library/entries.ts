import { Optional, type Environment } from "@marcbachmann/cel-js";
import { sameValue } from "./equality.ts";

type Key = bigint | string | boolean;

/** What macros and literals are made of that the engine has none of: see `inwords.ts`. */
export function registerEntries(environment: Environment): void {
  environment.registerFunction("entriesOf(dyn): list", (value: unknown) => entriesOf(value).map(([key, item]) => [key, item]));
  environment.registerFunction("mapOf(list): map", (entries: [Key, unknown, boolean][]) =>
    mapOf(
      entries.flatMap(([key, value, optional]): [Key, unknown][] => {
        if (!optional) return [[key, value]];
        return value instanceof Optional && value.hasValue() ? [[key, value.value()]] : [];
      }),
    ),
  );
  environment.registerFunction("mergedMap(list): map", (maps: unknown[]) => {
    const merged = maps.flatMap(entriesOf);
    const keys = new Set(merged.map(([key]) => key));
    const twice = merged.find(([key], index) => merged.findIndex(([other]) => other === key) < index);
    if (keys.size < merged.length) throw new Error(`insert failed: key ${String(twice?.[0])} already exists`);
    return mapOf(merged);
  });
  environment.registerFunction("sortedByKeys(list, list): list", (list: unknown[], keys: (bigint | number | string | Date)[]) =>
    list
      .map((item, index) => ({ item, key: keys[index] ?? "" }))
      .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
      .map(({ item }) => item),
  );
  environment.registerFunction("listsRange(int): list", (count: bigint) =>
    Array.from({ length: Math.max(Number(count), 0) }, (_, index) => BigInt(index)),
  );
  environment.registerFunction("optionalOfNonZeroValue(dyn): dyn", (value: unknown) =>
    isZero(value) ? Optional.none() : Optional.of(value),
  );
  environment.registerOperator("optional<dyn> == optional<dyn>", (left: Optional, right: Optional) => sameOptional(left, right));
  environment.registerFunction("optionalUnwrap(list): list", present);
  environment.registerFunction("list.unwrapOpt(): list", present);
  environment.registerFunction("list.first(): dyn", (list: unknown[]) => (list.length === 0 ? Optional.none() : Optional.of(list[0])));
  environment.registerFunction("list.last(): dyn", (list: unknown[]) => (list.length === 0 ? Optional.none() : Optional.of(list.at(-1))));
}

function entriesOf(value: unknown): [Key, unknown][] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [BigInt(index), item]);
  if (value instanceof Map) return [...(value as Map<Key, unknown>)];
  if (typeof value === "object" && value !== null) return Object.entries(value);
  throw new Error("no such overload");
}

/** Maps by texts are objects, as those of the engine are. */
function mapOf(entries: readonly (readonly [Key, unknown])[]): unknown {
  if (entries.every(([key]) => typeof key === "string")) return Object.fromEntries(entries);
  return new Map(entries);
}

function sameOptional(left: Optional, right: Optional): boolean {
  if (!left.hasValue() || !right.hasValue()) return left.hasValue() === right.hasValue();
  return sameValue(left.value(), right.value());
}

function present(list: unknown[]): unknown[] {
  return list.flatMap((item): unknown[] => (item instanceof Optional ? (item.hasValue() ? [item.value()] : []) : [item]));
}

function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "" || value === 0 || value === 0n) return true;
  if (value instanceof Date) return false;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0;
}
