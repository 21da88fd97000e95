import type { Schema, ValidationRule } from "../model/index.ts";
import type { Add } from "./finding.ts";
import { untouched } from "./values.ts";

/** CEL rules. Which of two rules takes more cannot be told, so another one is a break until somebody knows better. */
export function compareRules(before: Schema, after: Schema, path: string, add: Add): void {
  const [old = [], now = []] = [before, after].map((each) => each["x-kubernetes-validations"] ?? []);
  const gone = new Set(old.filter((each) => !now.some((other) => isSame(each, other))));
  for (const rule of now.filter((each) => !old.some((other) => isSame(each, other)))) {
    const predecessor = [...gone].find((each) => isSuccessor(rule, each));
    if (predecessor === undefined) {
      add("breaking", "rule-added", path, `the rule ${rule.rule} is new: ${consequence(rule)}`);
      continue;
    }
    gone.delete(predecessor);
    if (predecessor.rule !== rule.rule)
      add("breaking", "rule-changed", path, `the rule is ${rule.rule} instead of ${predecessor.rule}: ${consequence(rule)}`);
    else if (rule.optionalOldSelf === true)
      add("breaking", "rule-changed", path, `the rule ${rule.rule} is asked when an object is created too`);
    else add("compatible", "rule-changed", path, `the rule ${rule.rule} is asked only for updates now`);
  }
  for (const { rule } of gone) add("compatible", "rule-removed", path, `the rule ${rule} is gone`);
}

/** Messages and reasons are for people. */
function isSame(a: ValidationRule, b: ValidationRule): boolean {
  return a.rule === b.rule && (a.optionalOldSelf === true) === (b.optionalOldSelf === true);
}

function isSuccessor(rule: ValidationRule, predecessor: ValidationRule): boolean {
  return rule.rule === predecessor.rule || (rule.message !== undefined && rule.message === predecessor.message);
}

/** Rules about changes are never ratcheted, as they are no fault of what is stored. */
function consequence({ rule, optionalOldSelf }: ValidationRule): string {
  if (!/\boldSelf\b/.test(rule)) return `objects that break it are refused; ${untouched}`;
  return optionalOldSelf === true ? "objects and changes that break it are refused" : "changes that break it are refused";
}
