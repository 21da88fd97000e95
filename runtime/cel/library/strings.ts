import type { Environment } from "@marcbachmann/cel-js";
import { compilePattern } from "../../schema/index.ts";
import { matchesName } from "../dialect.ts";

/** The strings extension of cel-go and Kubernetes' `find` and `findAll`, as far as the engine lacks them. */
export function registerStrings(environment: Environment): void {
  environment.registerFunction("string.charAt(int): string", (text: string, index: bigint) => {
    if (index < 0n || index > BigInt(text.length)) throw new Error(`index out of range: ${index}`);
    return text.charAt(Number(index));
  });
  environment.registerFunction("string.replace(string, string): string", (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  );
  environment.registerFunction("string.replace(string, string, int): string", (text: string, from: string, to: string, limit: bigint) =>
    replaceSome(text, from, to, Number(limit)),
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
  environment.registerFunction("string.format(list): string", (text: string, values: unknown[]) => format(text, values));
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

function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replaceAll(/%(?:%|\.?(\d*)([sdfexXob]))/g, (match, digits: string | undefined, verb: string | undefined) => {
    if (match === "%%") return "%";
    if (next >= values.length) throw new Error(`index ${next} out of range`);
    const value = values[next++];
    switch (verb) {
      case "d":
        return String(value);
      case "f":
        return Number(value).toFixed(digits === undefined || digits === "" ? 6 : Number(digits));
      case "e":
        return Number(value).toExponential(digits === undefined || digits === "" ? 6 : Number(digits));
      case "x":
        return hex(value);
      case "X":
        return hex(value).toUpperCase();
      case "o":
        return (value as bigint).toString(8);
      case "b":
        return value === true ? "1" : value === false ? "0" : (value as bigint).toString(2);
      default:
        return shown(value);
    }
  });
}

function hex(value: unknown): string {
  if (typeof value === "bigint") return value.toString(16);
  return Buffer.from(value instanceof Uint8Array ? value : String(value)).toString("hex");
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key}: ${shown(item)}`).join(", ")}}`;
}
