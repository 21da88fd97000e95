import { createHash } from "node:crypto";
import { readdirSync, readFileSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";

/** An editor writes a file in several steps, and a checkout many files: wait until it is quiet. In milliseconds. */
const quietFor = 100;
const notSources = new Set(["node_modules", "config", "vendor", "coverage", "dist"]);

/**
 * Calls back when the TypeScript sources of a project are different from before; not for a file that was saved unchanged, nor
 * for tests, which the operator does not load. A call back that is still running is waited for.
 *
 * @returns a function that ends the watch
 */
export function watchSources(project: string, onChange: () => Promise<void>): () => void {
  const watchers: FSWatcher[] = [];
  let seen = fingerprint(project);
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  const look = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      for (let now = fingerprint(project); now !== seen; now = fingerprint(project)) {
        seen = now;
        await onChange();
        // What the call back itself derived is not a change.
        seen = fingerprint(project);
      }
    } finally {
      running = false;
    }
  };
  const soon = (_event: string, name: string | null): void => {
    if (name !== null && !name.endsWith(".ts")) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietFor);
  };
  watchers.push(watch(project, soon));
  for (const folder of sourceFolders(project)) watchers.push(watch(join(project, folder), { recursive: true }, soon));
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
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
    hash.update(`${path}\0`);
    try {
      hash.update(readFileSync(join(project, path)));
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
