/**
 * The change set: the file system as a value. A command reads and writes through a {@link ChangeSet} that lives in memory,
 * so that what it would do can be listed, shown as a diff, refused, or written to the disk all at once.
 * Uses nothing of the other folders and is the only one that writes to the disk. Read change-set.ts first.
 */
export { ChangeSet, type Change, type Content } from "./change-set.ts";
export { unifiedDiff } from "./diff.ts";
export { flush } from "./flush.ts";
export { classOf, hashOf, place, type FileClass, type FileRecord, type GeneratedFile, type Outcome } from "./place.ts";
