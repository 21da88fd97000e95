import { expandMacro } from "./macros.ts";
import { stringValue, bytesValue } from "./strings.ts";
import type { Call, Entry, Field, Issue, Node } from "./nodes.ts";
import { tokens, type Token } from "./tokens.ts";

/** An expression read, and what is wrong with how it is written. The tree is of use only when there is no issue. */
export interface Parsed {
  readonly root: Node;
  readonly issues: readonly Issue[];
}

/**
 * Reads an expression in the API server's grammar. Where a syntax error leaves no way to go on it stops.
 *
 * @param macros expanded into the loops that they are, or kept as calls
 */
export function parse(text: string, macros: "expanded" | "kept" = "expanded"): Parsed {
  const { tokens: read, issues } = tokens(text);
  const parser = new Parser(read, issues, macros === "expanded");
  return { root: parser.whole(), issues };
}

/** Identifiers that are kept for languages that CEL is embedded in. */
const RESERVED: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const RELATIONS: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!=", "in"]);
const OPERANDS = "'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER";
const OPERANDS_OR_CLOSE = OPERANDS.replace("'(', ", "'(', ')', ");

class Stop extends Error {}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  readonly #expands: boolean;
  #next = 0;

  constructor(read: readonly Token[], issues: Issue[], expands: boolean) {
    this.#tokens = read;
    this.#issues = issues;
    this.#expands = expands;
  }

  whole(): Node {
    const nothing: Node = { kind: "literal", type: "null", value: null, at: 0 };
    try {
      const root = this.#expression();
      const rest = this.#peek();
      if (rest.kind !== "end") this.#unexpected(rest, "<EOF>", this.#peek(1).kind === "end" ? "extraneous" : "mismatched");
      return root;
    } catch (error) {
      if (error instanceof Stop) return nothing;
      throw error;
    }
  }

  #expression(): Node {
    const condition = this.#logical("||", "_||_", () => this.#logical("&&", "_&&_", () => this.#relation()));
    const mark = this.#peek();
    if (!this.#take("?")) return condition;
    const yes = this.#logical("||", "_||_", () => this.#logical("&&", "_&&_", () => this.#relation()));
    this.#expect(":", "':'");
    return this.#call("_?_:_", mark.at, [condition, yes, this.#expression()]);
  }

  /** A chain of `&&` or `||` becomes a balanced tree. */
  #logical(operator: string, name: string, term: () => Node): Node {
    const first = term();
    const terms = [first];
    const places: number[] = [];
    for (let mark = this.#peek(); this.#take(operator); mark = this.#peek()) {
      places.push(mark.at);
      terms.push(term());
    }
    const at = (index: number) => terms[index] ?? first;
    const balanced = (low: number, high: number): Node => {
      const middle = Math.floor((low + high + 1) / 2);
      const left = middle === low ? at(middle) : balanced(low, middle - 1);
      const right = middle === high ? at(middle + 1) : balanced(middle + 1, high);
      return { kind: "call", name, args: [left, right], at: places[middle] ?? 0 };
    };
    return places.length === 0 ? at(0) : balanced(0, places.length - 1);
  }

  #relation(): Node {
    let left = this.#sum();
    for (let mark = this.#peek(); mark.kind === "operator" && RELATIONS.has(mark.text); mark = this.#peek()) {
      this.#next++;
      left = this.#call(mark.text === "in" ? "@in" : `_${mark.text}_`, mark.at, [left, this.#sum()]);
    }
    return left;
  }

  #sum(): Node {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/", "%"], () => this.#unary()));
  }

  #chain(operators: readonly string[], term: () => Node): Node {
    let left = term();
    for (let mark = this.#peek(); mark.kind === "operator" && operators.includes(mark.text); mark = this.#peek()) {
      this.#next++;
      left = this.#call(`_${mark.text}_`, mark.at, [left, term()]);
    }
    return left;
  }

  #unary(): Node {
    const mark = this.#peek();
    const operator = mark.text;
    if (mark.kind !== "operator" || (operator !== "!" && operator !== "-")) return this.#member(this.#primary());
    const literal = operator === "-" && ["int", "double"].includes(this.#peek(1).kind);
    if (literal) return this.#member(this.#primary());
    let count = 0;
    while (this.#take(operator)) count++;
    const end = this.#peek();
    if (end.kind === "end" && operator === "!") this.#unexpected(end, `{${OPERANDS}}`, "extraneous");
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : this.#call(`${operator}_`, mark.at, [operand]);
  }

  #member(start: Node): Node {
    let node = start;
    for (;;) {
      const mark = this.#peek();
      if (this.#take(".")) node = this.#selection(node, mark);
      else if (this.#take("[")) {
        const optional = this.#take("?");
        const index = this.#expression();
        this.#expect("]", "']'");
        node = this.#call(optional ? "_[?_]" : "_[_]", mark.at, [node, index]);
      } else return node;
    }
  }

  #selection(operand: Node, dot: Token): Node {
    const optional = this.#take("?");
    const name = this.#peek();
    if (name.kind !== "ident" && name.kind !== "escaped") return this.#withoutName(operand, name, optional);
    this.#next++;
    if (name.kind === "escaped") this.#issues.push({ at: name.at, message: "unsupported syntax: '`'" });
    if (optional) {
      const field: Node = { kind: "literal", type: "string", value: name.text, at: name.at };
      return { kind: "call", name: "_?._", args: [operand, field], at: dot.at };
    }
    const open = this.#peek();
    if (name.kind === "ident" && this.#take("(")) return this.#expanded({ ...this.#called(name.text, open.at), target: operand });
    const select: Node = { kind: "select", operand, field: name.text, test: false, at: dot.at };
    return open.text === "{" && open.kind === "operator" ? this.#message(select, operand) : select;
  }

  /** After a dot comes no name: that is told, and the expression read on at the next operator. */
  #withoutName(operand: Node, { text, kind, at }: Token, optional: boolean): Node {
    const shown = kind === "end" ? "" : text;
    if (optional) {
      this.#issues.push({ at, message: `Syntax error: mismatched input '${text}' expecting {IDENTIFIER, ESC_IDENTIFIER}` });
      this.#issues.push({ at, message: "unsupported ident kind" });
    } else if (["true", "false", "null"].includes(text))
      this.#issues.push({ at, message: `Syntax error: mismatched input '${text}' expecting IDENTIFIER` });
    else this.#issues.push({ at, message: `Syntax error: no viable alternative at input '.${shown}'` });
    while (!this.#fitsAfter("", this.#peek())) this.#next++;
    return operand;
  }

  #primary(): Node {
    const token = this.#peek();
    switch (token.kind) {
      case "int":
      case "uint":
      case "double":
        this.#next++;
        return this.#number(token, "");
      case "string":
      case "bytes":
        this.#next++;
        return this.#text(token);
      case "ident":
        this.#next++;
        return this.#name(token, "");
      default:
        return this.#other(token);
    }
  }

  #other(token: Token): Node {
    const following = this.#peek(1);
    if (token.kind === "operator") {
      this.#next++;
      switch (token.text) {
        case "true":
        case "false":
          return { kind: "literal", type: "bool", value: token.text === "true", at: token.at };
        case "null":
          return { kind: "literal", type: "null", value: null, at: token.at };
        case "(": {
          const inner = this.#expression();
          this.#expect(")", "')'");
          return inner;
        }
        case "[":
          return this.#list(token.at);
        case "{":
          return { kind: "map", entries: this.#entries(), at: token.at };
        case "-":
          if (following.kind === "int" || following.kind === "double") {
            this.#next++;
            return this.#number(following, "-", token.at);
          }
          break;
        case ".":
          if (following.kind === "ident") {
            this.#next++;
            return this.#name(following, ".", token.at);
          }
          break;
      }
      this.#next--;
    }
    if (token.kind === "end" || !startsOperand(following)) return this.#unexpected(token, `{${OPERANDS}}`, "mismatched");
    // One token too many is told and read over.
    this.#issues.push({ at: token.at, message: `Syntax error: extraneous input '${token.text}' expecting {${OPERANDS}}` });
    this.#next++;
    return this.#primary();
  }

  #name(token: Token, dot: string, at = token.at): Node {
    const open = this.#peek();
    if (RESERVED.has(token.text)) {
      this.#issues.push({ at, message: `reserved identifier: ${token.text}` });
      // Read on as a name, so that what follows is read at all.
    }
    if (this.#take("(")) return this.#expanded(this.#called(`${dot}${token.text}`, open.at));
    const name: Node = { kind: "ident", name: `${dot}${token.text}`, at: token.at };
    return open.kind === "operator" && open.text === "{" ? this.#message(name) : name;
  }

  #called(name: string, at: number): Call {
    if (this.#take(")")) return { kind: "call", name, args: [], at };
    const end = this.#peek();
    if (end.kind === "end") this.#unexpected(end, `{${OPERANDS_OR_CLOSE}}`, "mismatched");
    const args = [this.#expression()];
    while (this.#take(",")) args.push(this.#expression());
    this.#expect(")", "')'");
    return { kind: "call", name, args, at };
  }

  #list(at: number): Node {
    const elements: Node[] = [];
    const optional = new Set<number>();
    while (!this.#at("]") && !(this.#at(",") && this.#peek(1).text === "]")) {
      if (this.#take("?")) optional.add(elements.length);
      elements.push(this.#expression());
      if (!this.#take(",")) break;
      if (this.#at(",")) this.#unexpected(this.#peek(), "']'", "mismatched");
    }
    this.#take(",");
    this.#expect("]", "{']', ','}");
    return { kind: "list", elements, optional, at };
  }

  #entries(): Entry[] {
    const entries: Entry[] = [];
    while (!this.#at("}")) {
      const optional = this.#take("?");
      const key = this.#expression();
      const { at } = this.#peek();
      this.#expect(":", "':'");
      entries.push({ key, value: this.#expression(), optional, at });
      if (!this.#take(",")) break;
    }
    this.#expect("}", "{'}', ','}");
    return entries;
  }

  #message(name: Node, operand: Node = name): Node {
    const { at } = this.#peek();
    const type = nameOf(name);
    if (type === undefined || operand.kind === "call") return name;
    this.#next++;
    const fields: Field[] = [];
    while (!this.#at("}")) {
      const optional = this.#take("?");
      const field = this.#peek();
      if (field.kind !== "ident") this.#unexpected(field, "{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}", "mismatched");
      this.#next++;
      const colon = this.#peek();
      this.#expect(":", "':'");
      fields.push({ name: field.text, value: this.#expression(), optional, at: colon.at });
      if (!this.#take(",")) break;
    }
    this.#expect("}", "{'}', ','}");
    return { kind: "message", type, fields, at };
  }

  #number({ kind, text, at }: Token, sign: string, start = at): Node {
    if (kind === "double") return { kind: "literal", type: "double", value: Number(`${sign}${text}`), at: start };
    const digits = BigInt(kind === "uint" ? text.slice(0, -1) : text);
    const value = sign === "-" ? -digits : digits;
    const type = kind === "uint" ? "uint" : "int";
    const inRange = type === "uint" ? BigInt.asUintN(64, value) === value : BigInt.asIntN(64, value) === value;
    if (!inRange) this.#issues.push({ at: start, message: `invalid ${type} literal` });
    return { kind: "literal", type, value, at: start };
  }

  #text({ kind, text, at }: Token): Node {
    if (kind === "bytes" && /^b(?:"|')(?:[^\\]|\\[^uU])*\\[uU]/i.test(text))
      this.#issues.push({ at, message: "unable to unescape string" });
    if (kind === "bytes") return { kind: "literal", type: "bytes", value: bytesValue(text.slice(1)), at };
    return { kind: "literal", type: "string", value: stringValue(text), at };
  }

  #call(name: string, at: number, args: readonly Node[]): Node {
    return { kind: "call", name, args, at };
  }

  #expanded(call: Call): Node {
    const expansion = this.#expands ? expandMacro(call) : undefined;
    if (expansion === undefined) return call;
    if (!("issue" in expansion)) return expansion;
    this.#issues.push(expansion.issue);
    return call;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] ?? { kind: "end", text: "<EOF>", at: 0 };
  }

  #at(operator: string): boolean {
    const { kind, text } = this.#peek();
    return kind === "operator" && text === operator;
  }

  #take(operator: string): boolean {
    const there = this.#at(operator);
    if (there) this.#next++;
    return there;
  }

  /** Takes an operator. A token too many before it, or its lack where what follows fits, is told and read over. */
  #expect(operator: string, wanted: string): void {
    if (this.#take(operator)) return;
    const found = this.#peek();
    const following = this.#peek(1);
    if (following.kind === "operator" && following.text === operator) {
      this.#issues.push({ at: found.at, message: `Syntax error: extraneous input '${found.text}' expecting ${wanted}` });
      this.#next += 2;
    } else if (!wanted.startsWith("{") && this.#fitsAfter(operator, found)) {
      this.#issues.push({ at: found.at, message: `Syntax error: missing ${wanted} at '${found.text}'` });
    } else this.#unexpected(found, wanted, "mismatched");
  }

  /** Whether a token can stand behind an operator: an operand behind a colon, the end or another operator behind a bracket. */
  #fitsAfter(operator: string, { kind, text }: Token): boolean {
    if (operator === ":") return startsOperand({ kind, text });
    return kind === "end" || (kind === "operator" && BEHIND_OPERAND.has(text));
  }

  #unexpected(found: Token, wanted: string, how: "extraneous" | "mismatched"): never {
    this.#fail(found.at, `Syntax error: ${how} input '${found.text}' expecting ${wanted}`);
  }

  #fail(at: number, message: string): never {
    this.#issues.push({ at, message });
    throw new Stop();
  }
}

const BEHIND_OPERAND: ReadonlySet<string> = new Set(". [ + - * / % < <= > >= == != in && || ?".split(" "));
const STARTS: ReadonlySet<string> = new Set("true false null ( [ { - ! .".split(" "));

function startsOperand({ kind, text }: Pick<Token, "kind" | "text">): boolean {
  return kind === "operator" ? STARTS.has(text) : kind !== "end" && kind !== "escaped";
}

function nameOf(node: Node): string | undefined {
  if (node.kind === "ident") return node.name;
  if (node.kind !== "select") return undefined;
  const prefix = nameOf(node.operand);
  return prefix === undefined ? undefined : `${prefix}.${node.field}`;
}
