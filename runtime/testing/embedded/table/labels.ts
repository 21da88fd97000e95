import type { JsonObject } from "../../../schema/index.ts";

/** A map as labels are shown: sorted, `<none>` when there are none. */
export function labelsText(labels: JsonObject | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${typeof value === "string" ? value : ""}`);
  return pairs.length === 0 ? "<none>" : pairs.sort().join(",");
}
