import { badRequest } from "../errors.ts";
import { objectAt, type JsonObject } from "../../../schema/index.ts";
import { qualifiedNameErrors, labelValueErrors } from "./names.ts";

/** A test of an object's labels. */
export type LabelTest = (labels: JsonObject | undefined) => boolean;

interface Token {
  readonly kind: "word" | "symbol" | "end";
  readonly text: string;
}

const TOKEN = /\s*(?:(?<symbol>==|!=|=|!|,|\(|\)|<|>)|(?<word>[^\s=!,()<>]+))/y;

/** Reads the text of the `labelSelector` parameter. Throws StatusFailure 400 with the server's words. */
export function parseLabelSelector(text: string): LabelTest | undefined {
  if (text.trim() === "") return undefined;
  const tests = new Parser(text).requirements();
  return tests.length === 1 ? tests[0] : (labels) => tests.every((test) => test(labels));
}

/** The test of an object by its labels; without a selector everything passes. */
export function labelsOf(object: JsonObject): JsonObject | undefined {
  return objectAt(object, "metadata", "labels");
}

/** `key`, `!key`, `key = value`, `key in (a, b)` and so on, separated by commas. */
class Parser {
  readonly #tokens: Token[] = [];
  #next = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match?.groups; match = TOKEN.exec(text)) {
      const { symbol, word } = match.groups;
      this.#tokens.push(symbol === undefined ? { kind: "word", text: word ?? "" } : { kind: "symbol", text: symbol });
    }
  }

  requirements(): LabelTest[] {
    const tests: LabelTest[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "end") return tests;
      if (token.kind === "symbol" && token.text !== "!")
        throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      tests.push(this.#requirement());
      const after = this.#take();
      if (after.kind === "end") return tests;
      if (after.text !== ",") throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.kind === "end" || (following.kind === "symbol" && following.text !== "!")) {
        throw badRequest(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): LabelTest {
    const negated = this.#peek().text === "!" && this.#peek().kind === "symbol";
    if (negated) this.#take();
    const key = this.#take();
    if (key.kind !== "word") throw fail(`found '${key.text}', expected: identifier`);
    checkKey(key.text);
    const name = key.text;
    const operator = this.#peek();
    if (negated || operator.kind === "end" || operator.text === ",") {
      return negated ? (labels) => labels?.[name] === undefined : (labels) => labels?.[name] !== undefined;
    }
    this.#take();
    switch (operator.text) {
      case "in":
      case "notin": {
        const values = this.#values(name);
        return operator.text === "in"
          ? (labels) => values.has(labels?.[name] as string | undefined)
          : (labels) => labels?.[name] === undefined || !values.has(labels[name] as string);
      }
      case "=":
      case "==": {
        const value = this.#value(name);
        return (labels) => labels?.[name] === value;
      }
      case "!=": {
        const value = this.#value(name);
        return (labels) => labels?.[name] !== value;
      }
      case "<":
      case ">": {
        const bound = this.#value(name);
        if (!/^[+-]?\d+$/.test(bound)) {
          throw fail(`values[0]: Invalid value: "${bound}": for 'Gt', 'Lt' operators, the value must be an integer`);
        }
        return (labels) => {
          const actual = labels?.[name];
          if (typeof actual !== "string" || !/^[+-]?\d+$/.test(actual)) return false;
          return operator.text === "<" ? Number(actual) < Number(bound) : Number(actual) > Number(bound);
        };
      }
      default:
        throw fail(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  /** A single value; nothing at all is the empty value. */
  #value(key: string): string {
    const token = this.#peek();
    if (token.kind === "end" || token.text === ",") return "";
    if (token.kind !== "word") throw fail(`found '${token.text}', expected: identifier`);
    this.#take();
    checkValue(key, token.text, 0);
    return token.text;
  }

  #values(key: string): Set<string | undefined> {
    const open = this.#take();
    if (open.text !== "(") throw fail(`found '${open.text}' expected: '('`);
    const values = new Set<string | undefined>();
    for (let expectsValue = true; ;) {
      const token = this.#take();
      if (token.kind === "word") {
        checkValue(key, token.text, values.size);
        values.add(token.text);
        expectsValue = false;
      } else if (token.text === ",") {
        if (expectsValue) values.add("");
        expectsValue = true;
      } else if (token.text === ")") {
        if (expectsValue) values.add("");
        return values;
      } else {
        throw fail(`found '${token.text}', expected: ',', ')' or identifier`);
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "" };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}

function checkKey(key: string): void {
  const errors = qualifiedNameErrors(key);
  if (errors.length > 0) throw fail(`<nil>: Invalid value: ${JSON.stringify(key)}: ${errors.join("; ")}`);
}

function checkValue(key: string, value: string, index: number): void {
  const errors = labelValueErrors(value);
  if (errors.length > 0) throw fail(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${errors.join("; ")}`);
}

function fail(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}
