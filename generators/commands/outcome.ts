import { flush, unifiedDiff, type Change } from "../changes/index.ts";
import { type Project } from "../project/index.ts";
import { paint, type Console } from "./console.ts";
import { type GlobalOptions } from "./options.ts";

/** From how many files on they are shown by top folder. */
const listAtMost = 24;

const verbs = { create: ["green", "create"], update: ["yellow", "update"], delete: ["red", "delete"] } as const;

/**
 * Ends a command that changes files: shows what the project's change set holds and, unless it is a dry run, writes it.
 *
 * @param kept files that would be different but belong to the user by now
 * @returns what was written; empty for a dry run too
 */
export function conclude(project: Project, options: GlobalOptions, console: Console, kept: readonly string[] = []): Change[] {
  project.save();
  const changes = project.set.changes();
  if (options.diff) for (const change of changes) console.out(colored(unifiedDiff(change).trimEnd(), console));
  const written = options.dryRun ? [] : flush(project.set);
  if (changes.length === 0) {
    console.out("Nothing to do: everything is as it should be.");
    return written;
  }
  for (const line of changes.length > listAtMost && !options.dryRun
    ? summary(changes)
    : changes.map(({ kind, path }) => ({ kind, path }))) {
    const [color, verb] = verbs[line.kind];
    console.out(`  ${paint(console, color, verb)}  ${line.path}`);
  }
  for (const path of kept) console.out(`  ${paint(console, "dim", "keep")}    ${path} (you have edited it)`);
  if (options.dryRun) console.out("Nothing was written (--dry-run).");
  return written;
}

function summary(changes: readonly Change[]): { kind: Change["kind"]; path: string }[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const slash = change.path.indexOf("/");
    const key = `${change.kind} ${slash === -1 ? change.path : change.path.slice(0, slash + 1)}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const folder = first.path.slice(0, first.path.indexOf("/") + 1);
    return [{ kind: first.kind, path: group.length === 1 ? first.path : `${folder} (${group.length} files)` }];
  });
}

function colored(diff: string, console: Console): string {
  return diff
    .split("\n")
    .map((line) => (line.startsWith("+") ? paint(console, "green", line) : line.startsWith("-") ? paint(console, "red", line) : line))
    .join("\n");
}
