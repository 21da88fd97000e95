import type { Call, Issue, Node } from "../syntax/nodes.ts";
import type { Checked } from "./checker.ts";
import type { Kind, Type } from "./types.ts";

interface Clause {
  readonly kinds: ReadonlySet<Kind>;
  readonly otherwise: string;
}

const clause = (kinds: readonly Kind[], otherwise: string): Clause => ({ kinds: new Set(kinds), otherwise });
const TEXT = clause(
  ["list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes", "duration", "type", "null"],
  "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
);
const HEX = clause(["int", "uint", "string", "bytes"], "only integers, byte buffers, and strings can be formatted as hex");
const CLAUSES: Readonly<Record<string, Clause>> = {
  s: TEXT,
  d: clause(["int", "uint"], "decimal clause can only be used on integers"),
  f: clause(["double", "string"], "fixed-point clause can only be used on doubles"),
  e: clause(["double", "string"], "scientific clause can only be used on doubles"),
  b: clause(["int", "uint", "bool"], "only integers and bools can be formatted as binary"),
  x: HEX,
  X: HEX,
  o: clause(["int", "uint"], "octal clause can only be used on integers"),
};

/** What is wrong with `'%d of %s'.format([a, b])`, when both the text and the list are spelled out. */
export function formatIssues(call: Call, checked: Checked): Issue[] {
  const [list] = call.args;
  if (call.name !== "format" || call.target?.kind !== "literal" || list?.kind !== "list" || call.args.length !== 1) return [];
  const text = String(call.target.value);
  const wrong = (message: string): Issue[] => [{ at: call.at, message }];
  let count = 0;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at)) {
    if (text[at + 1] === "%") {
      at += 2;
      continue;
    }
    if (at + 1 >= text.length) return wrong("unexpected end of string");
    const argument = list.elements[count];
    if (argument === undefined) return wrong(`index ${count} out of range`);
    const [read = "", precision, verb = ""] = /^%(\.\d*)?([\s\S])?/.exec(text.slice(at)) ?? [];
    const problem = precisionProblem(precision, verb);
    if (problem !== undefined) return wrong(`could not parse formatting clause: error while parsing precision: ${problem}`);
    const found = Object.hasOwn(CLAUSES, verb) ? CLAUSES[verb] : undefined;
    if (found === undefined) return wrong(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
    const unfit = unfitArgument(argument, found, checked);
    if (unfit !== undefined) {
      const message = `error during formatting: ${found.otherwise}, was given ${runtimeName(checked.typeOf(unfit))}`;
      return [{ at: unfit.at, message }];
    }
    count++;
    at += read.length;
  }
  const given = list.elements.length;
  return given > count ? wrong(`too many arguments supplied to string.format (expected ${count}, got ${given})`) : [];
}

function precisionProblem(precision: string | undefined, verb: string): string | undefined {
  if (precision === undefined) return undefined;
  if (verb === "") return "could not find end of precision specifier";
  return precision === "." ? 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax' : undefined;
}

/** The argument, or what in it cannot be written so. */
function unfitArgument(node: Node, { kinds, otherwise }: Clause, checked: Checked): Node | undefined {
  const { kind } = checked.typeOf(node);
  if (kind !== "dyn" && !kinds.has(kind)) return node;
  if (kinds !== TEXT.kinds) return undefined;
  const inner = node.kind === "list" ? node.elements : node.kind === "map" ? node.entries.flatMap(({ key, value }) => [key, value]) : [];
  for (const each of inner) {
    const unfit = unfitArgument(each, { kinds, otherwise }, checked);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function runtimeName({ kind, name }: Type): string {
  if (kind === "timestamp") return "google.protobuf.Timestamp";
  return kind === "duration" ? "google.protobuf.Duration" : name;
}
