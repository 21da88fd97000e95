import { formatSelector } from "../object/index.ts";
import type { ListOptions } from "./types.ts";

/** What selects objects, as query parameters. */
export function selectors({ labelSelector, fieldSelector }: ListOptions): Record<string, string> {
  const labels = labelSelector === undefined ? "" : formatSelector(labelSelector);
  return { ...(labels !== "" && { labelSelector: labels }), ...(fieldSelector !== undefined && { fieldSelector }) };
}

/** A query with its question mark; the empty text when nothing is asked. */
export function queryText(query: Record<string, string>): string {
  let text = "";
  for (const [name, value] of Object.entries(query)) text += `${text === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
  return text;
}
