/**
 * Validation of a JSON value against a schema, in the API server's words and order. A schema is compiled to one closure per node;
 * what makes it long-winded is that the server counts matched checks to choose which branch of an `anyOf` it blames, so the counts
 * are part of the behaviour.
 */
import type { FieldError } from "./fielderrors.ts";
import { forbiddenProperty, kindOf, messages } from "./violations.ts";
import type { Violation } from "./violations.ts";
import { formatTest } from "./formats.ts";
import type { JsonArray, JsonObject, JsonValue } from "./json.ts";
import { equalJson, isObject } from "./json.ts";
import type { JsonSchema, ResolveRef } from "./jsonschema.ts";
import type { Correlation } from "./ratcheting.ts";
import { compilePattern } from "./pattern.ts";
import { goQuote } from "./gotext.ts";

/** What is found so far: violations without repetition, and the number of checks that were made. */
export class Findings {
  readonly violations: Violation[] = [];
  matches = 0;

  add(violation: Violation): void {
    if (this.violations.some((known) => known.text === violation.text)) return;
    this.violations.push(violation);
  }

  merge(other: Findings): void {
    for (const violation of other.violations) this.add(violation);
    this.matches += other.matches;
  }

  get valid(): boolean {
    return this.violations.length === 0;
  }
}

/** One compiled schema node: appends to `findings`. `old` correlates the value with the stored one on updates. */
export type Check = (value: JsonValue, path: string, findings: Findings, old: Correlation | undefined) => void;

const checks = new WeakMap<JsonSchema, Check>();

/** The check of a schema, compiled at its first use and cached on the schema object. */
export function compileCheck(schema: JsonSchema, resolve?: ResolveRef): Check {
  let check = checks.get(schema);
  if (!check) {
    check = buildCheck(schema, resolve);
    checks.set(schema, check);
  }
  return check;
}

/** Compiles on first use, so that recursive schemas (`$ref`) end. */
function lazily(schema: JsonSchema, resolve: ResolveRef | undefined): Check {
  let check: Check | undefined;
  return (value, path, findings, old) => {
    check ??= compileCheck(schema, resolve);
    check(value, path, findings, old);
  };
}

function buildCheck(schema: JsonSchema, resolve: ResolveRef | undefined): Check {
  if (schema.$ref !== undefined) {
    const target = resolve?.(schema.$ref);
    if (!target) throw new Error(`The schema has a reference that nothing resolves: ${schema.$ref}`);
    return lazily(target, resolve);
  }
  const type = typeCheck(schema);
  const combined = combinations(schema, resolve);
  const text = stringCheck(schema);
  const format = formatTest(schema.format);
  const number = numberCheck(schema);
  const array = arrayCheck(schema, resolve);
  const choice = enumCheck(schema);
  const object = objectCheck(schema, resolve);

  function check(value: JsonValue, path: string, findings: Findings, old: Correlation | undefined): void {
    if (value === null) {
      type?.(value, path, findings, old);
      choice?.(value, path, findings, old);
      return;
    }
    if (type) {
      type(value, path, findings, old);
      findings.matches++;
    }
    combined?.(value, path, findings, old);
    findings.matches += 2;
    if (typeof value === "string") {
      text?.(value, path, findings);
      findings.matches++;
      if (format) {
        if (!format(value)) findings.add(messages.type(path, schema.format ?? "", value));
        findings.matches++;
      }
    } else if (typeof value === "number") {
      number?.(value, path, findings);
      findings.matches += 2;
    } else if (Array.isArray(value)) {
      array(value, path, findings, old);
      findings.matches += 2;
    }
    choice?.(value, path, findings, old);
    findings.matches++;
    if (isObject(value)) {
      object(value, path, findings, old);
      findings.matches++;
    }
    findings.matches++;
  }
  return (value, path, findings, old) => {
    if (!old) {
      check(value, path, findings, old);
      return;
    }
    const own = new Findings();
    check(value, path, own, old);
    if (own.valid || !old.unchanged()) findings.merge(own);
    else findings.matches += own.matches;
  };
}

/** The types that the schema allows, as the server sees them: int-or-string is a type of its own. */
function allowedTypes(schema: JsonSchema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"] === true) return ["integer", "string"];
  return schema.type === undefined || schema.type === "" ? [] : [schema.type];
}

function typeCheck(schema: JsonSchema): Check | undefined {
  const types = allowedTypes(schema);
  const format = formatTest(schema.format) ? (schema.format ?? "") : "";
  if (types.length === 0 && format === "") return undefined;
  const wanted = types.join(",");
  const numeric = types.includes("number") || types.includes("integer");
  return (value, path, findings) => {
    if (value === null) {
      if (types.length > 0 && schema.nullable !== true) findings.add(messages.type(path, wanted, "null"));
      else findings.matches++;
      return;
    }
    const kind = kindOf(value);
    const fits = types.includes(kind) || (kind === "integer" && types.includes("number"));
    const textual = kind === "string" || kind === "array";
    if (!textual && format !== "" && !fits) {
      findings.add(messages.type(path, format, kind === "integer" ? "int64" : kind === "number" ? "float64" : ""));
    } else if (!numeric && format !== "" && textual) {
      findings.matches++;
    } else if (!fits) {
      findings.add(messages.type(path, wanted, kind));
    } else {
      findings.matches++;
    }
  };
}

function combinations(schema: JsonSchema, resolve: ResolveRef | undefined): Check | undefined {
  const anyOf = schema.anyOf?.map((branch) => lazily(branch, resolve)) ?? [];
  const oneOf = schema.oneOf?.map((branch) => lazily(branch, resolve)) ?? [];
  const allOf = schema.allOf?.map((branch) => lazily(branch, resolve)) ?? [];
  const not = schema.not && lazily(schema.not, resolve);
  if (anyOf.length + oneOf.length + allOf.length === 0 && !not) return undefined;
  return (value, path, findings, old) => {
    if (anyOf.length > 0) {
      const outcome = tryBranches(anyOf, value, path, old, true);
      if (outcome.valid === 0) findings.add(messages.plain(`${goQuote(path)} must validate at least one schema (anyOf)`));
      if (outcome.chosen) findings.merge(outcome.chosen);
    }
    if (oneOf.length > 0) {
      const outcome = tryBranches(oneOf, value, path, old, false);
      if (outcome.valid !== 1) {
        const found = outcome.valid === 0 ? "Found none valid" : `Found ${outcome.valid} valid alternatives`;
        findings.add(messages.plain(`${goQuote(path)} must validate one and only one schema (oneOf). ${found}`));
      }
      if (outcome.chosen) findings.merge(outcome.chosen);
    }
    if (allOf.length > 0) {
      let valid = 0;
      for (const branch of allOf) {
        const result = new Findings();
        branch(value, path, result, old);
        if (result.valid) valid++;
        findings.merge(result);
      }
      if (valid !== allOf.length) {
        findings.add(messages.plain(`${goQuote(path)} must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`));
      }
    }
    if (not) {
      const result = new Findings();
      not(value, path, result, old);
      if (result.valid) findings.add(messages.plain(`${goQuote(path)} must not validate the schema (not)`));
    }
  };
}

/** Runs branches; `chosen` is the first that holds, else the one that got furthest. */
function tryBranches(
  branches: readonly Check[],
  value: JsonValue,
  path: string,
  old: Correlation | undefined,
  stopAtFirst: boolean,
): { valid: number; chosen: Findings | undefined } {
  let valid = 0;
  let chosen: Findings | undefined;
  for (const branch of branches) {
    const result = new Findings();
    branch(value, path, result, old);
    if (result.valid) {
      if (valid === 0) chosen = result;
      valid++;
      if (stopAtFirst) break;
    } else if (valid === 0 && (!chosen || result.matches > chosen.matches)) {
      chosen = result;
    }
  }
  return { valid, chosen };
}

function stringCheck(schema: JsonSchema): ((value: string, path: string, findings: Findings) => void) | undefined {
  const { maxLength, minLength } = schema;
  const pattern = schema.pattern === undefined || schema.pattern === "" ? undefined : schema.pattern;
  if (maxLength === undefined && minLength === undefined && pattern === undefined) return undefined;
  const expression = pattern === undefined ? undefined : compilePattern(pattern);
  return (value, path, findings) => {
    if (maxLength !== undefined && value.length > maxLength && characters(value) > maxLength) {
      findings.add(messages.tooLong(path, maxLength));
    } else if (minLength !== undefined && characters(value) < minLength) {
      findings.add(messages.invalid(path, value, `should be at least ${minLength} chars long`));
    } else if (expression instanceof Error) {
      findings.add(messages.invalid(path, value, `should match '${pattern ?? ""}, but pattern is invalid: ${expression.message}'`));
    } else if (expression && !expression.test(value)) {
      findings.add(messages.invalid(path, value, `should match '${pattern ?? ""}'`));
    }
  };
}

/** Unicode code points, which is what the server counts. */
function characters(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
}

function numberCheck(schema: JsonSchema): ((value: number, path: string, findings: Findings) => void) | undefined {
  const { multipleOf, maximum, minimum } = schema;
  if (multipleOf === undefined && maximum === undefined && minimum === undefined) return undefined;
  return (value, path, findings) => {
    // The server compares whole numbers with whole limits: a limit of 5.5 counts as 5.
    const limit = kindOf(value) === "integer" ? Math.trunc : (bound: number) => bound;
    if (multipleOf !== undefined) {
      const factor = limit(multipleOf);
      if (factor <= 0) findings.add(messages.badFactor(path, factor));
      else if (!isMultiple(value, factor)) findings.add(messages.invalid(path, value, `should be a multiple of ${factor}`));
    }
    if (minimum !== undefined) {
      const bound = limit(minimum);
      const exclusive = schema.exclusiveMinimum === true;
      if (exclusive ? value <= bound : value < bound) {
        findings.add(messages.invalid(path, value, `should be greater than ${exclusive ? "" : "or equal to "}${messages.number(bound)}`));
      }
    }
    if (maximum !== undefined) {
      const bound = limit(maximum);
      const exclusive = schema.exclusiveMaximum === true;
      if (exclusive ? value >= bound : value > bound) {
        findings.add(messages.invalid(path, value, `should be less than ${exclusive ? "" : "or equal to "}${messages.number(bound)}`));
      }
    }
  };
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value)) return value % factor === 0;
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const whole = Math.round(quotient);
  return Math.abs(quotient - whole) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function enumCheck(schema: JsonSchema): Check | undefined {
  const values = schema.enum;
  if (!values || values.length === 0) return undefined;
  const scalars = new Set(values.filter((value) => typeof value !== "object"));
  return (value, path, findings) => {
    if (typeof value === "object" ? value !== null && values.some((known) => equalJson(known, value)) : scalars.has(value)) return;
    // The server makes the value one of the choice's type first, and so cuts off a fraction.
    if (typeof value === "number" && scalars.has(Math.trunc(value))) return;
    findings.add(messages.choice(path, value, values));
  };
}

function arrayCheck(
  schema: JsonSchema,
  resolve: ResolveRef | undefined,
): (value: JsonArray, path: string, findings: Findings, old: Correlation | undefined) => void {
  const item = schema.items && lazily(schema.items, resolve);
  const { minItems, maxItems } = schema;
  return (value, path, findings, old) => {
    if (item) {
      for (const [index, element] of value.entries()) item(element, `${path}[${index}]`, findings, old?.index(index));
    }
    if (minItems !== undefined && value.length < minItems) {
      findings.add(messages.invalid(path, value.length, `should have at least ${minItems} items`));
    }
    if (maxItems !== undefined && value.length > maxItems) findings.add(messages.tooMany(path, value.length, maxItems, "items"));
    if (schema.uniqueItems === true && value.some((element, index) => value.slice(0, index).some((other) => equalJson(other, element)))) {
      findings.add(messages.invalid(path, "", "shouldn't contain duplicates"));
    }
  };
}

function objectCheck(
  schema: JsonSchema,
  resolve: ResolveRef | undefined,
): (value: JsonObject, path: string, findings: Findings, old: Correlation | undefined) => void {
  const properties = new Map(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, lazily(property, resolve)]));
  const additional = isSchema(schema.additionalProperties) ? lazily(schema.additionalProperties, resolve) : undefined;
  const closed = schema.additionalProperties === false;
  const { minProperties, maxProperties, required } = schema;
  return (value, path, findings, old) => {
    if (minProperties !== undefined || maxProperties !== undefined) {
      const count = Object.keys(value).length;
      if (minProperties !== undefined && count < minProperties) {
        findings.add(messages.invalid(path, count, `should have at least ${minProperties} properties`));
      }
      if (maxProperties !== undefined && count > maxProperties) findings.add(messages.tooMany(path, count, maxProperties, "properties"));
    }
    if (closed || additional) {
      for (const key of Object.keys(value)) {
        if (properties.has(key)) continue;
        if (closed) findings.add(forbiddenProperty(path, key));
        else additional?.(value[key] ?? null, `${path}.${key}`, findings, old?.key(key));
      }
    }
    for (const [name, check] of properties) {
      const field = value[name];
      if (field === undefined) continue;
      check(
        field,
        path === "" ? name : `${path}.${name}`,
        findings,
        path === "" && (name === "kind" || name === "apiVersion") ? undefined : old?.key(name),
      );
    }
    if (required) {
      for (const name of required) {
        if (value[name] === undefined) findings.add(messages.required(`${path}.${name}`));
      }
    }
  };
}

function isSchema(value: JsonSchema | boolean | undefined): value is JsonSchema {
  return typeof value === "object";
}

/** The server's field errors of what was found; `base` is the path of the value validated, `""` for a whole object. */
export function fieldErrors(findings: Findings, base: string): FieldError[] {
  return findings.violations.map((violation) => violation.at(base));
}
