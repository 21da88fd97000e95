/**
 * The rules of the built-in kinds: one file per API group, or per kind where there is much to say.
 */
import type { KindRules } from "../rules.ts";
import { workloadRules } from "./workloads.ts";

/** What a kind without rules of its own does: its type, and metadata. */
const none: KindRules = {};
const bySpec: KindRules = { status: true, generation: true };

const rules: Readonly<Record<string, KindRules>> = {
  ...workloadRules,
};

/** The rules of a kind. */
export function rulesOf(group: string, kind: string): KindRules {
  return rules[`${group}/${kind}`] ?? none;
}

export { bySpec };
