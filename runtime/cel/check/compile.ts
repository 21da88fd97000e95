import { parse } from "../syntax/parser.ts";
import type { Issue, Node } from "../syntax/nodes.ts";
import { checkTypes, type Checked, type Scope } from "./checker.ts";
import { literalIssues } from "./literals.ts";

/** An expression whose types are right. */
export interface Compiled {
  readonly root: Node;
  readonly checked: Checked;
}

/** Reads and checks an expression. What is wrong is told as the API server tells it: each error with its line and an arrow below the place. */
export function compileTyped(expression: string, scope: Scope): Compiled | { readonly error: string } {
  const { root, issues } = parse(expression);
  if (issues.length > 0) return { error: issuesText(expression, issues) };
  const checked = checkTypes(root, scope);
  if (checked.issues.length > 0) return { error: issuesText(expression, checked.issues) };
  const literal = literalIssues(root, checked);
  return literal.length > 0 ? { error: issuesText(expression, literal) } : { root, checked };
}

/** More than so many are not told. */
const MOST_ISSUES = 100;

function issuesText(expression: string, issues: readonly Issue[]): string {
  const sorted = issues.toSorted((left, right) => left.at - right.at);
  const shown = sorted.slice(0, MOST_ISSUES).map((issue) => issueText(expression, issue));
  if (issues.length > MOST_ISSUES) shown.push(`${issues.length - MOST_ISSUES} more errors were truncated`);
  return shown.join("\n");
}

function issueText(expression: string, { at, message }: Issue): string {
  const before = expression.slice(0, at).split("\n");
  const lead = Array.from(before.at(-1) ?? "");
  const line = expression.split("\n")[before.length - 1] ?? "";
  const wide = (letter: string | undefined) => letter !== undefined && letter > "\x7f";
  const pointed = Array.from(line)[lead.length];
  const arrow = `${lead.map((letter) => (wide(letter) ? "．" : ".")).join("")}${wide(pointed) ? "＾" : "^"}`;
  const place = `ERROR: <input>:${before.length}:${lead.length + 1}: ${message}`;
  return `${place}\n | ${line.replaceAll("\t", " ")}\n | ${arrow}`;
}
