import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { Example } from "./projects.ts";

const ROOT = join(import.meta.dirname, "..", "..");

export const folderOf = ({ name }: Example): string => join(ROOT, "examples", name);

/** Makes an example anew: its commands, its author's edits, and what follows from them. Returns the folder, which is the caller's to remove. */
export function make(example: Example): string {
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-example-"));
  for (const command of example.commands) scaffold(folder, command);
  for (const file of example.deleted) rmSync(join(folder, file));
  for (const file of example.edited) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(folderOf(example), file), join(folder, file));
  }
  scaffold(folder, ["generate"]);
  return folder;
}

function scaffold(cwd: string, args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, "generators", "main.ts"), ...args], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`scaffold ${args.join(" ")}: ${stdout}${stderr}`);
}

/** Everything that belongs to a project, by path. */
export function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/^(node_modules|coverage|dist)\//.test(file))
    .sort();
}
