import { serialize, type ASTNode, type Environment } from "@marcbachmann/cel-js";

/** The name under which the environment has `matches` with Go's patterns: the evaluator's own takes JavaScript's, and cannot be replaced. */
export const matchesName = "matchesRe2";

/**
 * An expression as the evaluator knows it. CEL asks for any field of any value, `has(self[0].name)`, the evaluator for chains of names only:
 * the others are written anew so that the value has a name, `[self[0]].all(each, has(each.name))`. And `matches` becomes ours.
 *
 * @throws what the evaluator throws for an expression that does not parse
 */
export function inDialect(environment: Environment, expression: string): string {
  if (!/\b(?:has|matches)\s*\(/.test(expression)) return expression;
  let text = expression;
  // One after the other, the last one first, and what is inside of another before it: each changes the places of what follows it.
  for (;;) {
    const [found] = foreign(environment.parse(text).ast).toSorted((a, b) => b.start - a.start);
    if (found === undefined) return text;
    text = text.slice(0, found.start) + found.instead() + text.slice(found.end);
  }
}

interface Foreign {
  readonly start: number;
  readonly end: number;
  readonly instead: () => string;
}

function foreign(node: ASTNode): Foreign[] {
  const inner = nodesIn(node.args).flatMap(foreign);
  const instead = inOtherWords(node);
  return instead === undefined ? inner : [...inner, { start: node.start, end: node.end, instead }];
}

function inOtherWords(node: ASTNode): (() => string) | undefined {
  if (node.op === "rcall" && node.args[0] === "matches") {
    const [, text, patterns] = node.args;
    return () => `(${serialize(text)}).${matchesName}(${patterns.map(serialize).join(", ")})`;
  }
  if (node.op !== "call" || node.args[0] !== "has") return undefined;
  const [asked] = node.args[1];
  if (asked?.op !== "." || isChain(asked)) return undefined;
  const [owner, field] = asked.args;
  return () => `[${serialize(owner)}].all(__value__, has(__value__.${field}))`;
}

function isChain(node: ASTNode): boolean {
  return node.op === "." || node.op === ".?" ? isChain(node.args[0]) : node.op === "id";
}

function nodesIn(value: unknown): ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
