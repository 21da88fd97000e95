import { Optional } from "@marcbachmann/cel-js";

/** `'%s of %d'.format([a, b])`, as version 2 of cel-go's strings has it. */
export function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replaceAll(/%(?:%|(?:\.(\d+))?([sdfexXob]))/g, (match, digits: string | undefined, verb: string | undefined) => {
    if (match === "%%") return "%";
    if (next >= values.length) throw new Error(`index ${next} out of range`);
    const value = values[next++];
    const precision = digits === undefined ? 6 : Number(digits);
    switch (verb) {
      case "d":
        return whole(value).toString();
      case "f":
        return Number(value).toFixed(precision);
      case "e":
        return scientific(Number(value), precision);
      case "x":
        return hex(value);
      case "X":
        return hex(value).toUpperCase();
      case "o":
        return whole(value).toString(8);
      case "b":
        return typeof value === "boolean" ? String(Number(value)) : whole(value).toString(2);
      default:
        return shown(value, false);
    }
  });
}

function whole(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "object" && value !== null) {
    const inner: unknown = value.valueOf();
    if (typeof inner === "bigint") return inner;
  }
  throw new Error("error during formatting: decimal clause can only be used on integers");
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function scientific(value: number, precision: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential(precision).split("e");
  const digits = exponent.replace(/^[+-]/, "").padStart(2, "0");
  return `${mantissa}×10${exponent.startsWith("-") ? "⁻" : ""}${Array.from(digits, (digit) => SUPERSCRIPTS[Number(digit)] ?? "").join("")}`;
}

function hex(value: unknown): string {
  if (value instanceof Uint8Array || typeof value === "string") return Buffer.from(value).toString("hex");
  return whole(value).toString(16);
}

/** Texts inside of lists and maps stand in quotes. */
function shown(value: unknown, inside: boolean): string {
  if (typeof value === "string") return inside ? JSON.stringify(value) : value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (Array.isArray(value)) return `[${value.map((item) => shown(item, true)).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Date) return timeText(value);
  if (value instanceof Optional) return value.hasValue() ? `optional(${shown(value.value(), true)})` : "optional.none()";
  if (isDuration(value)) return durationText(value);
  if (Object.getPrototypeOf(value) !== Object.prototype && !(value instanceof Map)) return typeText(value);
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return `{${entries
    .map(([key, item]) => `${shown(key, true)}:${shown(item, true)}`)
    .sort()
    .join(", ")}}`;
}

function typeText(value: object): string {
  const written: { toString(): string } = value;
  const text = written.toString();
  return /^Type<(.*)>$/.exec(text)?.[1] ?? text;
}

interface Duration {
  readonly seconds: bigint;
  readonly nanos: number;
}

function isDuration(value: object): value is Duration {
  return "seconds" in value && "nanos" in value && typeof value.seconds === "bigint";
}

/** A duration in seconds: `5400s`, `1.5s`. */
export function durationText({ seconds, nanos }: Duration): string {
  const all = seconds * 1_000_000_000n + BigInt(nanos);
  const size = all < 0n ? -all : all;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  return `${all < 0n ? "-" : ""}${size / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}s`;
}

/** A time without the zeros at its end: `2020-01-01T00:00:00.5Z`. */
export function timeText(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, "Z");
}
