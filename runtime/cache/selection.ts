import { formatSelector, matchFields, matchLabels, type KubernetesObject, type LabelSelectorLike } from "../object/index.ts";

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

/** A test of whether an object is in the selection. */
export function matcherOf({ labels, fields }: Selection): (object: KubernetesObject) => boolean {
  const [hasLabels, hasFields] = [matchLabels(labels), matchFields(fields)];
  return (object) => hasLabels(object.metadata?.labels) && hasFields(object);
}

/** Terms are divided by commas, but for those within parentheses. */
function labelTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}
