import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's source files, on disk and not yet on disk. Paths are relative to the root, with forward slashes. */
export interface Sources {
  readonly root: string;
  /** `api/**` types files, sorted. */
  readonly types: readonly string[];
  /** Files that may hold `@rbac` and `@webhook` markers, sorted. */
  readonly controllers: readonly string[];
  /** `*.policy.ts` in any of the folders, sorted. */
  readonly policies: readonly string[];
  /** The text of a file as it is or will be, or undefined. */
  text(path: string): string | undefined;
}

/** Lists a project's sources; a folder that is not there holds none. */
export function listSources(root: string, overlay: ReadonlyMap<string, string | undefined> = new Map()): Sources {
  const paths = new Set<string>();
  for (const folder of ["api", "controllers", "webhooks", "policies"]) for (const path of filesBelow(root, folder)) paths.add(path);
  paths.add("main.ts");
  for (const [path, text] of overlay) {
    if (text === undefined) paths.delete(path);
    else paths.add(path);
  }
  const sorted = [...paths].sort();
  const text = (path: string): string | undefined => (overlay.has(path) ? overlay.get(path) : readIfThere(join(root, path)));
  return {
    root,
    types: sorted.filter((path) => path.startsWith("api/") && path.endsWith(".types.ts") && !isImported(text(path) ?? "")),
    controllers: sorted.filter((path) => path === "main.ts" || (/^(?:controllers|webhooks)\//.test(path) && isSource(path))),
    policies: sorted.filter((path) => /^(?:api|controllers|webhooks|policies)\/.*\.policy\.ts$/.test(path)),
    text,
  };
}

/** Kinds of others, which `scaffold import crd` wrote with all that is derived from them: they are used, not generated. */
function isImported(text: string): boolean {
  return text.startsWith("// Derived from the CRD ");
}

function isSource(path: string): boolean {
  return path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.endsWith(".test.ts");
}

function filesBelow(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .replaceAll("\\", "/"),
      );
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Codes rather than instanceof: errors of Node's core belong to another realm inside a test's sandbox. */
function isAbsent(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
