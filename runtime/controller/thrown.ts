import { legible } from "../object/index.ts";

/** The longest text that somebody threw which is told, in characters. */
const LONGEST_TEXT = 200;

/**
 * What a reconciler threw as an error: the error itself, or one that says what was thrown where that is no error, or cannot be read. Nothing is
 * copied out of other objects, which may hold a Secret's data.
 */
export function toError(thrown: unknown): Error {
  const error = legible(thrown);
  return error instanceof Error ? error : new Error(`the reconciler threw ${describe(error)}, which is no Error`);
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string") return `"${thrown.slice(0, LONGEST_TEXT)}"`;
  if (typeof thrown === "function") return "a function";
  return typeof thrown === "object" && thrown !== null ? "an object" : String(thrown);
}
