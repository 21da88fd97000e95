/**
 * The one kind of error that the command line shows without a stack trace: something that the user can mend.
 * Every other error is a bug of ours and is shown as one.
 */

/** Stable codes, for tests and for programs that call the generators. */
export type ScaffoldErrorCode =
  | "bad-name"
  | "bad-option"
  | "folder-not-empty"
  | "no-project"
  | "corrupt-project"
  | "api-exists"
  | "no-api"
  | "no-kind"
  | "webhook-exists"
  | "conflict"
  | "outside-project"
  | "bad-spec"
  | "wiring"
  | "install-failed"
  | "pack-failed"
  | "no-program"
  | "bundle-failed"
  | "not-locked"
  | "bad-image"
  | "bad-node"
  | "registry-failed"
  | "engine-failed"
  | "cluster-unreachable"
  | "crd-missing"
  | "bad-manifest"
  | "load-failed"
  | "deploy-failed"
  | "still-there"
  | "bad-crd"
  | "write-failed";

const brand = Symbol.for("kubescaffold.ScaffoldError");

/**
 * Says what is wrong and what to do, in one line (more only when several places are wrong).
 *
 * @example
 * throw new ScaffoldError("no-project", "There is no PROJECT file in /tmp/x: run this in a project, or start one with `scaffold init`.");
 */
export class ScaffoldError extends Error {
  override readonly name = "ScaffoldError";
  readonly code: ScaffoldErrorCode;
  readonly [brand] = true;

  constructor(code: ScaffoldErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** True for errors of another copy of this package too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** Why something failed, in the words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
