import type { LabelSelector } from "../model/index.ts";
import type { Argument } from "./markers/arguments.ts";

/** One condition of a selector as kubectl writes it: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`. */
const condition = /^\s*(?:(!)\s*([^\s!=,()]+)|([^\s!=,()]+)\s*(?:(==?|!=)\s*([^\s!=,()]*)|\s(in|notin)\s*\(([^()]*)\))?)\s*(?:,|$)/;

/**
 * Reads a label selector as `kubectl get -l` takes one.
 *
 * @example
 * parseSelector("team=fleet,tier in (core, edge)");
 * // { value: { matchLabels: { team: "fleet" }, matchExpressions: [{ key: "tier", operator: "In", values: ["core", "edge"] }] } }
 */
export function parseSelector(text: string): Argument<LabelSelector> {
  const matchLabels: [string, string][] = [];
  const matchExpressions: { key: string; operator: string; values?: string[] }[] = [];
  for (let rest = text; rest.trim() !== "";) {
    const found = condition.exec(rest);
    if (found === null) return { problem: `needs a label selector, not ${JSON.stringify(rest.trim())}` };
    const [all, , absent, key = "", equality, value = "", word, list] = found;
    if (absent !== undefined) matchExpressions.push({ key: absent, operator: "DoesNotExist" });
    else if (equality === "!=") matchExpressions.push({ key, operator: "NotIn", values: [value] });
    else if (equality !== undefined) matchLabels.push([key, value]);
    else if (list !== undefined)
      matchExpressions.push({ key, operator: word === "in" ? "In" : "NotIn", values: list.split(",").map((each) => each.trim()) });
    else matchExpressions.push({ key, operator: "Exists" });
    rest = rest.slice(all.length);
  }
  if (matchLabels.length === 0 && matchExpressions.length === 0) return { problem: "needs a label selector" };
  const labels = Object.fromEntries(matchLabels);
  const doubled = matchLabels.find(([key, value]) => labels[key] !== value);
  if (doubled !== undefined) return { problem: `asks for two values of ${doubled[0]} at once` };
  return {
    value: {
      ...(matchLabels.length === 0 ? {} : { matchLabels: labels }),
      ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
    },
  };
}
