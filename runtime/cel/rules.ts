import {
  correlate,
  duplicate,
  forbidden,
  invalidValue,
  isObject,
  required,
  stringAt,
  type Correlation,
  type FieldError,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
} from "../schema/index.ts";
import { celEnvironment, compile, type Program } from "./environment.ts";
import { celValue } from "./values.ts";

interface Rule {
  readonly text: string;
  readonly message: string;
  readonly reason: string;
  readonly fieldPath: string;
  /** It is about a change: not checked where there is no old value. */
  readonly isTransition: boolean;
  readonly optionalOldSelf: boolean;
  readonly program: Program | Error;
  readonly messageProgram: Program | undefined;
}

const compiled = new WeakMap<JsonSchema, readonly Rule[]>();
const ruled = new WeakMap<JsonSchema, boolean>();

/** Errors after which rules could not even be evaluated. */
const BLOCKING: ReadonlySet<string> = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/** Adds to the errors of a schema what its rules (`x-kubernetes-validations`) say, unless the object is too wrong to ask them. */
export function withRuleErrors(errors: readonly FieldError[], schema: JsonSchema, object: JsonObject, old?: JsonObject): FieldError[] {
  if (!usesRules(schema)) return [...errors];
  if (errors.some(({ type }) => BLOCKING.has(type))) {
    const why = "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    return [...errors, invalidValue("<nil>", null, why)];
  }
  return [...errors, ...ruleErrors(schema, object, old)];
}

/** What the rules of a schema say against an object; with `old` it is an update, and what did not change is tolerated. */
function ruleErrors(schema: JsonSchema, object: JsonObject, old?: JsonObject): FieldError[] {
  if (!usesRules(schema)) return [];
  return check(schema, object, old === undefined ? undefined : correlate(schema, object, old), "", true);
}

/** True when there is a rule somewhere in a schema. */
function usesRules(schema: JsonSchema): boolean {
  let known = ruled.get(schema);
  if (known === undefined) {
    known = (schema["x-kubernetes-validations"] ?? []).length > 0 || children(schema).some(usesRules);
    ruled.set(schema, known);
  }
  return known;
}

function children(schema: JsonSchema): JsonSchema[] {
  const additional = typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
  return [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : []), ...additional];
}

function check(schema: JsonSchema, value: JsonValue, old: Correlation | undefined, path: string, isRoot: boolean): FieldError[] {
  if (!usesRules(schema) || value === null) return [];
  const errors = rulesOf(schema).flatMap((rule) => judge(rule, schema, value, old, path, isRoot));
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) value.forEach((item, index) => errors.push(...check(items, item, old?.index(index), `${path}[${index}]`, false)));
  } else if (isObject(value)) {
    const additional = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    for (const [name, item] of Object.entries(value)) {
      const property = schema.properties?.[name];
      const child = property ?? additional;
      if (child === undefined || item === undefined) continue;
      const place = property === undefined ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
      errors.push(...check(child, item, old?.key(name), place, false));
    }
  }
  return errors;
}

function judge(
  rule: Rule,
  schema: JsonSchema,
  value: JsonValue,
  old: Correlation | undefined,
  path: string,
  isRoot: boolean,
): FieldError[] {
  if (rule.isTransition && !rule.optionalOldSelf && old === undefined) return [];
  if (!rule.isTransition && old?.unchanged() === true) return [];
  const before = old === undefined ? undefined : celValue(old.old, schema, isRoot);
  const oldSelf = rule.optionalOldSelf ? optional(before) : before;
  const variables = { self: celValue(value, schema, isRoot), ...(oldSelf === undefined ? {} : { oldSelf }) };
  // A rule that fails shows scalars, one that cannot be evaluated the type of the value.
  const shown = schema["x-kubernetes-int-or-string"] === true ? "" : (schema.type ?? "");
  const wrong = (field: string, detail: string) =>
    typeof value === "object" ? omittedValue(field, detail) : invalidValue(field, value, detail);
  if (rule.program instanceof Error) return [wrong(path, `rule compile error: ${rule.program.message}`)];
  let outcome: unknown;
  try {
    outcome = rule.program.evaluate(variables);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const about = rule.message === "" ? rule.text : rule.message;
    if (why.startsWith("no such overload")) {
      const detail = `'${why}': call arguments did not match a supported operator, function or macro signature for rule: ${about}`;
      return [invalidValue(path, shown, detail)];
    }
    return [invalidValue(path, shown, `${why} evaluating rule: ${about}`)];
  }
  if (outcome === true) return [];
  const detail = messageOf(rule, variables);
  return [errorOf(rule.reason, `${path}${rule.fieldPath}`.replace(/^\./, "") || "<nil>", value, detail, wrong)];
}

function messageOf({ message, messageProgram, text }: Rule, variables: Readonly<Record<string, unknown>>): string {
  const fixed = message === "" ? `failed rule: ${text}` : message;
  if (messageProgram === undefined) return fixed;
  try {
    const made = messageProgram.evaluate(variables);
    // As the server does: anything unfit to be a message is as none.
    return typeof made === "string" && made.trim() !== "" && !made.includes("\n") ? made.trim() : fixed;
  } catch {
    return fixed;
  }
}

function omittedValue(field: string, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, message: `Invalid value: ${detail}` };
}

function errorOf(
  reason: string,
  field: string,
  value: JsonValue,
  detail: string,
  wrong: (field: string, detail: string) => FieldError,
): FieldError {
  switch (reason) {
    case "FieldValueForbidden":
      return forbidden(field, detail);
    case "FieldValueRequired":
      return required(field, detail);
    case "FieldValueDuplicate":
      return duplicate(field, value);
    default:
      return wrong(field, detail);
  }
}

let environment: ReturnType<typeof celEnvironment> | undefined;
let makeOptional: Program | undefined;
let noOptional: Program | undefined;

function optional(value: unknown): unknown {
  if (value === undefined) return (noOptional ??= compile(celEnvironment(), "optional.none()")).evaluate({});
  return (makeOptional ??= compile(celEnvironment("value"), "optional.of(value)")).evaluate({ value });
}

function rulesOf(schema: JsonSchema): readonly Rule[] {
  let rules = compiled.get(schema);
  if (rules === undefined) {
    rules = (schema["x-kubernetes-validations"] ?? []).filter(isObject).map(readRule);
    compiled.set(schema, rules);
  }
  return rules;
}

function readRule(rule: JsonObject): Rule {
  const text = (stringAt(rule, "rule") ?? "").trim();
  const messageExpression = (stringAt(rule, "messageExpression") ?? "").trim();
  environment ??= celEnvironment("self", "oldSelf");
  const program = tryCompile(text);
  const messageProgram = messageExpression === "" ? undefined : tryCompile(messageExpression);
  return {
    text,
    message: (stringAt(rule, "message") ?? "").trim(),
    reason: stringAt(rule, "reason") ?? "FieldValueInvalid",
    fieldPath: (stringAt(rule, "fieldPath") ?? "").replaceAll(/\['([^']*)'\]/g, "[$1]"),
    isTransition: /\boldSelf\b/.test(text),
    optionalOldSelf: rule["optionalOldSelf"] === true,
    program,
    messageProgram: messageProgram instanceof Error ? undefined : messageProgram,
  };
}

/** Rules are compiled when a definition is created, which refuses those that do not compile; one that slips through fails at use. */
function tryCompile(expression: string): Program | Error {
  environment ??= celEnvironment("self", "oldSelf");
  try {
    return compile(environment, expression);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
