import { formatSelector, isRecord, matchLabels, type KubernetesObject, type LabelSelectorLike } from "../object/index.ts";

/** Which objects of a kind a cache keeps. */
export interface Selection {
  /** The texts as the API takes them; empty for everything. */
  readonly labels: string;
  readonly fields: string;
}

export function selectionOf(settings: { labelSelector?: LabelSelectorLike; fieldSelector?: string }): Selection {
  return {
    labels: settings.labelSelector === undefined ? "" : formatSelector(settings.labelSelector),
    fields: settings.fieldSelector ?? "",
  };
}

export function isEverything({ labels, fields }: Selection): boolean {
  return labels === "" && fields === "";
}

/** True when everything that `read` asks for is among what `kept` keeps: it asks for each of the same terms, and maybe for more. */
export function covers(kept: Selection, read: Selection): boolean {
  const asked = new Set(labelTerms(read.labels));
  return labelTerms(kept.labels).every((term) => asked.has(term)) && kept.fields === read.fields;
}

/** The query of a list or watch of the selection. */
export function queryOf({ labels, fields }: Selection): Record<string, string> {
  return { ...(labels !== "" && { labelSelector: labels }), ...(fields !== "" && { fieldSelector: fields }) };
}

/** A test of whether an object is in the selection. Fields are compared as the API does: as text, with the empty one for what is absent. */
export function matcherOf({ labels, fields }: Selection): (object: KubernetesObject) => boolean {
  const matches = matchLabels(labels);
  const terms = fields
    .split(",")
    .filter((term) => term !== "")
    .map((term) => {
      const [, path = "", operator = "=", value = ""] = /^(.*?)(!=|==|=)(.*)$/s.exec(term) ?? [];
      return { path: path.trim().split("."), equal: operator !== "!=", value: value.trim() };
    });
  return (object) =>
    matches(object.metadata?.labels) && terms.every(({ path, equal, value }) => (textAt(object, path) === value) === equal);
}

function textAt(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const name of path) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Terms are divided by commas, but for those within parentheses. */
function labelTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}
