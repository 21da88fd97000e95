import type { Environment } from "@marcbachmann/cel-js";

/** A version by Semantic Versioning 2.0.0. */
class Semver {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];

  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly string[]) {
    this.numbers = numbers;
    this.pre = pre;
  }
}

const TYPE = "kubernetes.Semver";

/** Kubernetes' `semver` library: `semver("1.2.3").isLessThan(semver("1.3.0"))`. */
export function registerSemver(environment: Environment): void {
  environment.registerType(TYPE, Semver);
  environment.registerFunction(`semver(string): ${TYPE}`, (text: string) => read(text));
  environment.registerFunction(`semver(string, bool): ${TYPE}`, (text: string, lenient: boolean) => read(lenient ? normal(text) : text));
  environment.registerFunction("isSemver(string): bool", (text: string) => parse(text) !== undefined);
  environment.registerFunction(
    "isSemver(string, bool): bool",
    (text: string, lenient: boolean) => parse(lenient ? normal(text) : text) !== undefined,
  );
  environment.registerFunction(`${TYPE}.major(): int`, ({ numbers }: Semver) => numbers[0]);
  environment.registerFunction(`${TYPE}.minor(): int`, ({ numbers }: Semver) => numbers[1]);
  environment.registerFunction(`${TYPE}.patch(): int`, ({ numbers }: Semver) => numbers[2]);
  environment.registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (left: Semver, right: Semver) => BigInt(compare(left, right)));
  environment.registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (left: Semver, right: Semver) => compare(left, right) < 0);
  environment.registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (left: Semver, right: Semver) => compare(left, right) > 0);
  environment.registerOperator(`${TYPE} == ${TYPE}`, (left: Semver, right: Semver) => compare(left, right) === 0);
}

function read(text: string): Semver {
  const version = parse(text);
  if (version === undefined) throw new Error(problemOf(text));
  return version;
}

function problemOf(text: string): string {
  if (text === "") return "Version string empty";
  const parts = [/^[^.]*/, /^[^.]*\.([^.]*)/, /^[^.]*\.[^.]*\.([^-+]*)/].map((pattern) => pattern.exec(text)?.at(-1));
  if (parts.includes(undefined)) return "No Major.Minor.Patch elements found";
  for (const [index, part = ""] of parts.entries()) {
    const name = ["major", "minor", "patch"][index] ?? "";
    if (!/^\d*$/.test(part)) return `Invalid character(s) found in ${name} number ${JSON.stringify(part)}`;
    if (/^0\d/.test(part))
      return `${name.replace(/^./, (letter) => letter.toUpperCase())} number must not contain leading zeroes ${JSON.stringify(part)}`;
  }
  return `invalid version ${JSON.stringify(text)}`;
}

function parse(text: string): Semver | undefined {
  const number = String.raw`(0|[1-9]\d*)`;
  const part = String.raw`(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`;
  const pattern = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${part}(?:\\.${part})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`);
  const [, major, minor, patch, pre] = pattern.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  return new Semver([BigInt(major), BigInt(minor), BigInt(patch)], pre?.split(".") ?? []);
}

/** Without the `v`, with the numbers that lack, and without zeros before numbers. */
function normal(text: string): string {
  const [, core = "", rest = ""] = /^v?([^-+]*)(.*)$/.exec(text) ?? [];
  const numbers = core.split(".").map((number) => number.replace(/^0+(?=\d)/, ""));
  if (numbers.length < 3 && rest !== "") return text;
  while (numbers.length < 3) numbers.push("0");
  return numbers.join(".") + rest;
}

function compare(left: Semver, right: Semver): number {
  for (const index of [0, 1, 2] as const) {
    const order = sign(left.numbers[index], right.numbers[index]);
    if (order !== 0) return order;
  }
  // What comes before a version is less than the version.
  if (left.pre.length === 0 || right.pre.length === 0) return sign(right.pre.length, left.pre.length);
  for (const [index, part] of left.pre.entries()) {
    const other = right.pre[index];
    if (other === undefined) return 1;
    const order = comparePart(part, other);
    if (order !== 0) return order;
  }
  return sign(left.pre.length, right.pre.length);
}

function comparePart(left: string, right: string): number {
  const isNumber = (part: string) => /^\d+$/.test(part);
  if (isNumber(left) && isNumber(right)) return sign(BigInt(left), BigInt(right));
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? -1 : 1;
  return sign(left, right);
}

function sign<T extends bigint | number | string>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
