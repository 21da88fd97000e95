/**
 * Label selectors: whether they are valid, and what they select.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { goValue, arrayAt, forbidden, invalidValue, objectAt, required } from "../../../../schema/index.ts";
import { each, text } from "../builtin/fields.ts";
import { labelErrors } from "../../../../schema/index.ts";
import { labelValue, qualifiedName } from "../../../../schema/index.ts";

/** Errors of a selector that is there. */
export function labelSelectorErrors(selector: JsonObject, field: string): FieldError[] {
  const errors = labelErrors(objectAt(selector, "matchLabels"), `${field}.matchLabels`);
  for (const [index, requirement] of each(selector, "matchExpressions").entries()) {
    errors.push(...requirementErrors(requirement, `${field}.matchExpressions[${index}]`));
  }
  return errors;
}

function requirementErrors(requirement: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const operator = text(requirement, "operator");
  const values = arrayAt(requirement, "values");
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else {
    errors.push(invalidValue(`${field}.operator`, operator, "not a valid selector operator"));
  }
  const key = text(requirement, "key");
  for (const message of qualifiedName(key)) errors.push(invalidValue(`${field}.key`, key, message));
  for (const [index, value] of values.entries()) {
    for (const message of labelValue(goValue(value))) errors.push(invalidValue(`${field}.values[${index}]`, value, message));
  }
  return errors;
}

/** True for a selector that says nothing. */
export function selectsAll(selector: JsonObject): boolean {
  return Object.keys(objectAt(selector, "matchLabels") ?? {}).length + arrayAt(selector, "matchExpressions").length === 0;
}

/** True when labels satisfy a valid selector. */
export function selects(selector: JsonObject, labels: JsonObject): boolean {
  const matched = Object.entries(objectAt(selector, "matchLabels") ?? {}).every(([key, value]) => labels[key] === value);
  return (
    matched &&
    each(selector, "matchExpressions").every((requirement) => {
      const value = labels[text(requirement, "key")];
      const values = arrayAt(requirement, "values");
      switch (requirement["operator"]) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}
