/** Shared by both versions. */
export interface Outer {
  /** @mapType atomic */
  struct?: { foo?: string };
}
