import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import { registerLists } from "./library/lists.ts";
import { registerMath, registerSets } from "./library/collections.ts";
import { registerNetwork } from "./library/network.ts";
import { registerQuantities } from "./library/quantities.ts";
import { registerStrings } from "./library/strings.ts";
import { registerFormats } from "./library/formats.ts";
import { registerEntries } from "./library/entries.ts";
import { registerUrls } from "./library/urls.ts";
import { registerSemver } from "./library/semver.ts";
import { inEngineWords } from "./inwords.ts";

let base: Environment | undefined;

/** An environment with the functions of Kubernetes and these variables, all of type dyn. */
export function celEnvironment(...variables: readonly string[]): Environment {
  base ??= library();
  const environment = base.clone();
  for (const name of variables) environment.registerVariable(name, "dyn");
  return environment;
}

function library(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  registerStrings(environment);
  registerLists(environment);
  registerSets(environment);
  registerMath(environment);
  registerQuantities(environment);
  registerNetwork(environment);
  registerUrls(environment);
  registerFormats(environment);
  registerEntries(environment);
  registerSemver(environment);
  return environment;
}

/** A compiled expression. */
export interface Program {
  /** Throws an Error with the words that cel-go has for what went wrong. */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

/** Compiles an expression. Throws an Error in cel-go's form when it does not parse or its types do not fit. */
export function compile(environment: Environment, expression: string): Program {
  let parsed;
  try {
    parsed = environment.parse(inEngineWords(expression));
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new Error("the expression is invalid");
  } catch (error) {
    throw new Error(compileErrorText(expression, error), { cause: error });
  }
  return {
    evaluate(variables) {
      try {
        return parsed({ ...variables }) as unknown;
      } catch (error) {
        throw new Error(evaluationErrorText(error), { cause: error });
      }
    },
  };
}

/** cel-go's text: the message, the line, and an arrow below the place. */
function compileErrorText(expression: string, error: unknown): string {
  const known = error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError ? error : undefined;
  const start = known?.range?.start ?? 0;
  const before = expression.slice(0, start).split("\n");
  const line = before.length;
  const column = (before.at(-1) ?? "").length;
  const text = expression.split("\n")[line - 1] ?? "";
  return `compilation failed: ERROR: <input>:${line}:${column + 1}: ${compileSummary(known)}\n | ${text}\n | ${".".repeat(column)}^`;
}

function compileSummary(error: ParseError | CelTypeError | EvaluationError | undefined): string {
  const summary = error?.summary ?? "invalid expression";
  const unknown = /^Unknown variable: (.*)$/.exec(summary)?.[1];
  if (unknown !== undefined) return `undeclared reference to '${unknown}' (in container '')`;
  return error instanceof ParseError ? `Syntax error: ${summary}` : summary;
}

function evaluationErrorText(error: unknown): string {
  if (!(error instanceof EvaluationError)) return error instanceof Error ? error.message : String(error);
  switch (error.code) {
    case "no_such_key":
      return error.summary.replace(/^No such key/, "no such key");
    case "index_out_of_bounds":
      return error.summary.replace(/^.*index (-?\d+).*$/, "index out of bounds: $1");
    case "no_such_overload":
    case "no_matching_overload":
      return "no such overload";
    case "optional_value_missing":
      return "optional.none() dereference";
    default:
      return conversionText(error.summary);
  }
}

/** What cel-go says of a text that is nothing of the kind. */
function conversionText(summary: string): string {
  const conversion = (type: string): string => `type conversion error from 'string' to '${type}'`;
  if (summary.startsWith("Invalid duration string")) return conversion("google.protobuf.Duration");
  if (/^timestamp\(\) /.test(summary)) return conversion("google.protobuf.Timestamp");
  const [, type] = /^(int|uint|double|bool)\(\) (?:type error: cannot convert|conversion error)/.exec(summary) ?? [];
  if (type !== undefined) return conversion(type);
  return summary
    .replace(/^modulo by zero/, "modulus by zero")
    .replace(/^Unsigned/, "unsigned")
    .replace(/^((?:unsigned )?integer overflow).*/, "$1");
}
