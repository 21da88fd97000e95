import { isRecord } from "./json.ts";

/** A test of an object by its fields. */
export type FieldMatcher = (object: object) => boolean;

const TERM = /^\s*([^\s!=]+)\s*(!=|==|=)\s*(.*?)\s*$/s;

/**
 * Compiles a field selector such as `metadata.name=sample,status.phase!=Running` into a function. Fields are compared as the API server does:
 * as text, with the empty text for what is absent. The API server knows a few fields of each kind; here any path will do.
 *
 * @throws TypeError when the text is no field selector
 */
export function matchFields(selector: string): FieldMatcher {
  const terms = selector
    .split(/(?<!\\),/)
    .filter((term) => term.trim() !== "")
    .map((term) => {
      const [, path, operator, value] = TERM.exec(term) ?? [];
      if (path === undefined || value === undefined) throw new TypeError(`"${selector}" is not a field selector: cannot read "${term}"`);
      return { path: path.split("."), equal: operator !== "!=", value: value.replace(/\\([\\,=])/g, "$1") };
    });
  return (object) => terms.every(({ path, equal, value }) => (textAt(object, path) === value) === equal);
}

/**
 * The text of a field selector: fields with their values, which are escaped where they need be.
 *
 * @example formatFields({ "metadata.name": "sample", "spec.nodeName": node }) // "metadata.name=sample,spec.nodeName=worker-1"
 */
export function formatFields(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([path, value]) => `${path}=${value.replace(/[\\,=]/g, "\\$&")}`)
    .join(",");
}

function textAt(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const name of path) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
