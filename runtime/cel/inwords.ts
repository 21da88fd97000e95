import { parse } from "./syntax/parser.ts";
import { qualifiedName, type Call, type Node } from "./syntax/nodes.ts";

/** Functions that have a namespace in their name, which the engine knows under one of ours. */
const FLAT: Readonly<Record<string, string>> = {
  "ip.isCanonical": "ipIsCanonical",
  "lists.range": "listsRange",
  "optional.ofNonZeroValue": "optionalOfNonZeroValue",
  "optional.unwrap": "optionalUnwrap",
  "strings.quote": "stringsQuote",
};
/** The name under which the environment has `matches` with Go's patterns: the engine's own takes JavaScript's, and cannot be replaced. */
export const matchesName = "matchesRe2";
/** Functions that the engine has in another way than the server, and cannot be made to have otherwise. */
const OURS: Readonly<Record<string, string>> = {
  indexOf: "firstIndexOf",
  lastIndexOf: "finalIndexOf",
  lowerAscii: "lowerAsciiOnly",
  matches: matchesName,
  substring: "partOf",
  upperAscii: "upperAsciiOnly",
};
const MACROS = "optMap|optFlatMap|existsOne|transformList|transformMap|transformMapEntry|sortBy|all|exists|exists_one|map";
const SUSPECT = new RegExp(
  `\\b(?:has|${MACROS}|${Object.keys(OURS).join("|")})\\s*\\(|[[{,]\\s*\\?|\\b(?:ip|lists|optional|strings)\\s*\\.`,
);

/**
 * An expression with what the engine does not know said in other words: macros of two variables, `optMap`, `sortBy`, `has` of any value, optional
 * elements of lists and maps, functions with a namespace, and those of texts that count letters otherwise. All other expressions stay as they are; so do those that do not parse, for the engine to tell.
 */
export function inEngineWords(expression: string): string {
  if (!SUSPECT.test(expression)) return expression;
  const { root, issues } = parse(expression, "kept");
  return issues.length === 0 && isForeign(root) ? text(root) : expression;
}

function isForeign(node: Node): boolean {
  if (node.kind === "call" && foreignCall(node) !== undefined) return true;
  if (node.kind === "list" && node.optional.size > 0) return true;
  if (node.kind === "map" && node.entries.some(({ optional }) => optional)) return true;
  return innerNodes(node).some(isForeign);
}

function innerNodes(node: Node): readonly Node[] {
  switch (node.kind) {
    case "select":
      return [node.operand];
    case "call":
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case "list":
      return node.elements;
    case "map":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    default:
      return [];
  }
}

/** The words for a call that the engine does not know. */
function foreignCall(call: Call): string | undefined {
  const { name, target, args } = call;
  if (target === undefined) return foreignFunction(call);
  const prefix = qualifiedName(target);
  const flat = prefix === undefined ? undefined : FLAT[`${prefix}.${name}`];
  if (flat !== undefined) return `${flat}(${args.map(text).join(", ")})`;
  const ours = Object.hasOwn(OURS, name) ? OURS[name] : undefined;
  if (ours !== undefined) return `${text(target)}.${ours}(${args.map(text).join(", ")})`;
  const [first, second, third, fourth] = args;
  if (first?.kind !== "ident" || second === undefined) return undefined;
  if (args.length === 2) return foreignOneVariable(name, target, first.name, second);
  if (second.kind !== "ident" || third === undefined) return undefined;
  return foreignTwoVariables(name, target, [first.name, second.name], third, fourth);
}

/** CEL asks for any field of any value, `has(self[0].name)`, the engine for chains of names only: any other value is given a name. */
function foreignFunction({ name, args: [first, second] }: Call): string | undefined {
  if (name === "matches" && first && second) return `${text(first)}.${matchesName}(${text(second)})`;
  if (name !== "has" || first?.kind !== "select" || isChain(first)) return undefined;
  return `[${text(first.operand)}].all(__value__, has(__value__.${first.field}))`;
}

function isChain(node: Node): boolean {
  if (node.kind === "select") return isChain(node.operand);
  if (node.kind === "call" && node.name === "_?._") return node.args[0] !== undefined && isChain(node.args[0]);
  return node.kind === "ident";
}

function foreignOneVariable(name: string, target: Node, variable: string, body: Node): string | undefined {
  switch (name) {
    case "optMap":
    case "optFlatMap": {
      const bound = `cel.bind(${variable}, __optional__.value(), ${text(body)})`;
      const some = name === "optMap" ? `optional.of(${bound})` : bound;
      return `cel.bind(__optional__, ${text(target)}, __optional__.hasValue() ? ${some} : optional.none())`;
    }
    case "existsOne":
      return `${text(target)}.exists_one(${variable}, ${text(body)})`;
    case "sortBy":
      return `cel.bind(__sorted__, ${text(target)}, sortedByKeys(__sorted__, __sorted__.map(${variable}, ${text(body)})))`;
    default:
      return undefined;
  }
}

function foreignTwoVariables(
  name: string,
  target: Node,
  [first, second]: readonly [string, string],
  third: Node,
  fourth: Node | undefined,
): string | undefined {
  const bound = (body: string) => `cel.bind(${first}, __entry__[0], cel.bind(${second}, __entry__[1], ${body}))`;
  const entries = `entriesOf(${text(target)})`;
  const filter = fourth === undefined ? "" : `${bound(text(third))}, `;
  const body = text(fourth ?? third);
  switch (name) {
    case "all":
    case "exists":
    case "exists_one":
    case "existsOne":
      if (fourth !== undefined) return undefined;
      return `${entries}.${name === "existsOne" ? "exists_one" : name}(__entry__, ${bound(body)})`;
    case "transformList":
      return `${entries}.map(__entry__, ${filter}${bound(body)})`;
    case "transformMap":
      return `mapOf(${entries}.map(__entry__, ${filter}[__entry__[0], ${bound(body)}, false]))`;
    case "transformMapEntry":
      return `mergedMap(${entries}.map(__entry__, ${filter}${bound(body)}))`;
    default:
      return undefined;
  }
}

/** An expression as text. Each operation stands in brackets. */
function text(node: Node): string {
  switch (node.kind) {
    case "literal":
      return literalText(node);
    case "ident":
      return node.name;
    case "select":
      return `${text(node.operand)}.${node.field}`;
    case "call":
      return foreignCall(node) ?? callText(node);
    case "list": {
      if (node.optional.size === 0) return `[${node.elements.map(text).join(", ")}]`;
      const parts = node.elements.map((element, index) => `[${text(element)}]${node.optional.has(index) ? ".unwrapOpt()" : ""}`);
      return `[${parts.join(", ")}].flatten()`;
    }
    case "map": {
      const pairs = node.entries.map(({ key, value, optional }) => ({ key: text(key), value: text(value), optional }));
      if (pairs.some(({ optional }) => optional))
        return `mapOf([${pairs.map(({ key, value, optional }) => `[${key}, ${value}, ${optional}]`).join(", ")}])`;
      return `{${pairs.map(({ key, value }) => `${key}: ${value}`).join(", ")}}`;
    }
    case "message":
    case "comprehension":
      throw new Error(`the engine has no ${node.kind}`);
  }
}

function callText({ name, target, args }: Call): string {
  const given = args.map(text);
  const [first = "", second = "", third = ""] = given;
  if (target !== undefined) return `${text(target)}.${name}(${given.join(", ")})`;
  const [, operator] = /^(?:_(\S+)_|@in)$/.exec(name) ?? [];
  switch (name) {
    case "_?_:_":
      return `(${first} ? ${second} : ${third})`;
    case "_[_]":
      return `${first}[${second}]`;
    case "_[?_]":
      return `${first}[?${second}]`;
    case "_?._":
      return `${first}.?${String(args[1]?.kind === "literal" ? args[1].value : "")}`;
    case "!_":
    case "-_":
      return `(${name[0] ?? ""}${first})`;
    case "@in":
      return `(${first} in ${second})`;
    default:
      return operator === undefined ? `${name}(${given.join(", ")})` : `(${first} ${operator} ${second})`;
  }
}

function literalText({ type, value }: Node & { kind: "literal" }): string {
  if (value instanceof Uint8Array) return `b"${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
  if (typeof value === "string") return JSON.stringify(value);
  if (type === "double") return Number.isInteger(value) ? `${String(value)}.0`.replace(/(e\S+)\.0$/, "$1") : String(value);
  return type === "uint" ? `${String(value)}u` : typeof value === "bigint" && value < 0n ? `(${value})` : String(value);
}
