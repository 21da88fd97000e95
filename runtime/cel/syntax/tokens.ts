import type { Issue } from "./nodes.ts";

export type TokenKind = "operator" | "int" | "uint" | "double" | "string" | "bytes" | "ident" | "escaped" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const ESCAPE = String.raw`\\[abfnrtv"'\\?\x60]|\\[0-3][0-7]{2}|\\[xX][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}`;
const STRING = [
  String.raw`[rR]"""[\s\S]*?"""`,
  String.raw`[rR]'''[\s\S]*?'''`,
  String.raw`"""(?:${ESCAPE}|[^\\])*?"""`,
  String.raw`'''(?:${ESCAPE}|[^\\])*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"(?:${ESCAPE}|[^\\"\n\r])*"`,
  String.raw`'(?:${ESCAPE}|[^\\'\n\r])*'`,
].join("|");

/** In the order in which they win where several match equally much. */
const KINDS: readonly (readonly [TokenKind, RegExp])[] = [
  ["double", /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ["uint", /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ["int", /(?:0x[0-9a-fA-F]+|\d+)/y],
  ["bytes", new RegExp(`[bB](?:${STRING})`, "y")],
  ["string", new RegExp(`(?:${STRING})`, "y")],
  ["ident", /[A-Za-z_]\w*/y],
  ["escaped", /`[\w.\-/ ]+`/y],
  ["operator", /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
];
const BLANK = /(?:[\t \r\n\f]+|\/\/[^\n]*)/y;

/** The tokens of an expression, the last one its end; what is no token is left out and reported. */
export function tokens(text: string): { readonly tokens: Token[]; readonly issues: Issue[] } {
  const found: Token[] = [];
  const issues: Issue[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = match(BLANK, text, at);
    if (blank !== "") {
      at += blank.length;
      continue;
    }
    const [kind, matched] = longest(text, at);
    if (matched !== "") {
      // `in` and the literal words are no identifiers.
      found.push({ kind: kind === "ident" && WORDS.has(matched) ? "operator" : kind, text: matched, at });
      at += matched.length;
      continue;
    }
    const wrong = unrecognized(text, at);
    issues.push({ at, message: `Syntax error: token recognition error at: '${wrong}'` });
    at += wrong.length;
  }
  found.push({ kind: "end", text: "<EOF>", at: text.length });
  return { tokens: found, issues };
}

const WORDS: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);

function longest(text: string, at: number): [TokenKind, string] {
  let best: [TokenKind, string] = ["end", ""];
  for (const [kind, pattern] of KINDS) {
    const found = match(pattern, text, at);
    if (found.length > best[1].length) best = [kind, found];
  }
  return best;
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** As much as the server's lexer reads before it gives up: an unclosed string up to where it breaks, half an operator and what follows it. */
function unrecognized(text: string, at: number): string {
  const rest = text.slice(at);
  const open = new RegExp(`^[rRbB]{0,2}(["'])(?:${ESCAPE}|(?!\\1)[^\\\\\\n\\r])*(?:\\\\?[\\s\\S])?`).exec(rest)?.[0];
  if (open !== undefined) return open;
  const [first = ""] = rest;
  return "=&|".includes(first) ? Array.from(rest).slice(0, 2).join("") : first;
}
