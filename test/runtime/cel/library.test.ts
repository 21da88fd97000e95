/**
 * Expressions with what they come to on an API server: `data/expressions.jsonl`. They were recorded by a small Go program that links
 * `k8s.io/apiserver` v0.35.4 and evaluates each in the environment that `environment.MustBaseEnvSet` gives. Values of types that JSON lacks are
 * objects with the type's name: `{"int":"1"}`, `{"some":…}` and `{"none":true}` for optionals, `{"map":[[key,value],…]}`; `other` is any other type.
 */
import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { celEnvironment, compile } from "../../../runtime/cel/index.ts";

interface Recorded {
  readonly expression: string;
  readonly value?: unknown;
  readonly error?: string;
}

const recorded = readFileSync(join(import.meta.dirname, "data/expressions.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

test.each(recorded.map((each) => [each.expression.replaceAll("%", "%%"), each] as const))("%s", (_title, { expression, ...wanted }) => {
  const given = outcome(expression);
  if (isOther(wanted.value)) expect(isOther(given.value)).toBe(true);
  else expect(given).toEqual(wanted);
});

function outcome(expression: string): { value?: unknown; error?: string } {
  const program = compile(celEnvironment(), expression);
  let value: unknown;
  try {
    value = program.evaluate({});
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  return { value: shown(value) };
}

function isOther(value: unknown): boolean {
  return typeof value === "object" && value !== null && "other" in value;
}

/** A value as the recording shows it. */
function shown(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { double: doubleText(value) };
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { timestamp: value.toISOString() };
  if ("hasValue" in value && typeof value.hasValue === "function") return shownOptional(value as Optional);
  if ("nanos" in value && "seconds" in value)
    return { duration: String(BigInt(String(value.seconds)) * 10n ** 9n + BigInt(String(value.nanos))) };
  const inner: unknown = value.valueOf();
  if (typeof inner === "bigint") return { uint: String(inner) };
  if (value instanceof Map) return shownMap([...(value as Map<unknown, unknown>)]);
  return Object.getPrototypeOf(value) === Object.prototype ? shownMap(Object.entries(value)) : { other: true };
}

interface Optional {
  hasValue(): boolean;
  value(): unknown;
}

function shownOptional(optional: Optional): unknown {
  return optional.hasValue() ? { some: shown(optional.value()) } : { none: true };
}

function shownMap(entries: readonly (readonly [unknown, unknown])[]): unknown {
  const pairs = entries.map(([key, value]) => [shown(key), shown(value)]);
  return { map: pairs.toSorted(([left], [right]) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)) };
}

/** As Go writes it. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}
