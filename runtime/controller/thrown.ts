/** The longest text that somebody threw which is told, in characters. */
const LONGEST_TEXT = 200;
/** How many causes of causes are looked at. */
const DEEPEST_CAUSE = 10;

/**
 * What a reconciler threw as an error that can be looked at: the error itself, or one that says what was thrown where that is no error, or where
 * reading it throws in its turn. Nothing is copied out of other objects, which may hold a Secret's data.
 */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      readAll(thrown);
      return thrown;
    }
    return new Error(`the reconciler threw ${describe(thrown)}, which is no Error`);
  } catch (cause) {
    return new Error("the reconciler threw an error that cannot be read", cause instanceof Error ? { cause } : undefined);
  }
}

/** Reads what loggers read, so that whatever throws does it here. */
function readAll(error: unknown): void {
  const causes = new Set<unknown>();
  for (let each = error; each instanceof Error && !causes.has(each) && causes.size < DEEPEST_CAUSE; each = each.cause) {
    causes.add(each);
    const { name, message, stack } = each;
    if (typeof name !== "string" || typeof message !== "string" || typeof (stack ?? "") !== "string")
      throw new TypeError("its name, message or stack is no text");
    Object.values(each);
  }
}

function describe(thrown: unknown): string {
  if (typeof thrown === "string") return `"${thrown.slice(0, LONGEST_TEXT)}"`;
  if (typeof thrown === "function") return "a function";
  return typeof thrown === "object" && thrown !== null ? "an object" : String(thrown);
}
