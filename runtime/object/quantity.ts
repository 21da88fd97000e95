/** A decimal suffix as a power of ten, a binary one as a power of two. */
const SUFFIXES: Readonly<Record<string, { ten?: number; two?: number }>> = {
  n: { ten: -9 }, u: { ten: -6 }, m: { ten: -3 }, "": {}, k: { ten: 3 }, M: { ten: 6 }, G: { ten: 9 }, T: { ten: 12 }, P: { ten: 15 }, E: { ten: 18 },
  Ki: { two: 10 }, Mi: { two: 20 }, Gi: { two: 30 }, Ti: { two: 40 }, Pi: { two: 50 }, Ei: { two: 60 },
}; // prettier-ignore

const QUANTITY = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** Exponents beyond this are no amount of anything, and would only make long numbers. */
const LARGEST_EXPONENT = 100;

/** The value of a resource quantity such as `500m`, `1Gi` or `2e3`; `undefined` when the text is none. */
export function parseQuantity(quantity: string | number): number | undefined {
  const exact = exactly(quantity);
  return exact && Number(`${exact.digits}e${exact.ten}`);
}

/** True when two quantities are the same amount, however they are written (`1000m` and `1`). Exact, whatever their size. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  const [left, right] = [exactly(a), exactly(b)];
  if (left === undefined || right === undefined) return false;
  const ten = Math.min(left.ten, right.ten);
  return scaled(left, ten) === scaled(right, ten);
}

/**
 * Orders two quantities, however they are written: negative when `a` is less than `b`, 0 when they are the same amount. Exact, whatever their size.
 *
 * @example pods.toSorted((a, b) => compareQuantities(memoryOf(a), memoryOf(b)))
 * @throws TypeError when one of them is no quantity
 */
export function compareQuantities(a: string | number, b: string | number): number {
  const [left, right] = [required(a), required(b)];
  const ten = Math.min(left.ten, right.ten);
  const [first, second] = [scaled(left, ten), scaled(right, ten)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/**
 * The exact sum of quantities in canonical form, as `resource.Quantity` writes it: in the notation of the first that is not zero, without a
 * fraction, with the largest suffix that fits. `addQuantities("500m", "1")` is `1500m`, `addQuantities("1Gi", "512Mi")` is `1536Mi`.
 *
 * @throws TypeError when one of them is no quantity
 */
export function addQuantities(...quantities: readonly (string | number)[]): string {
  const terms = quantities.map(required).filter(({ digits }) => digits !== 0n);
  const ten = Math.min(0, ...terms.map((term) => term.ten));
  const digits = terms.reduce((sum, term) => sum + scaled(term, ten), 0n);
  return format({ digits, ten, notation: terms[0]?.notation ?? "decimal" });
}

type Notation = "decimal" | "binary" | "exponent";

/** `digits` × 10^`ten` */
interface Exact {
  digits: bigint;
  ten: number;
  notation: Notation;
}

function exactly(quantity: string | number): Exact | undefined {
  const match = QUANTITY.exec(String(quantity));
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", power, suffix = ""] = match;
  const exponent = power ?? "0";
  if (whole + fraction === "" || Math.abs(Number(exponent)) > LARGEST_EXPONENT) return undefined;
  const { ten = 0, two = 0 } = SUFFIXES[suffix] ?? {};
  const digits = BigInt(whole + fraction) << BigInt(two);
  const notation = power !== undefined ? "exponent" : two > 0 ? "binary" : "decimal";
  return { digits: sign === "-" ? -digits : digits, ten: ten + Number(exponent) - fraction.length, notation };
}

function scaled({ digits, ten }: Pick<Exact, "digits" | "ten">, to: number): bigint {
  return digits * 10n ** BigInt(ten - to);
}

function required(quantity: string | number): Exact {
  const exact = exactly(quantity);
  if (exact === undefined) throw new TypeError(`"${quantity}" is not a quantity; write it like "500m", "1Gi" or "2"`);
  return exact;
}

/** The canonical text. Binary suffixes are for whole amounts of 1024 and more. */
function format({ digits, ten, notation }: Exact): string {
  if (digits === 0n) return "0";
  let [units, scale] = [digits, ten];
  for (; units % 10n === 0n; scale++) units /= 10n;
  if (notation === "binary" && scale >= 0) {
    const amount = scaled({ digits: units, ten: scale }, 0);
    if (amount >= 1024n || amount <= -1024n) return withSuffix(amount, 1024n, ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);
  }
  // The largest power of a thousand that leaves a whole number.
  const power = notation === "exponent" ? Math.floor(scale / 3) * 3 : Math.max(-9, Math.min(18, Math.floor(scale / 3) * 3));
  const amount = scale >= power ? scaled({ digits: units, ten: scale }, power) : roundedUp(units, power - scale);
  if (notation === "exponent") return power === 0 ? String(amount) : `${amount}e${power}`;
  return `${amount}${Object.entries(SUFFIXES).find(([, each]) => each.two === undefined && (each.ten ?? 0) === power)?.[0] ?? ""}`;
}

function withSuffix(amount: bigint, base: bigint, suffixes: readonly string[]): string {
  let [units, power] = [amount, 0];
  for (; units % base === 0n && power < suffixes.length - 1; power++) units /= base;
  return `${units}${suffixes[power] ?? ""}`;
}

/** Away from zero: nothing is finer than a billionth. */
function roundedUp(digits: bigint, places: number): bigint {
  const divisor = 10n ** BigInt(places);
  const rest = digits % divisor;
  return digits / divisor + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
}
