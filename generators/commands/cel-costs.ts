import { ruleBudgets, type RuleBudget } from "@kubescaffold/runtime/validation/definition";
import { customResourceDefinition, hasRules, shortened } from "../emit/index.ts";
import type { Resource } from "../model/index.ts";
import { paint, type Console } from "./console.ts";

/** From this part of a limit on, a rule is told of without being asked for. */
const NEAR = 0.1;

/**
 * Says what the CEL rules of all kinds may cost, of what API servers let them cost: each rule when `all`, else those that come near a limit.
 * What is beyond a limit was refused before.
 */
export async function tellCosts(resources: readonly Resource[], all: boolean, console: Console): Promise<void> {
  for (const resource of resources) {
    if (!resource.versions.some(hasRules)) continue;
    const definition = JSON.parse(JSON.stringify(customResourceDefinition(resource))) as Parameters<typeof ruleBudgets>[0];
    const { rules, ruleLimit, schemaLimit } = await ruleBudgets(definition);
    for (const rule of rules) {
      const part = rule.cost / ruleLimit;
      if (all || part >= NEAR) console.out(line(console, `${resource.kind} ${rule.version} ${costOf(rule, part)}`, part));
    }
    for (const [version, own] of Map.groupBy(rules, (rule) => rule.version)) {
      const total = own.reduce((sum, rule) => sum + rule.cost, 0);
      const part = total / schemaLimit;
      if (own.length > 1 && (all || part >= NEAR))
        console.out(
          line(
            console,
            `${resource.kind} ${version}: its ${own.length} rules together cost ${percent(part)} of what those of a schema may`,
            part,
          ),
        );
    }
  }
}

function costOf({ path, rule, evaluations }: RuleBudget, part: number): string {
  const times = evaluations > 1 ? `, evaluated ${evaluations.toLocaleString("en-US")} times at most` : "";
  const where = shortened(path).replace(/\.?x-kubernetes-validations\[\d+\]$/, "");
  return `${where === "" ? "" : `${where} `}${JSON.stringify(rule)}: costs ${percent(part)} of what a rule may${times}`;
}

function percent(part: number): string {
  return part < 0.001 ? "less than 0.1 %" : `${(part * 100).toFixed(1)} %`;
}

function line(console: Console, text: string, part: number): string {
  return `  ${paint(console, part >= 0.5 ? "yellow" : "dim", "cel")}     ${text}`;
}
