/** A position in a source file of the project, as editors count: the first line and the first column are 1. */
export interface Place {
  /** Relative to the project's folder, with forward slashes; absolute for a file outside of it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Stable names of what can be wrong with a spec, for tests and tools. */
export type DiagnosticCode =
  | "typescript"
  | "unsupported-type"
  | "recursive-type"
  | "bad-name"
  | "bad-layout"
  | "unknown-marker"
  | "misplaced-marker"
  | "duplicate-marker"
  | "bad-marker"
  | "bad-pattern"
  | "bad-default"
  | "duplicate-kind"
  | "conflicting-versions"
  | "bad-schema"
  | "unseen-access"
  | "bad-webhook"
  | "duplicate-webhook"
  | "bad-policy";

/** One thing that is wrong in a source file. Nothing is generated while there is one. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly place: Place;
  /** What is wrong, one sentence without a line break. */
  readonly message: string;
  /** What to write instead, where that can be said. */
  readonly instead?: string;
}

/**
 * One line, in the form that editors and terminals turn into a link.
 *
 * @example
 * formatDiagnostic(d); // "api/v1/ship.types.ts:4:9: a Map has no schema; write Record<string, T>"
 */
export function formatDiagnostic({ place, message, instead }: Diagnostic): string {
  return `${place.file}:${place.line}:${place.column}: ${message}${instead === undefined ? "" : `; ${instead}`}`;
}

/** By file, line, column, then message: the order in which people read a list of errors. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return comparePlaces(a.place, b.place) || (a.message < b.message ? -1 : a.message > b.message ? 1 : 0);
}

/** By file, line and column. */
export function comparePlaces(a: Place, b: Place): number {
  return (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column;
}
