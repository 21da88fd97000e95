import { Environment, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { nearest } from "./markers/arguments.ts";

/** What an expression is wrong about, as far as that can be said without types. */
export interface CelProblem {
  readonly message: string;
  readonly instead: string;
}

export type CelType = "bool" | "string" | "null";

/** What the API server gives to expressions of admission. */
export const admissionVariables = ["object", "oldObject", "request", "authorizer", "namespaceObject"] as const;

/** Names that are no variables: types, and what functions are called on. */
const names = new Set(
  "bool bytes double duration dyn int list map null_type string timestamp type uint optional_type optional sets strings lists format ip".split(
    " ",
  ),
);

/** What kube-apiserver's environment has: of CEL, of its extensions and of Kubernetes' libraries. */
const functions =
  `size contains startsWith endsWith matches int uint double string bytes bool timestamp duration type dyn has all exists exists_one
  existsOne map filter transformList transformMap transformMapEntry getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours
  getMinutes getSeconds getMilliseconds charAt format indexOf join lastIndexOf lowerAscii upperAscii quote replace split substring trim reverse
  isSorted sum min max distinct flatten slice sort sortBy find findAll url isURL getScheme getHost getHostname getPort getEscapedPath getQuery
  quantity isQuantity isInteger asInteger asApproximateFloat sign add sub isLessThan isGreaterThan compareTo ip isIP isCanonical family
  isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast cidr isCIDR containsIP containsCIDR masked prefixLength
  path check group serviceAccount resource subresource namespace name allowed reason errored error fieldSelector labelSelector of none
  ofNonZeroValue hasValue value or orValue optMap optFlatMap intersects equivalent named validate semver isSemver major minor patch
  dns1123Label dns1123Subdomain dns1035Label qualifiedName labelValue uri uuid byte date datetime escapeKey bind least greatest abs ceil floor`.split(
    /\s+/,
  );

/** Functions whose first arguments are variables of the last ones. */
const macros = new Set(
  "all exists exists_one existsOne map filter transformList transformMap transformMapEntry sortBy optMap optFlatMap bind".split(" "),
);

/** `request` and its parts, which have types of their own; all else that expressions get is open. */
const request: Members = {
  ...{ kind: gvk(), requestKind: gvk(), resource: gvr(), requestResource: gvr(), subResource: {}, requestSubResource: {} },
  ...{ name: {}, namespace: {}, operation: {}, dryRun: {}, options: {}, userInfo: { username: {}, uid: {}, groups: {}, extra: {} } },
};

interface Members {
  readonly [name: string]: Members;
}

function gvk(): Members {
  return { group: {}, version: {}, kind: {} };
}

function gvr(): Members {
  return { group: {}, version: {}, resource: {} };
}

/** What cel-js does not parse, though it is CEL: optional items, numbers that begin with a dot, messages. */
const unparsed = /[[{,]\s*\?|(?:^|[^\w\])])\.\d|[A-Za-z_]\w*\s*\{/;

let environment: Environment | undefined;

/**
 * Looks for what cannot be right in an expression: its syntax, variables that are not there, functions that are spelt almost right, and a
 * result that is plainly of another type. Types are for the API server.
 *
 * @param variables that the expression may use
 * @param results the types that it may have; none where it is free
 */
export function celProblem(expression: string, variables: readonly string[], results: readonly CelType[]): CelProblem | undefined {
  environment ??= new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  let root: ASTNode;
  try {
    root = environment.parse(expression).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    if (unparsed.test(expression)) return undefined;
    const summary = `${error.summary.charAt(0).toLowerCase()}${error.summary.slice(1)}`;
    return { message: `is no CEL: ${summary} at ${(error.range?.start ?? 0) + 1}`, instead: "mend the expression" };
  }
  const found = [...problemsIn(root, variables)][0];
  if (found !== undefined) return found;
  const type = plainType(root);
  if (type === undefined || results.length === 0 || results.some((each) => each === type)) return undefined;
  return {
    message: `gives a ${type}`,
    instead: results.includes("bool") ? "write a comparison, or what else is true or false" : "write a text",
  };
}

function* problemsIn(node: ASTNode, variables: readonly string[]): Generator<CelProblem> {
  switch (node.op) {
    case "value":
      return;
    case "id":
      if (variables.includes(node.args) || names.has(node.args)) return;
      yield {
        message: `has no variable ${node.args}`,
        instead: `write ${nearest(node.args, variables) ?? `one of ${variables.join(", ")}`}`,
      };
      return;
    case ".":
    case ".?":
      yield* problemsIn(node.args[0], variables);
      yield* memberProblems(node.args[0], node.args[1]);
      return;
    case "call": {
      const [name, args] = node.args;
      yield* functionProblems(name);
      for (const each of args) yield* problemsIn(each, variables);
      return;
    }
    case "rcall": {
      const [name, receiver, args] = node.args;
      yield* problemsIn(receiver, variables);
      yield* functionProblems(name);
      const last = args.findIndex((each) => each.op !== "id");
      const bound = macros.has(name) ? args.slice(0, Math.max(1, last === -1 ? args.length - 1 : last)) : [];
      const inner = [...variables, ...bound.flatMap((each) => (each.op === "id" ? [each.args] : []))];
      for (const each of args) yield* problemsIn(each, inner);
      return;
    }
    case "!_":
    case "-_":
      yield* problemsIn(node.args, variables);
      return;
    case "map":
      for (const each of node.args.flat()) yield* problemsIn(each, variables);
      return;
    default:
      for (const each of node.args) yield* problemsIn(each, variables);
  }
}

function* memberProblems(whole: ASTNode, name: string): Generator<CelProblem> {
  const members = membersOf(whole);
  const known = Object.keys(members ?? {});
  if (known.length === 0 || known.includes(name)) return;
  yield { message: `has no ${name} in the request`, instead: `write ${nearest(name, known) ?? `one of ${known.join(", ")}`}` };
}

/** The parts of the request, or of a part of it. */
function membersOf(node: ASTNode): Members | undefined {
  if (node.op === "id") return node.args === "request" ? request : undefined;
  return node.op === "." ? membersOf(node.args[0])?.[node.args[1]] : undefined;
}

/** Only what is nearly the name of one: a newer API server may have more. */
function* functionProblems(name: string): Generator<CelProblem> {
  if (functions.includes(name)) return;
  const near = nearest(name, functions);
  if (near !== undefined) yield { message: `has no function ${name}`, instead: `write ${near}` };
}

/** The type of a result where the outermost operation tells it. */
function plainType(node: ASTNode): string | undefined {
  switch (node.op) {
    case "value":
      return node.args === null ? "null" : typeof node.args === "boolean" ? "bool" : typeof node.args === "string" ? "string" : "number";
    case "list":
    case "map":
      return node.op;
    case "!_":
    case "&&":
    case "||":
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "in":
      return "bool";
    case ".":
    case "[]":
      return isOpen(node) ? "value of any type" : undefined;
    case "?:":
      return plainType(node.args[1]) ?? plainType(node.args[2]);
    default:
      return undefined;
  }
}

/** A field of an object whose type the API server does not know here. It takes none for true or false, or for a text. */
function isOpen(node: ASTNode): boolean {
  if (node.op === "." || node.op === "[]") return isOpen(node.args[0]);
  return node.op === "id" && ["object", "oldObject", "params"].includes(node.args);
}
