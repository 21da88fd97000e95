import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Gives a project the modules of a checkout by links, one for each package, so that ours and its bins can be added
 * without touching the checkout. Node resolves links to where they lead, so nothing is loaded twice.
 */
export function linkModules(checkout: string, project: string): void {
  const from = join(checkout, "node_modules");
  const to = join(project, "node_modules");
  const link = (target: string, ...place: string[]): void =>
    symlinkSync(target, join(to, ...place), process.platform === "win32" ? "junction" : null);
  mkdirSync(join(to, ".bin"), { recursive: true });
  for (const name of readdirSync(from)) {
    if (!name.startsWith(".")) link(join(from, name), name);
  }
  for (const name of readdirSync(join(from, ".bin"))) link(join(from, ".bin", name), ".bin", name);
  link(checkout, "kubescaffold");
  for (const name of ["scaffold", "kubescaffold"]) symlinkSync(join(checkout, "generators", "bin.js"), join(to, ".bin", name));
}
