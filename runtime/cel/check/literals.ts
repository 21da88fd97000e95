import { compilePattern } from "../../schema/pattern.ts";
import type { Call, Issue, List, MapNode, Node } from "../syntax/nodes.ts";
import type { Checked } from "./checker.ts";
import { formatIssues } from "./formatcalls.ts";
import { sameType, typeText, unwrapOptional, type Type } from "./types.ts";

/** What can be told of an expression's literals once its types are right: patterns, durations and times that are none, lists of several types. */
export function literalIssues(root: Node, checked: Checked): Issue[] {
  const issues: Issue[] = [];
  const visit = (node: Node, formatted: boolean): void => {
    if (node.kind === "call") issues.push(...argumentIssues(node), ...formatIssues(node, checked));
    if (!formatted && node.kind === "list") issues.push(...listIssues(node, checked));
    if (!formatted && node.kind === "map") issues.push(...mapIssues(node, checked));
    const inFormat = formatted || (node.kind === "call" && node.name === "format");
    for (const child of childrenOf(node)) visit(child, inFormat);
  };
  visit(root, false);
  return issues;
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "literal":
    case "ident":
      return [];
    case "select":
      return [node.operand];
    case "call":
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case "list":
      return node.elements;
    case "map":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case "message":
      return node.fields.map(({ value }) => value);
    case "comprehension":
      return [node.range, node.init, node.condition, node.step, node.result];
  }
}

const RIGHT: Readonly<Record<string, (text: string) => boolean>> = {
  duration: isDuration,
  timestamp: isTimestamp,
  matches: isPattern,
};

function argumentIssues({ name, args: [first] }: Call): Issue[] {
  const isRight = Object.hasOwn(RIGHT, name) ? RIGHT[name] : undefined;
  if (isRight === undefined || first?.kind !== "literal" || typeof first.value !== "string" || isRight(first.value)) return [];
  return [{ at: first.at, message: `invalid ${name} argument` }];
}

function listIssues({ elements, optional }: List, checked: Checked): Issue[] {
  const typeOf = (node: Node, index: number) => elementType(checked.typeOf(node), optional.has(index));
  const [first] = elements;
  const wanted = first && typeOf(first, 0);
  const wrong = elements.findIndex((element, index) => wanted !== undefined && !sameType(wanted, typeOf(element, index)));
  const element = elements[wrong];
  return element === undefined || wanted === undefined ? [] : [mismatch(element.at, wanted, typeOf(element, wrong))];
}

function mapIssues({ entries: [first, ...rest] }: MapNode, checked: Checked): Issue[] {
  if (first === undefined) return [];
  const keys = checked.typeOf(first.key);
  const values = elementType(checked.typeOf(first.value), first.optional);
  return rest.flatMap(({ key, value, optional }) => {
    const keyType = checked.typeOf(key);
    const valueType = elementType(checked.typeOf(value), optional);
    return [
      ...(sameType(keys, keyType) ? [] : [mismatch(key.at, keys, keyType)]),
      ...(sameType(values, valueType) ? [] : [mismatch(value.at, values, valueType)]),
    ];
  });
}

function elementType(type: Type, optional: boolean): Type {
  return optional ? unwrapOptional(type).type : type;
}

function mismatch(at: number, expected: Type, found: Type): Issue {
  return { at, message: `expected type '${typeText(expected)}' but found '${typeText(found)}'` };
}

/** RE2 takes no pattern that repeats something more often. */
const MOST_REPEATS = 1000;

function isPattern(pattern: string): boolean {
  const counts = pattern.replaceAll(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/g, "").matchAll(/\{(\d+)(?:,(\d*))?\}/g);
  for (const [, least = "", most = ""] of counts) if (Math.max(Number(least), Number(most)) > MOST_REPEATS) return false;
  return !(compilePattern(pattern) instanceof Error);
}

/** Nanoseconds. */
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** A duration as Go reads it: `1h30m`, `-1.5s`, `0`. */
function isDuration(text: string): boolean {
  if (/^[+-]?0$/.test(text)) return true;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return false;
  let total = 0;
  for (const [, amount = "0", unit = ""] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(amount) * (UNITS[unit] ?? 1);
  return total < 2 ** 63;
}

/** A time of RFC 3339 between the years 1 and 9999. */
function isTimestamp(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/.exec(text);
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const date = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days;
  return date && hour < 24 && minute < 60 && second < 60 && zoneHour <= 24 && zoneMinute < 60;
}
