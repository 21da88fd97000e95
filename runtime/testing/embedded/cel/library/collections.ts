import type { Environment } from "@marcbachmann/cel-js";
import { sameValue } from "./equality.ts";

class Sets {}
class MathFunctions {}

/** cel-go's `sets` extension. */
export function registerSets(environment: Environment): void {
  environment.registerType("sets_namespace", Sets);
  environment.registerConstant("sets", "sets_namespace", new Sets());
  const contains = (list: unknown[], other: unknown[]) => other.every((wanted) => list.some((item) => sameValue(item, wanted)));
  environment.registerFunction("sets_namespace.contains(list, list): bool", (_: Sets, list: unknown[], other: unknown[]) =>
    contains(list, other),
  );
  environment.registerFunction(
    "sets_namespace.equivalent(list, list): bool",
    (_: Sets, list: unknown[], other: unknown[]) => contains(list, other) && contains(other, list),
  );
  environment.registerFunction("sets_namespace.intersects(list, list): bool", (_: Sets, list: unknown[], other: unknown[]) =>
    list.some((item) => other.some((wanted) => sameValue(item, wanted))),
  );
}

/** The common part of cel-go's `math` extension. */
export function registerMath(environment: Environment): void {
  environment.registerType("math_namespace", MathFunctions);
  environment.registerConstant("math", "math_namespace", new MathFunctions());
  type Amount = bigint | number;
  const pick = (left: Amount, right: Amount, greatest: boolean) => (left > right === greatest ? left : right);
  for (const [name, greatest] of [
    ["greatest", true],
    ["least", false],
  ] as const) {
    environment.registerFunction(`math_namespace.${name}(dyn, dyn): dyn`, (_: MathFunctions, left: Amount, right: Amount) =>
      pick(left, right, greatest),
    );
    environment.registerFunction(`math_namespace.${name}(list): dyn`, (_: MathFunctions, list: Amount[]) => {
      if (list.length === 0) throw new Error(`math.@${greatest ? "max" : "min"}(list) argument must not be empty`);
      return list.reduce((best, item) => pick(best, item, greatest));
    });
  }
  environment.registerFunction("math_namespace.abs(dyn): dyn", (_: MathFunctions, value: Amount) => (value < 0 ? -value : value));
  environment.registerFunction("math_namespace.ceil(double): double", (_: MathFunctions, value: number) => Math.ceil(value));
  environment.registerFunction("math_namespace.floor(double): double", (_: MathFunctions, value: number) => Math.floor(value));
}
