/** What a change asks of people: nothing may break, somebody has to think, or all goes on as before. */
export type Severity = "breaking" | "check by hand" | "compatible";

/** Stable names of changes, for tests and tools. */
export type ChangeCode =
  | "kind-removed"
  | "kind-added"
  | "kind-renamed"
  | "plural-changed"
  | "scope-changed"
  | "names-changed"
  | "version-removed"
  | "version-added"
  | "version-unserved"
  | "version-served"
  | "storage-version-removed"
  | "storage-version-changed"
  | "deprecation-changed"
  | "subresource-removed"
  | "subresource-added"
  | "scale-changed"
  | "selectable-field-removed"
  | "selectable-field-added"
  | "columns-changed"
  | "field-removed"
  | "field-added"
  | "required-added"
  | "required-removed"
  | "type-changed"
  | "type-widened"
  | "bound-tightened"
  | "bound-loosened"
  | "pattern-changed"
  | "pattern-removed"
  | "format-changed"
  | "format-removed"
  | "enum-narrowed"
  | "enum-widened"
  | "nullable-removed"
  | "nullable-added"
  | "default-changed"
  | "default-added"
  | "list-type-changed"
  | "map-type-changed"
  | "unknown-fields-pruned"
  | "unknown-fields-kept"
  | "embedded-resource-changed"
  | "combination-changed"
  | "rule-added"
  | "rule-changed"
  | "rule-removed";

/** One difference between two generations of a CRD. */
export interface Finding {
  readonly severity: Severity;
  readonly code: ChangeCode;
  /** The name of the CustomResourceDefinition: `memcacheds.cache.example.com`. */
  readonly crd: string;
  readonly version?: string;
  /** From the object's root, `spec.servers[].name`; the values of a map are `.*`. */
  readonly path?: string;
  /** What is different, and what follows from it; one sentence without a line break. */
  readonly message: string;
}

/** What a comparison hands its differences to; where it is, the receiver knows. */
export type Add = (severity: Severity, code: ChangeCode, path: string | undefined, message: string) => void;

/**
 * One line, without its severity.
 *
 * @example
 * findingLine(finding); // "memcacheds.cache.example.com v1 spec.size: the maximum is 3 instead of 5: …"
 */
export function findingLine({ crd, version, path, message }: Finding): string {
  return `${[crd, version, path].filter((each) => each !== undefined && each !== "").join(" ")}: ${message}`;
}
