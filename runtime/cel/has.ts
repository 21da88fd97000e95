import { serialize, type ASTNode, type Environment } from "@marcbachmann/cel-js";

/**
 * CEL asks for any field of any value, `has(self[0].name)`; the evaluator knows chains of names only, `has(self.spec.name)`. The others are
 * written anew so that the value has a name: `[self[0]].all(each, has(each.name))`.
 *
 * @throws what the evaluator throws for an expression that does not parse
 */
export function withPlainHas(environment: Environment, expression: string): string {
  if (!/\bhas\s*\(/.test(expression)) return expression;
  let text = expression;
  // One after the other, the last one first: each changes the places of what follows it.
  for (;;) {
    const [found] = unnamed(environment.parse(text).ast).toSorted((a, b) => b.start - a.start);
    if (found === undefined) return text;
    const { start, end, owner, field } = found;
    text = `${text.slice(0, start)}[${serialize(owner)}].all(__value__, has(__value__.${field}))${text.slice(end)}`;
  }
}

interface Has {
  readonly start: number;
  readonly end: number;
  readonly owner: ASTNode;
  readonly field: string;
}

/** The calls of `has` whose value is no chain of names. */
function unnamed(node: ASTNode): Has[] {
  const inner = nodesIn(node.args).flatMap(unnamed);
  if (node.op !== "call" || node.args[0] !== "has") return inner;
  const [asked] = node.args[1];
  if (asked?.op !== "." || isChain(asked)) return inner;
  const [owner, field] = asked.args;
  return [...inner, { start: node.start, end: node.end, owner, field }];
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
