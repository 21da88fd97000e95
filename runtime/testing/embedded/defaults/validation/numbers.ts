/**
 * Numbers, percentages and quantities, with the server's messages.
 */
import type { FieldError, JsonValue } from "../../../../schema/index.ts";
import { invalidValue } from "../../../../schema/index.ts";
import { parseQuantity } from "../../../../schema/quantity.ts";
import type { Quantity } from "../../../../schema/quantity.ts";

/** A value that may be absent must not be negative. */
export function nonNegative(value: JsonValue | undefined, field: string): FieldError[] {
  return typeof value === "number" && value < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : [];
}

/** A whole number or a percentage. */
export function intOrPercent(value: JsonValue | undefined, field: string): FieldError[] {
  if (typeof value !== "string") return nonNegative(value, field);
  if (/^[0-9]+%$/.test(value)) return [];
  return [
    invalidValue(
      field,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ];
}

/** A percentage of at most 100. */
export function atMostAll(value: JsonValue | undefined, field: string): FieldError[] {
  const percent = typeof value === "string" && /^[0-9]+%$/.test(value) ? Number.parseInt(value, 10) : 0;
  return percent > 100 ? [invalidValue(field, value, "must not be greater than 100%")] : [];
}

/** The number, or the number before the percent sign. */
export function amount(value: JsonValue | undefined): number {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Number.parseInt(value, 10) || 0 : 0;
}

/** 1 to 65535. */
export function portNumber(value: JsonValue | undefined, field: string): FieldError[] {
  return typeof value === "number" && value >= 1 && value <= 65535
    ? []
    : [invalidValue(field, value ?? 0, "must be between 1 and 65535, inclusive")];
}

/** A quantity of an object that is decoded, and so canonical. */
export function quantity(value: JsonValue | undefined): Quantity {
  return parseQuantity(typeof value === "string" ? value : "0");
}
