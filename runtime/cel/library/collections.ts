import type { Environment } from "@marcbachmann/cel-js";
import { sameValue } from "./equality.ts";

/** What `sets` is in an expression: a value whose only use is its functions. */
class Sets {
  readonly name = "sets";
}

/** The same for `math`. */
class MathFunctions {
  readonly name = "math";
}

/** cel-go's `sets` extension. */
export function registerSets(environment: Environment): void {
  environment.registerType("kubernetes.Sets", Sets);
  environment.registerConstant("sets", "kubernetes.Sets", new Sets());
  const contains = (list: unknown[], other: unknown[]) => other.every((wanted) => list.some((item) => sameValue(item, wanted)));
  environment.registerFunction("kubernetes.Sets.contains(list, list): bool", (_: Sets, list: unknown[], other: unknown[]) =>
    contains(list, other),
  );
  environment.registerFunction(
    "kubernetes.Sets.equivalent(list, list): bool",
    (_: Sets, list: unknown[], other: unknown[]) => contains(list, other) && contains(other, list),
  );
  environment.registerFunction("kubernetes.Sets.intersects(list, list): bool", (_: Sets, list: unknown[], other: unknown[]) =>
    list.some((item) => other.some((wanted) => sameValue(item, wanted))),
  );
}

/** The common part of cel-go's `math` extension. */
export function registerMath(environment: Environment): void {
  environment.registerType("kubernetes.Math", MathFunctions);
  environment.registerConstant("math", "kubernetes.Math", new MathFunctions());
  type Amount = bigint | number;
  const pick = (left: Amount, right: Amount, greatest: boolean) => (left > right === greatest ? left : right);
  for (const [name, greatest] of [
    ["greatest", true],
    ["least", false],
  ] as const) {
    environment.registerFunction(`kubernetes.Math.${name}(dyn, dyn): dyn`, (_: MathFunctions, left: Amount, right: Amount) =>
      pick(left, right, greatest),
    );
    environment.registerFunction(`kubernetes.Math.${name}(list): dyn`, (_: MathFunctions, list: Amount[]) => {
      if (list.length === 0) throw new Error(`math.@${greatest ? "max" : "min"}(list) argument must not be empty`);
      return list.reduce((best, item) => pick(best, item, greatest));
    });
  }
  environment.registerFunction("kubernetes.Math.abs(dyn): dyn", (_: MathFunctions, value: Amount) => (value < 0 ? -value : value));
  environment.registerFunction("kubernetes.Math.ceil(double): double", (_: MathFunctions, value: number) => Math.ceil(value));
  environment.registerFunction("kubernetes.Math.floor(double): double", (_: MathFunctions, value: number) => Math.floor(value));
}
