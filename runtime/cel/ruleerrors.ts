import { forbidden, invalidValue, notSupported, required, stringAt } from "../schema/index.ts";
import type { FieldError, JsonObject, JsonSchema } from "../schema/index.ts";
import { isFieldPath } from "./fieldpath.ts";

/** The most that a rule, times its cardinality, and a `messageExpression` may cost. */
export const RULE_COST_LIMIT = 10_000_000;
/** The most that all rules of a schema may cost. */
export const SCHEMA_COST_LIMIT = 100_000_000;

export function costErrors(field: string, what: string, cost: bigint): FieldError[] {
  return cost > BigInt(RULE_COST_LIMIT) ? [forbidden(field, overBudget(what, cost, RULE_COST_LIMIT))] : [];
}

export function overBudget(what: string, cost: bigint, limit: number): string {
  const factor = Number(cost) / limit;
  // Six digits close to the limit, that it does not read "by factor of 1.0x".
  const shown = factor > 100 ? "more than 100" : factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1);
  const advice =
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
  return `${what} exceeds budget by factor of ${shown}x ${advice}`;
}

const REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/** What is wrong with how a rule is written. */
export function shapeErrors(rule: JsonObject, schema: JsonSchema, path: string): FieldError[] {
  const text = (field: string) => stringAt(rule, field) ?? "";
  const errors: FieldError[] = [];
  const isBlank = (field: string) => text(field) !== "" && text(field).trim() === "";
  const hasBreaks = (value: string) => /[\n\r]/.test(value);
  if (text("rule").trim() === "") errors.push(required(`${path}.rule`, "rule is not specified"));
  else if (isBlank("message")) errors.push(invalidValue(`${path}.message`, text("message"), "must be non-empty if specified"));
  else if (hasBreaks(text("message").trim())) errors.push(invalidValue(`${path}.message`, text("message"), "must not contain line breaks"));
  else if (hasBreaks(text("rule").trim()) && text("message") === "")
    errors.push(required(`${path}.message`, "message must be specified if rule contains line breaks"));
  if (isBlank("messageExpression")) errors.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  const reason = stringAt(rule, "reason");
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, REASONS));
  const fieldPath = text("fieldPath");
  if (isBlank("fieldPath")) errors.push(invalidValue(`${path}.fieldPath`, fieldPath, "must be non-empty if specified"));
  if (hasBreaks(fieldPath)) errors.push(invalidValue(`${path}.fieldPath`, fieldPath, "must not contain line breaks"));
  if (fieldPath !== "" && !isFieldPath(fieldPath, schema))
    errors.push(invalidValue(`${path}.fieldPath`, fieldPath, "must be a valid path"));
  return errors;
}

/** A rule as the server shows it: its internal struct, escaped as Go escapes. */
export function ruleText(rule: JsonObject): string {
  const text = (field: string) => stringAt(rule, field) ?? "";
  const shown = {
    Rule: text("rule"),
    Message: text("message"),
    MessageExpression: text("messageExpression"),
    Reason: rule["reason"] ?? null,
    FieldPath: text("fieldPath"),
    OptionalOldSelf: rule["optionalOldSelf"] ?? null,
  };
  return JSON.stringify(shown).replaceAll(/[<>&\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
