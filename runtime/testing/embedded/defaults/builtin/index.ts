/**
 * The rules of the built-in kinds: one file per API group or per few of them. Read `../rules.ts` first.
 */
import type { KindRules } from "../rules.ts";
import { accessRules } from "./access.ts";
import { coreRules } from "./core.ts";
import { definitionRules } from "./definitions.ts";
import { policyRules } from "./policies.ts";
import { workloadRules } from "./workloads.ts";

/** What a kind without rules of its own has: its type, and metadata. */
const none: KindRules = {};

const rules: ReadonlyMap<string, KindRules> = new Map(
  [workloadRules, coreRules, accessRules, policyRules, definitionRules].flatMap((group) => Object.entries(group)),
);

/** The rules of a kind. */
export function rulesOf(group: string, kind: string): KindRules {
  return rules.get(`${group}/${kind}`) ?? none;
}
