/** A size or a cost: the least and the most that it can be. Numbers are unsigned and of 64 bits; what would be more is the greatest. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

export const UNLIMITED = 2n ** 64n - 1n;
export const UNKNOWN: Range = { min: 0n, max: UNLIMITED };
export const ZERO: Range = { min: 0n, max: 0n };
/** The greatest minimum and the least maximum: what a union starts from. */
export const EMPTY: Range = { min: UNLIMITED, max: 0n };

const limited = (value: bigint): bigint => (value > UNLIMITED ? UNLIMITED : value);

export function fixed(value: bigint | number): Range {
  return { min: BigInt(value), max: BigInt(value) };
}

export function add(...ranges: readonly Range[]): Range {
  return ranges.reduce((sum, { min, max }) => ({ min: limited(sum.min + min), max: limited(sum.max + max) }), ZERO);
}

export function multiply(left: Range, right: Range): Range {
  return { min: limited(left.min * right.min), max: limited(left.max * right.max) };
}

export function union(left: Range, right: Range): Range {
  return { min: left.min < right.min ? left.min : right.min, max: left.max > right.max ? left.max : right.max };
}

/** Times a cost for each unit, rounded up. */
export function scale({ min, max }: Range, factor: number): Range {
  return { min: scaleOne(min, factor), max: scaleOne(max, factor) };
}

function scaleOne(value: bigint, factor: number): bigint {
  // In floating point, as the server does: it decides how large values round.
  const product = Math.ceil(Number(value) * factor);
  return product >= 2 ** 64 ? UNLIMITED : BigInt(product);
}
