/**
 * Resource quantities as Go's `resource.Quantity` reads and writes them: canonical, which is what the server stores.
 */

/** A quantity: `value` × 10^`exponent`, and the family of suffixes it was written with. */
export interface Quantity {
  readonly value: bigint;
  readonly exponent: number;
  readonly format: "decimal" | "binary" | "scientific";
}

const decimalSuffixes = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Why a text is no quantity, in the server's words. */
export const notAQuantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Reads a quantity; `undefined` when it is none. */
export function parseQuantity(text: string): Quantity | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*)([+-]?\d*)$/.exec(text);
  if (!parts) return undefined;
  const [, sign = "", whole = "", fraction = "", letters = "", digits = ""] = parts;
  if (whole === "" && fraction === "") return undefined;
  const mantissa = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const scientific = (letters === "e" || letters === "E") && digits !== "";
  if (scientific) return rounded({ value: mantissa, exponent: Number(digits) - fraction.length, format: "scientific" });
  if (digits !== "") return undefined;
  const binary = letters === "" ? -1 : binarySuffixes.indexOf(letters);
  if (binary > 0) return rounded({ value: mantissa * 1024n ** BigInt(binary), exponent: -fraction.length, format: "binary" });
  const exponent = decimalSuffixes.get(letters);
  return exponent === undefined ? undefined : rounded({ value: mantissa, exponent: exponent - fraction.length, format: "decimal" });
}

/** Nothing is finer than 10^-9: the rest is rounded away from zero. */
function rounded(quantity: Quantity): Quantity {
  if (quantity.exponent >= -9) return quantity;
  const divisor = 10n ** BigInt(-9 - quantity.exponent);
  const rest = quantity.value % divisor;
  const value = quantity.value / divisor + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
  return { ...quantity, value, exponent: -9 };
}

/** The quantity as the server writes it: `1000m` is `1`, `1024Mi` is `1Gi`, `0.5` is `500m`. */
export function canonicalQuantity(text: string): string | undefined {
  const quantity = parseQuantity(text);
  return quantity && formatQuantity(quantity);
}

function formatQuantity({ value, exponent, format }: Quantity): string {
  if (value === 0n) return "0";
  const [units, scale] = withoutZeros(value, exponent);
  if (format === "binary" && scale >= 0) {
    let amount = units * 10n ** BigInt(scale);
    if (amount >= 1024n || amount <= -1024n) {
      let power = 0;
      while (amount % 1024n === 0n && power < binarySuffixes.length - 1) {
        amount /= 1024n;
        power++;
      }
      return `${amount}${binarySuffixes[power] ?? ""}`;
    }
  }
  // The largest power of a thousand that leaves a whole number.
  let power = Math.floor(scale / 3) * 3;
  const amount = units * 10n ** BigInt(scale - power);
  if (format === "scientific") return power === 0 ? String(amount) : `${amount}e${power}`;
  const suffix = [...decimalSuffixes].find(([, known]) => known === power)?.[0];
  if (suffix !== undefined) return `${amount}${suffix}`;
  power = Math.min(power, 18);
  return `${units * 10n ** BigInt(scale - power)}E`;
}

function withoutZeros(value: bigint, exponent: number): [bigint, number] {
  let [units, scale] = [value, exponent];
  while (units % 10n === 0n) {
    units /= 10n;
    scale++;
  }
  return [units, scale];
}

/** Compares two quantities: negative when `left` is less. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  const exponent = Math.min(left.exponent, right.exponent);
  const a = left.value * 10n ** BigInt(left.exponent - exponent);
  const b = right.value * 10n ** BigInt(right.exponent - exponent);
  return a < b ? -1 : a > b ? 1 : 0;
}
