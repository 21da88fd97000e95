/** A label selector as objects carry it (`metav1.LabelSelector`). */
export interface LabelSelector {
  matchLabels?: { [key: string]: string };
  matchExpressions?: LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | (string & {});
  values?: string[];
}

/** A selector as the list API takes it: a text such as `app=web,tier in (a,b),!canary`, or a {@link LabelSelector}. */
export type LabelSelectorLike = string | LabelSelector;

/** The text of a selector, as the `labelSelector` query parameter takes it. An empty selector is the empty text: everything. */
export function formatSelector(selector: LabelSelectorLike): string {
  if (typeof selector === "string") return selector;
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    switch (operator) {
      case "In":
        return `${key} in (${values.join(",")})`;
      case "NotIn":
        return `${key} notin (${values.join(",")})`;
      case "Exists":
        return key;
      case "DoesNotExist":
        return `!${key}`;
      default:
        throw new TypeError(`label selector: "${operator}" is not an operator; use In, NotIn, Exists or DoesNotExist`);
    }
  });
  return [...equal, ...expressions].join(",");
}

/** A test of an object's labels. */
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean;

const REQUIREMENT =
  /^\s*(?:!\s*(?<absent>[^\s!=<>,()]+)|(?<set>[^\s!=<>,()]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)|(?<bound>[^\s!=<>,()]+)\s*(?<order>[<>])\s*(?<limit>-?\d+)|(?<key>[^\s!=<>,()]+)\s*(?:(?<comparison>==|=|!=)\s*(?<value>[^\s!=<>,()]*))?)\s*(?:,(?=.)|$)/;

/**
 * Compiles a selector into a function, with the API server's semantics (`NotIn` and `!=` match an absent key).
 *
 * @throws TypeError when the text is no label selector.
 */
export function matchLabels(selector: LabelSelectorLike): LabelMatcher {
  const text = formatSelector(selector);
  const tests: LabelMatcher[] = [];
  let rest = text.trim();
  while (rest) {
    const match = REQUIREMENT.exec(rest);
    if (!match?.groups) throw new TypeError(`"${text}" is not a label selector: cannot read it from "${rest}"`);
    tests.push(requirement(match.groups));
    rest = rest.slice(match[0].length);
  }
  return (labels) => tests.every((test) => test(labels));
}

function requirement(part: Readonly<Record<string, string | undefined>>): LabelMatcher {
  const { absent, set, operator, values = "", bound, order, limit, key = "", comparison, value } = part;
  if (absent !== undefined) return (labels) => label(labels, absent) === undefined;
  if (set !== undefined) {
    const wanted = new Set(values.split(",").map((each) => each.trim()));
    const among: LabelMatcher = (labels) => {
      const actual = label(labels, set);
      return actual !== undefined && wanted.has(actual);
    };
    return operator === "in" ? among : (labels) => !among(labels);
  }
  if (bound !== undefined) {
    return (labels) => {
      const actual = label(labels, bound);
      if (actual === undefined || !/^-?\d+$/.test(actual)) return false;
      return order === "<" ? Number(actual) < Number(limit) : Number(actual) > Number(limit);
    };
  }
  if (comparison === undefined) return (labels) => label(labels, key) !== undefined;
  return comparison === "!=" ? (labels) => label(labels, key) !== value : (labels) => label(labels, key) === value;
}

/** Labels are data: one called `constructor` is there only when the object has it. */
function label(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}
