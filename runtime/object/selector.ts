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
  /^\s*(?:(?<absent>!\s*[^\s!=<>,()]+)|(?<set>[^\s!=<>,()]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)|(?<key>[^\s!=<>,()]+)\s*(?:(?<comparison>==|=|!=)\s*(?<value>[^\s!=<>,()]*))?)\s*(?:,(?=.)|$)/;

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
  const { absent, set, operator, values, key, comparison, value } = part;
  if (absent !== undefined) {
    const name = absent.slice(1).trim();
    return (labels) => labels?.[name] === undefined;
  }
  if (set !== undefined) {
    const wanted = new Set((values ?? "").split(",").map((each) => each.trim()));
    const among: LabelMatcher = (labels) => {
      const actual = labels?.[set];
      return actual !== undefined && wanted.has(actual);
    };
    return operator === "in" ? among : (labels) => !among(labels);
  }
  const name = key ?? "";
  if (comparison === undefined) return (labels) => labels?.[name] !== undefined;
  return comparison === "!=" ? (labels) => labels?.[name] !== value : (labels) => labels?.[name] === value;
}
