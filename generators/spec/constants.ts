import ts from "../typescript.cjs";
import type { Json } from "../model/index.ts";
import { isArray, isMap } from "./fields.ts";

/** The value of an expression that is known without running the program, or the part of it that is not. */
export type Constant = { readonly value: Json } | { readonly problem: string; readonly node: ts.Node };

/** How far evaluating goes: constants that contain others twice, and those again, would never end. */
interface Bounds {
  readonly depth: number;
  /** Parts that may still be evaluated, of the whole expression. */
  readonly left: { parts: number };
}

const maxDepth = 500;
const maxParts = 20_000;

/**
 * Evaluates literals, arrays, objects, templates, sums of texts, spreads, and constants that are declared with `const` in any file of the
 * program. `as`, `satisfies` and parentheses are looked through. Members that are undefined are left out.
 */
export function constantOf(checker: ts.TypeChecker, node: ts.Expression): Constant {
  return evaluate(checker, node, { depth: 0, left: { parts: maxParts } });
}

function evaluate(checker: ts.TypeChecker, node: ts.Expression, { depth: outer, left }: Bounds): Constant {
  const bounds: Bounds = { depth: outer + 1, left };
  if (outer > maxDepth || left.parts-- <= 0) return { problem: "is too large", node };
  const inner = unwrapped(node);
  if (ts.isStringLiteralLike(inner)) return { value: inner.text };
  if (ts.isNumericLiteral(inner)) return { value: Number(inner.text.replaceAll("_", "")) };
  if (inner.kind === ts.SyntaxKind.TrueKeyword) return { value: true };
  if (inner.kind === ts.SyntaxKind.FalseKeyword) return { value: false };
  if (inner.kind === ts.SyntaxKind.NullKeyword) return { value: null };
  if (ts.isPrefixUnaryExpression(inner)) return negative(checker, inner, bounds);
  if (ts.isTemplateExpression(inner)) return template(checker, inner, bounds);
  if (ts.isBinaryExpression(inner)) return sum(checker, inner, bounds);
  if (ts.isArrayLiteralExpression(inner)) return array(checker, inner, bounds);
  if (ts.isObjectLiteralExpression(inner)) return object(checker, inner, bounds);
  if (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) return member(checker, inner, bounds);
  const initializer = ts.isIdentifier(inner) ? initializerOf(checker, inner) : undefined;
  if (initializer !== undefined) return evaluate(checker, initializer, bounds);
  return { problem: "is not known before the program runs", node };
}

/** The part of an expression that says what is at a path of its value; the expression itself where no part of its own does. */
export function nodeAt(checker: ts.TypeChecker, node: ts.Expression, path: readonly (string | number)[]): ts.Node {
  let current: ts.Expression = unwrapped(node);
  let best: ts.Node = node;
  for (const step of path) {
    for (let names = 0; ts.isIdentifier(current); names++) {
      const initializer = initializerOf(checker, current);
      // Constants that are made of each other have no value.
      if (initializer === undefined || names > maxDepth) return best;
      current = unwrapped(initializer);
    }
    const next: ts.Node | undefined =
      typeof step === "number" && ts.isArrayLiteralExpression(current)
        ? current.elements[step]
        : typeof step === "string" && ts.isObjectLiteralExpression(current)
          ? current.properties.find((property) => property.name !== undefined && nameOf(property.name) === step)
          : undefined;
    if (next === undefined) return best;
    best = next;
    if (ts.isPropertyAssignment(next)) current = unwrapped(next.initializer);
    else if (ts.isShorthandPropertyAssignment(next)) current = next.name;
    else if (ts.isExpression(next)) current = unwrapped(next);
    else return best;
  }
  return best;
}

/** Without parentheses, `as`, `satisfies` and `await`. */
export function unwrapped(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isAwaitExpression(node)
    ? unwrapped(node.expression)
    : node;
}

/** What a `const` was made of, wherever it is declared. */
export function initializerOf(checker: ts.TypeChecker, name: ts.Identifier): ts.Expression | undefined {
  const found = ts.isShorthandPropertyAssignment(name.parent)
    ? checker.getShorthandAssignmentValueSymbol(name.parent)
    : checker.getSymbolAtLocation(name);
  const symbol = found !== undefined && (found.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(found) : found;
  const declaration = symbol?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0 ? undefined : declaration.initializer;
}

/** The name of a member, where it is no expression. */
function nameOf(name: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  return ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
}

function negative(checker: ts.TypeChecker, node: ts.PrefixUnaryExpression, bounds: Bounds): Constant {
  const operand = evaluate(checker, node.operand, bounds);
  if ("problem" in operand) return operand;
  return node.operator === ts.SyntaxKind.MinusToken && typeof operand.value === "number"
    ? { value: -operand.value }
    : { problem: "is not known before the program runs", node };
}

function template(checker: ts.TypeChecker, node: ts.TemplateExpression, bounds: Bounds): Constant {
  let text = node.head.text;
  for (const { expression, literal } of node.templateSpans) {
    const part = evaluate(checker, expression, bounds);
    if ("problem" in part) return part;
    if (typeof part.value === "object") return { problem: "is no text", node: expression };
    text += `${part.value}${literal.text}`;
  }
  return { value: text };
}

function sum(checker: ts.TypeChecker, node: ts.BinaryExpression, bounds: Bounds): Constant {
  const [left, right] = [evaluate(checker, node.left, bounds), evaluate(checker, node.right, bounds)];
  if ("problem" in left) return left;
  if ("problem" in right) return right;
  const isText = typeof left.value === "string" && typeof right.value === "string";
  return node.operatorToken.kind === ts.SyntaxKind.PlusToken && isText
    ? { value: `${left.value}${right.value}` }
    : { problem: "is not known before the program runs", node };
}

function array(checker: ts.TypeChecker, node: ts.ArrayLiteralExpression, bounds: Bounds): Constant {
  const items: Json[] = [];
  for (const element of node.elements) {
    const item = evaluate(checker, ts.isSpreadElement(element) ? element.expression : element, bounds);
    if ("problem" in item) return item;
    if (!ts.isSpreadElement(element)) items.push(item.value);
    else if (isArray(item.value)) items.push(...item.value);
    else return { problem: "is no array", node: element };
  }
  return { value: items };
}

function object(checker: ts.TypeChecker, node: ts.ObjectLiteralExpression, bounds: Bounds): Constant {
  const members = new Map<string, Json>();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      const spread = evaluate(checker, property.expression, bounds);
      if ("problem" in spread) return spread;
      for (const [key, value] of Object.entries(isMap(spread.value) ? spread.value : {})) members.set(key, value);
      continue;
    }
    const name = nameOf(property.name);
    const value = valueOf(property);
    if (name === undefined || value === undefined) return { problem: "is not known before the program runs", node: property };
    if (ts.isIdentifier(value) && value.text === "undefined") {
      members.delete(name);
      continue;
    }
    const member = evaluate(checker, value, bounds);
    if ("problem" in member) return member;
    members.set(name, member.value);
  }
  return { value: Object.fromEntries(members) };
}

function memberAt(whole: Json, key: Json): Json | undefined {
  if (isArray(whole)) return typeof key === "number" ? whole[key] : undefined;
  return isMap(whole) && typeof key === "string" && Object.hasOwn(whole, key) ? whole[key] : undefined;
}

function valueOf(property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  if (ts.isPropertyAssignment(property)) return property.initializer;
  return ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

function member(checker: ts.TypeChecker, node: ts.PropertyAccessExpression | ts.ElementAccessExpression, bounds: Bounds): Constant {
  // Literal types of enum members and of `as const` objects are told by the type alone, that of an unresolved module by nothing.
  const whole = evaluate(checker, node.expression, bounds);
  if ("problem" in whole) {
    const type = checker.getTypeAtLocation(node);
    return type.isStringLiteral() || type.isNumberLiteral()
      ? { value: type.value }
      : { problem: "is not known before the program runs", node };
  }
  const key = ts.isPropertyAccessExpression(node) ? { value: node.name.text } : evaluate(checker, node.argumentExpression, bounds);
  if ("problem" in key) return key;
  const found = memberAt(whole.value, key.value);
  return found === undefined ? { problem: "is not known before the program runs", node } : { value: found };
}
