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

/** `digits` × 10^`ten` */
interface Exact {
  digits: bigint;
  ten: number;
}

function exactly(quantity: string | number): Exact | undefined {
  const match = QUANTITY.exec(String(quantity));
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0", suffix = ""] = match;
  if (whole + fraction === "" || Math.abs(Number(exponent)) > LARGEST_EXPONENT) return undefined;
  const { ten = 0, two = 0 } = SUFFIXES[suffix] ?? {};
  const digits = BigInt(whole + fraction) << BigInt(two);
  return { digits: sign === "-" ? -digits : digits, ten: ten + Number(exponent) - fraction.length };
}

function scaled({ digits, ten }: Exact, to: number): bigint {
  return digits * 10n ** BigInt(ten - to);
}
