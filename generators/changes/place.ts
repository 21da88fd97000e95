import { createHash } from "node:crypto";
import { ScaffoldError } from "../errors.ts";
import { type ChangeSet } from "./change-set.ts";

/**
 * Who a generated file belongs to: `derived` files are rewritten by every `generate`; `yours` are written once and
 * left alone as soon as somebody edited them; in `shared` files the generator edits one structured place.
 */
export type FileClass = "derived" | "yours" | "shared";

/** What a project remembers about a generated file. The hash, kept for `yours`, is that of the generator's own text. */
export interface FileRecord {
  readonly class: FileClass;
  readonly hash?: string;
}

export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
  readonly class: FileClass;
  readonly executable?: boolean;
}

/** `kept`: it is the user's by now (edited or deleted), and was left as it is. */
export type Outcome = "written" | "kept";

/**
 * The class that a file's first line gives (`// Derived from …`, `# shared: …`), or the first member of a JSON document (`$comment`,
 * `x-comment`); files that cannot say it are the user's.
 */
export function classOf(content: string): FileClass {
  const found = /^(?:\/\/|#|<!--|\/\*+|\{\s*"(?:\$|x-)comment":\s*") ?(derived|yours|shared)(?::| from )/i
    .exec(content)?.[1]
    ?.toLowerCase();
  return found === "derived" || found === "shared" ? found : "yours";
}

/** The hash by which an edit is noticed; the same for both kinds of line ends, which git may exchange. */
export function hashOf(content: string): string {
  return createHash("sha256").update(content.replaceAll("\r\n", "\n")).digest("hex").slice(0, 16);
}

/**
 * Puts one generated file into the change set, by the rules of its class.
 *
 * @param record what the project remembers of the file from an earlier run
 * @param options.force overwrite the file whoever edited it; false where the user could have asked for that, and absent where not
 * @throws ScaffoldError `conflict` when a file that scaffold did not write is in the way
 */
export function place(set: ChangeSet, file: GeneratedFile, record: FileRecord | undefined, options: { force?: boolean } = {}): Outcome {
  const there = set.read(file.path);
  const write = (): Outcome => {
    set.write(file.path, file.content, { executable: file.executable ?? false });
    return "written";
  };
  if (there === file.content || options.force) return write();
  // A path that people choose may be that of a file which is theirs.
  const isTheirs = file.class === "derived" && record !== undefined && record.class !== "derived" && there !== undefined;
  if (!record || isTheirs) {
    const ours = file.class === "derived" && there !== undefined && classOf(there) === "derived";
    if (there === undefined || ours) return write();
    throw new ScaffoldError(
      "conflict",
      `${file.path} exists and ${isTheirs ? "is yours" : "was not written by scaffold"}: move it away${options.force === false ? ", or pass --force to overwrite it" : ""}.`,
    );
  }
  if (file.class === "derived") return write();
  if (file.class === "shared") return there === undefined ? write() : "kept";
  return there !== undefined && hashOf(there) === record.hash ? write() : "kept";
}
