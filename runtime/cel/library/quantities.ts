import type { Environment } from "@marcbachmann/cel-js";
import { compareQuantities, parseQuantity, type Quantity as Parsed } from "../../schema/quantity.ts";

/** A resource quantity, exact. */
class Quantity {
  readonly amount: Parsed;

  constructor(amount: Parsed) {
    this.amount = amount;
  }
}

/** Kubernetes' quantities: `quantity("1Gi").isGreaterThan(quantity("500Mi"))`. */
export function registerQuantities(environment: Environment): void {
  environment.registerType("kubernetes.Quantity", Quantity);
  const type = "kubernetes.Quantity";
  environment.registerFunction(`quantity(string): ${type}`, (text: string) => new Quantity(parseQuantity(text)));
  environment.registerFunction("isQuantity(string): bool", (text: string) => isQuantity(text));
  environment.registerFunction(
    `${type}.isGreaterThan(${type}): bool`,
    (a: Quantity, b: Quantity) => compareQuantities(a.amount, b.amount) > 0,
  );
  environment.registerFunction(
    `${type}.isLessThan(${type}): bool`,
    (a: Quantity, b: Quantity) => compareQuantities(a.amount, b.amount) < 0,
  );
  environment.registerFunction(`${type}.compareTo(${type}): int`, (a: Quantity, b: Quantity) =>
    BigInt(compareQuantities(a.amount, b.amount)),
  );
  environment.registerOperator(`${type} == ${type}`, (a: Quantity, b: Quantity) => compareQuantities(a.amount, b.amount) === 0);
  environment.registerFunction(`${type}.sign(): int`, ({ amount }: Quantity) => (amount.value > 0n ? 1n : amount.value < 0n ? -1n : 0n));
  environment.registerFunction(`${type}.isInteger(): bool`, ({ amount }: Quantity) => integerOf(amount) !== undefined);
  environment.registerFunction(`${type}.asInteger(): int`, ({ amount }: Quantity) => {
    const value = integerOf(amount);
    if (value === undefined || BigInt.asIntN(64, value) !== value) throw new Error("cannot convert value to integer");
    return value;
  });
  environment.registerFunction(
    `${type}.asApproximateFloat(): double`,
    ({ amount }: Quantity) => Number(amount.value) * 10 ** amount.exponent,
  );
  environment.registerFunction(`${type}.add(${type}): ${type}`, (a: Quantity, b: Quantity) => sum(a, b.amount));
  environment.registerFunction(`${type}.add(int): ${type}`, (a: Quantity, b: bigint) => sum(a, whole(b)));
  environment.registerFunction(`${type}.sub(${type}): ${type}`, (a: Quantity, { amount }: Quantity) =>
    sum(a, { ...amount, value: -amount.value }),
  );
  environment.registerFunction(`${type}.sub(int): ${type}`, (a: Quantity, b: bigint) => sum(a, whole(-b)));
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

function whole(value: bigint): Parsed {
  return { value, exponent: 0, format: "decimal" };
}

function integerOf({ value, exponent }: Parsed): bigint | undefined {
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  const unit = 10n ** BigInt(-exponent);
  return value % unit === 0n ? value / unit : undefined;
}

function sum({ amount }: Quantity, other: Parsed): Quantity {
  const exponent = Math.min(amount.exponent, other.exponent);
  const scaled = (each: Parsed) => each.value * 10n ** BigInt(each.exponent - exponent);
  return new Quantity({ value: scaled(amount) + scaled(other), exponent, format: amount.format });
}
