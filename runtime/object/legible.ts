/** How many causes of causes are looked at. */
const DEEPEST_CAUSE = 10;

/** What was thrown, or an error in its place when it cannot even be looked at: anything can be thrown, also what throws when it is read. */
export function legible(thrown: unknown): unknown {
  try {
    readAll(thrown);
    return thrown;
  } catch (cause) {
    return new Error("what was thrown cannot be read", cause instanceof Error ? { cause } : undefined);
  }
}

/** Reads what loggers read, so that whatever throws does it here. */
function readAll(thrown: unknown): void {
  const causes = new Set<unknown>();
  for (let each = thrown; each instanceof Error && !causes.has(each) && causes.size < DEEPEST_CAUSE; each = each.cause) {
    causes.add(each);
    const { name, message, stack } = each;
    if (typeof name !== "string" || typeof message !== "string" || typeof (stack ?? "") !== "string")
      throw new TypeError("its name, message or stack is no text");
    Object.values(each);
  }
}
