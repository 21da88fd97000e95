import { isObject, type JsonValue } from "../../../schema/index.ts";

/** Finds what a JSONPath names in a value, in order. */
export type JsonPath = (root: JsonValue) => JsonValue[];

type Step = (values: readonly JsonValue[]) => JsonValue[];

const compiled = new Map<string, JsonPath>();

/**
 * Compiles a path as printer columns and selectable fields have it (kubectl's JSONPath without templates): `.spec.size`,
 * `.metadata.labels['app']`, `.status.conditions[?(@.type=="Ready")].status`, `[0]`, `[-1:]`, `[*]`, `..name`.
 *
 * @throws SyntaxError when it is none.
 */
export function compileJsonPath(text: string): JsonPath {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const steps = parse(text.trim().replace(/^\{(.*)\}$/s, "$1"));
  const path: JsonPath = (root) => steps.reduce<readonly JsonValue[]>((values, step) => step(values), [root]) as JsonValue[];
  compiled.set(text, path);
  return path;
}

function parse(text: string): Step[] {
  const steps: Step[] = [];
  let at = 0;
  if (text.startsWith("$")) at = 1;
  while (at < text.length) {
    const rest = text.slice(at);
    const dotted = /^(\.\.?)((?:\\.|[^.[\]\\])+|\*)?/.exec(rest);
    if (rest.startsWith("[")) {
      const end = closing(text, at);
      steps.push(bracket(text.slice(at + 1, end)));
      at = end + 1;
    } else if (dotted) {
      const [all, dots, name] = dotted;
      if (dots === "..") steps.push(descend);
      if (name !== undefined) steps.push(name === "*" ? children : field(name.replaceAll(/\\(.)/g, "$1")));
      at += all.length;
    } else {
      const bare = /^[^.[\]]+/.exec(rest)?.[0];
      if (bare === undefined) throw new SyntaxError(`unexpected ${rest} in JSONPath ${text}`);
      steps.push(field(bare));
      at += bare.length;
    }
  }
  return steps;
}

/** Index of the bracket that closes the one at `start`; quotes hide brackets. */
function closing(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let index = start; index < text.length; index++) {
    const character = text[index] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "[") depth++;
    else if (character === "]" && --depth === 0) return index;
  }
  throw new SyntaxError(`unterminated array in JSONPath ${text}`);
}

function bracket(inside: string): Step {
  const text = inside.trim();
  if (text === "*") return children;
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return field(quoted[2] ?? "");
  const filter = /^\?\((.*)\)$/s.exec(text);
  if (filter) return filtered(filter[1] ?? "");
  const slice = /^(-?\d+)?(:)?(-?\d+)?(?::(\d+))?$/.exec(text);
  if (!slice || text === "") throw new SyntaxError(`invalid array index ${inside} in JSONPath`);
  const [, from, colon, to, step] = slice;
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      if (colon === undefined) {
        const found = value.at(Number(from));
        return found === undefined ? [] : [found];
      }
      const part = value.slice(from === undefined ? 0 : Number(from), to === undefined ? undefined : Number(to));
      return step === undefined ? part : part.filter((_, index) => index % Number(step) === 0);
    });
}

function field(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      const found = isObject(value) ? value[name] : undefined;
      return found === undefined ? [] : [found];
    });
}

const children: Step = (values) =>
  values.flatMap((value) =>
    Array.isArray(value) ? value : isObject(value) ? Object.values(value).filter((each) => each !== undefined) : [],
  );

const descend: Step = (values) => values.flatMap((value) => [value, ...descend(children([value]))]);

function filtered(expression: string): Step {
  const match = /^(.*?)(==|!=|<=|>=|<|>)(.*)$/s.exec(expression);
  if (!match) {
    const operand = operandOf(expression);
    return (values) => elements(values).filter((element) => operand(element).length > 0);
  }
  const [, left = "", operator = "", right = ""] = match;
  const leftOf = operandOf(left);
  const rightOf = operandOf(right);
  return (values) => elements(values).filter((element) => compare(leftOf(element)[0], operator, rightOf(element)[0]));
}

function elements(values: readonly JsonValue[]): JsonValue[] {
  return values.flatMap((value) => (Array.isArray(value) ? value : []));
}

function operandOf(text: string): JsonPath {
  const trimmed = text.trim();
  if (trimmed.startsWith("@")) return compileJsonPath(trimmed.slice(1));
  const quoted = /^(['"])(.*)\1$/s.exec(trimmed);
  const value: JsonValue = quoted ? (quoted[2] ?? "") : (JSON.parse(trimmed) as JsonValue);
  return () => [value];
}

function compare(left: JsonValue | undefined, operator: string, right: JsonValue | undefined): boolean {
  if (left === undefined || right === undefined || left === null || right === null) return false;
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}
