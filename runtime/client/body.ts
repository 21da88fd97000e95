import { stringifyJson } from "../object/index.ts";

/**
 * The JSON text of what is to be sent.
 *
 * @param what names it in messages
 * @throws TypeError in one line when it holds itself, or a number that JSON does not have: such a number would go out as `null`, which deletes a field
 */
export function bodyText(value: unknown, what: string): string {
  let text: string;
  try {
    text = stringifyJson(value);
  } catch (cause) {
    const [why = ""] = cause instanceof Error ? cause.message.split("\n") : [];
    throw new TypeError(`${what} cannot be written as JSON: ${why}`, { cause });
  }
  // Looked for only where there is a null at all, which is rare.
  if (/[:,[]null[,\]}]/.test(text)) refuseNonNumbers(value, what, []);
  return text;
}

function refuseNonNumbers(value: unknown, what: string, path: readonly string[]): void {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new TypeError(`${what}: ${path.join(".")} is ${value}, which JSON does not have`);
  if (typeof value !== "object" || value === null) return;
  for (const [name, child] of Object.entries(value)) refuseNonNumbers(child, what, [...path, name]);
}
