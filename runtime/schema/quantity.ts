/**
 * Resource quantities as Go's `resource.Quantity` reads and writes them. What the server stores is canonical (`1024Mi` is `1Gi`, `0.5` is
 * `500m`), but for texts that are read the quick way, which it keeps as they are (`+5`, `1E3`).
 */

/** A quantity: `value` × 10^`exponent`, and the family of suffixes it was written with. */
export interface Quantity {
  readonly value: bigint;
  readonly exponent: number;
  readonly format: "decimal" | "binary" | "scientific";
  /** The text, where the server keeps it. */
  readonly kept?: string;
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
/** Nothing is finer. */
const finest = -9;
/** How many digits the quick way reads: what surely fits 64 bits. */
const quickDigits = 18;
const quickBinaryDigits = 14;

/** Thrown for texts that are no quantity, with the server's message. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

function notAQuantity(): QuantityError {
  return new QuantityError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

/** Reads a quantity. Throws {@link QuantityError}. */
export function parseQuantity(text: string): Quantity {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[+-]?\d*)$/.exec(text);
  if (!parts || text === "") throw notAQuantity();
  const [, sign = "", digits = "", fraction = "", suffix = ""] = parts;
  const whole = digits.replace(/^0+/, "") || "0";
  const { exponent, format } = readSuffix(suffix);
  const mantissa = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  if (format === "binary") {
    const quick = fraction === "" && whole.length <= quickBinaryDigits - Math.trunc((exponent * 3) / 10);
    const kept = quick && BigInt(whole) % 8n !== 0n;
    return rounded(
      { value: mantissa * 2n ** BigInt(exponent), exponent: -fraction.length, format, ...(kept ? { kept: text } : {}) },
      finest,
    );
  }
  const scale = exponent - fraction.length;
  const shifted = `${whole}${fraction}`;
  const quick = shifted.length <= quickDigits && scale >= finest;
  const kept = quick && scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0");
  return rounded({ value: mantissa, exponent: scale, format, ...(kept ? { kept: text } : {}) }, finest);
}

function readSuffix(suffix: string): { exponent: number; format: Quantity["format"] } {
  const decimal = decimalSuffixes.get(suffix);
  if (decimal !== undefined) return { exponent: decimal, format: "decimal" };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { exponent: binary * 10, format: "binary" };
  if (/^[eE][+-]?\d+$/.test(suffix)) return { exponent: Number(suffix.slice(1)), format: "scientific" };
  throw new QuantityError("unable to parse quantity's suffix");
}

/** Rounds away from zero what is finer than 10^`exponent`. */
function rounded(quantity: Quantity, exponent: number): Quantity {
  if (quantity.exponent >= exponent) return quantity;
  const divisor = 10n ** BigInt(exponent - quantity.exponent);
  const rest = quantity.value % divisor;
  const value = quantity.value / divisor + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
  return { value, exponent, format: quantity.format };
}

/** The quantity as the server writes it. `milli`: what is finer than a thousandth is rounded up (resource lists). Throws {@link QuantityError}. */
export function canonicalQuantity(text: string, milli: boolean): string {
  const quantity = parseQuantity(text);
  const result = milli ? rounded(quantity, -3) : quantity;
  return result.kept ?? formatQuantity(result);
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
  const power = Math.min(18, Math.floor(scale / 3) * 3);
  const amount = units * 10n ** BigInt(scale - power);
  if (format === "scientific") return power === 0 ? String(amount) : `${amount}e${power}`;
  const suffix = [...decimalSuffixes].find(([, known]) => known === power)?.[0] ?? "";
  return `${amount}${suffix}`;
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
