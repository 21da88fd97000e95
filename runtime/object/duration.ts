/** Milliseconds as a number, or a Go duration such as `"30s"`, `"1h30m"`, `"250ms"`. */
export type DurationLike = number | string;

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Converts a duration to milliseconds.
 *
 * @throws TypeError when the text is no Go duration, or the number is negative or not finite.
 */
export function milliseconds(duration: DurationLike): number {
  if (typeof duration === "number") {
    if (!Number.isFinite(duration) || duration < 0) throw new TypeError(`${duration} is not a duration in milliseconds`);
    return duration;
  }
  if (duration === "0") return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(duration)) {
    throw new TypeError(`"${duration}" is not a duration; write it like "30s", "1h30m" or "250ms"`);
  }
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  return total;
}
