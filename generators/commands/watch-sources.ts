import { createHash } from "node:crypto";
import { readdirSync, readFileSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";

const notSources = new Set(["node_modules", "config", "vendor", "coverage", "dist"]);

/**
 * Calls back when the TypeScript sources of a project are different from before; not for a file that was saved unchanged, nor
 * for tests, which the operator does not load. A call back that is still running is waited for.
 *
 * @param quietFor milliseconds without a further change that are waited for: an editor writes a file in several steps, and a checkout many files
 * @returns a function that ends the watch
 */
export function watchSources(project: string, quietFor: number, onChange: () => Promise<void>): () => void {
  const watchers = new Map<string, FSWatcher>();
  let seen = fingerprint(project);
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  const look = async (): Promise<void> => {
    watchFolders();
    if (running) return;
    running = true;
    try {
      for (let now = fingerprint(project); now !== seen; now = fingerprint(project)) {
        seen = now;
        await onChange();
      }
    } finally {
      running = false;
    }
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietFor);
  };
  /** Each folder by itself: a recursive watch loses files that an editor replaces by renaming. */
  function watchFolders(): void {
    const folders = new Set([project, ...foldersOf(project)]);
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      // A folder that goes away while it is watched is seen in the one above it.
      watchers.set(folder, watch(folder, soon).on("error", soon));
    }
  }
  watchFolders();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}

/** The folders with sources, and those in them. */
function foldersOf(project: string): string[] {
  return sourceFolders(project).flatMap((name) => {
    const folder = join(project, name);
    const inner = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...inner.map((entry) => join(entry.parentPath, entry.name))];
  });
}

function sourceFolders(project: string): string[] {
  return readdirSync(project, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !notSources.has(entry.name))
    .map(({ name }) => name)
    .sort();
}

function fingerprint(project: string): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    if (!path.endsWith(".ts") || path.endsWith(".test.ts")) return;
    try {
      const text = readFileSync(join(project, path), "utf8");
      if (!isDerived(text)) hash.update(`${path}\0${text}`);
    } catch (error) {
      // Between the listing and the reading a file may go: that is a change like any other.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  };
  for (const entry of readdirSync(project, { withFileTypes: true })) if (entry.isFile()) add(entry.name);
  for (const folder of sourceFolders(project)) {
    for (const path of readdirSync(join(project, folder), { recursive: true, encoding: "utf8" }).sort()) add(join(folder, path));
  }
  return hash.digest("hex");
}

/** What `generate` writes is no change that anything has to be derived from. */
function isDerived(text: string): boolean {
  return /^\/\/ Derived from .* by `scaffold generate`/.test(text);
}
