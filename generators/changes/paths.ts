import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, relative, isAbsolute, sep } from "node:path";
import { ScaffoldError } from "../errors.ts";

/** The one spelling of a path inside a project: relative, `/` between parts, no `.` or `..`. Throws for everything else. */
export function projectPath(path: string): string {
  const parts = path.split("/");
  if (
    path === "" ||
    path.includes("\\") ||
    path.includes("\0") ||
    isAbsolute(path) ||
    parts.some((part) => part === "" || part === "." || part === "..")
  ) {
    throw new ScaffoldError(
      "outside-project",
      `${JSON.stringify(path)} is not a path inside the project: use plain names without "..", "/" or "\\".`,
    );
  }
  return path;
}

/**
 * The absolute path to write to, after checking that no symbolic link on the way leads elsewhere: a link inside
 * a project may point anywhere, and a generator that follows it would write there.
 */
export function writablePath(root: string, path: string): string {
  const absolute = join(root, projectPath(path));
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    const folder = path.slice(0, end);
    const there = lstatSync(join(root, folder), { throwIfNoEntry: false });
    if (!there) break;
    if (there.isFile()) throw new ScaffoldError("conflict", `${folder} is a file, and ${path} needs a folder of that name: move it away.`);
  }
  if (lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new ScaffoldError("outside-project", `${path} is a symbolic link: replace it by a file, scaffold does not write through links.`);
  }
  const realRoot = realpathSync(root);
  const realFolder = realpathSync(existingFolder(dirname(absolute)));
  const inside = relative(realRoot, realFolder);
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new ScaffoldError(
      "outside-project",
      `${path} leads out of the project by a symbolic link (to ${realFolder}): nothing is written there.`,
    );
  }
  return absolute;
}

function existingFolder(folder: string): string {
  // lstat, not stat: a dangling link counts as being there and then fails to resolve, instead of being passed over.
  return lstatSync(folder, { throwIfNoEntry: false }) || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}
