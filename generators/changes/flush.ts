import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ScaffoldError, reasonOf } from "../errors.ts";
import { type Change, type ChangeSet } from "./change-set.ts";
import { writablePath } from "./paths.ts";

interface Prepared {
  readonly change: Change;
  readonly target: string;
  /** The new content, beside the target; absent for a deletion. */
  readonly fresh?: string;
  /** A copy of what was there; absent for a creation. */
  readonly backup?: string;
}

/**
 * Writes a change set to the disk, everything or nothing: all new contents are first written beside their places,
 * then renamed into them; when any step fails, what has been done is undone and the error is thrown.
 *
 * @returns what has been written
 * @throws ScaffoldError `outside-project` for a path that leads out of the root, `conflict` when a file was changed
 *   after it had been read, `write-failed` when the disk refuses
 */
export function flush(set: ChangeSet): Change[] {
  const changes = set.changes();
  const targets = changes.map((change) => ({ change, target: checked(set.root, change) }));
  const undo: (() => void)[] = [];
  const suffix = `.${randomBytes(4).toString("hex")}.scaffold`;
  let current = "";
  try {
    const prepared: Prepared[] = [];
    for (const { change, target } of targets) {
      current = change.path;
      prepared.push(prepare(change, target, suffix, undo));
    }
    for (const { change, target, fresh, backup } of prepared) {
      current = change.path;
      if (fresh) renameSync(fresh, target);
      else unlinkSync(target);
      undo.push(() => {
        if (backup) copyFileSync(backup, target);
        else rmSync(target, { force: true });
      });
    }
    for (const { backup } of prepared) if (backup) rmSync(backup, { force: true });
    return changes;
  } catch (error) {
    const failures: unknown[] = [];
    for (const step of undo.reverse()) {
      try {
        step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    const reason = reasonOf(error);
    const state =
      failures.length === 0 ? "nothing has been changed" : `${failures.length} files could not be put back, compare with your last commit`;
    throw new ScaffoldError("write-failed", `${current} could not be written (${reason}): ${state}.`, {
      cause: failures.length === 0 ? error : new AggregateError([error, ...failures]),
    });
  }
}

function checked(root: string, change: Change): string {
  const target = writablePath(root, change.path);
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (there?.isDirectory()) {
    throw new ScaffoldError("conflict", `${change.path} is a folder, and a file of that name has to be written: move the folder away.`);
  }
  const before = change.before === undefined ? undefined : Buffer.from(change.before);
  const unchanged = before === undefined ? !there : there !== undefined && readFileSync(target).equals(before);
  if (!unchanged) throw new ScaffoldError("conflict", `${change.path} was changed by something else just now: run the command again.`);
  return target;
}

function prepare(change: Change, target: string, suffix: string, undo: (() => void)[]): Prepared {
  makeFolder(dirname(target), undo);
  const beside = (kind: string): string => join(dirname(target), `.${basename(target)}.${kind}${suffix}`);
  const previous = statSync(target, { throwIfNoEntry: false });
  const result: { change: Change; target: string; fresh?: string; backup?: string } = { change, target };
  if (previous) {
    const backup = beside("old");
    undo.push(() => removeIfThere(backup));
    copyFileSync(target, backup);
    result.backup = backup;
  }
  if (change.after !== undefined) {
    const fresh = beside("new");
    undo.push(() => removeIfThere(fresh));
    writeFileSync(fresh, change.after, { mode: previous ? previous.mode & 0o777 : change.executable ? 0o777 : 0o666 });
    result.fresh = fresh;
  }
  return result;
}

function removeIfThere(path: string): void {
  if (existsSync(path)) rmSync(path);
}

function makeFolder(folder: string, undo: (() => void)[]): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder), undo);
  mkdirSync(folder);
  undo.push(() => rmdirSync(folder));
}
