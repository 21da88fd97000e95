/** What was thrown, or an error in its place when it cannot even be looked at: anything can be thrown, also what throws when it is read. */
export function legible(thrown: unknown): unknown {
  try {
    // These are what errors are told by.
    if (thrown instanceof Error) JSON.stringify([thrown.message, thrown.name, thrown.stack]);
    return thrown;
  } catch {
    return new Error("what was thrown cannot be read");
  }
}
