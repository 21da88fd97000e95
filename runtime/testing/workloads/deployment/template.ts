import { isDeepStrictEqual } from "node:util";
import type { PodTemplate } from "../kinds.ts";

export const HASH_LABEL = "pod-template-hash";

/** What Kubernetes makes random names of: no vowels, no characters that look alike, so that no words come out. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** True when two templates ask for the same Pods; the hash label is the controller's and does not count. */
export function isSameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return isDeepStrictEqual(comparable(withoutHash(a)), comparable(withoutHash(b)));
}

/**
 * A short name for a value, the same for the same JSON in whatever order: FNV-1a of 32 bits, as Kubernetes' own hash is (of the Go value,
 * so the letters differ from a real cluster's). ReplicaSets are found by their template, never by this.
 *
 * @param collisions counted up when another template turns out to have the same name
 */
export function hashOf(value: unknown, collisions = 0): string {
  let hash = 0x811c9dc5;
  const text = JSON.stringify(sorted(comparable(value))) + (collisions === 0 ? "" : String(collisions));
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return String(hash).replaceAll(/\d/g, (digit) => ALPHABET.charAt(digit.charCodeAt(0) % ALPHABET.length));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Absent, null and empty are the same to Kubernetes. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [key, comparable(field)] as const);
  return Object.fromEntries(entries.filter(([, field]) => !isEmpty(field)));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
