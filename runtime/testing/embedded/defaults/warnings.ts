/**
 * Warnings about an object's contents.
 */
import type { JsonObject } from "../../../schema/index.ts";
import { arrayAt, goQuote } from "../../../schema/index.ts";
import { qualifiedName } from "../../../schema/index.ts";

const standardFinalizers = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** Finalizer names without a domain and a path, of those that were added. */
export function finalizerWarnings(object: JsonObject, old: JsonObject | undefined): string[] {
  const known = new Set(arrayAt(old, "metadata", "finalizers").map(String));
  const added = [...new Set(arrayAt(object, "metadata", "finalizers").map(String))].filter((name) => !known.has(name)).sort();
  return added.flatMap((name) => {
    const place = `metadata.finalizers: ${goQuote(name)}`;
    const warnings = qualifiedName(name).map((message) => `${place}: ${message}`);
    if (!name.includes("/") && !standardFinalizers.has(name)) {
      const path = name.includes(".") ? " including a path (/)" : "";
      warnings.push(`${place}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`);
    }
    return warnings;
  });
}
