import type { AccessRule, Diagnostic, Resource } from "../model/index.ts";

/** What to read. */
export interface ReadProjectOptions {
  /** The project's folder, absolute. Types files are found under `api/`, markers of code under `controllers/`, `webhooks/` and in `main.ts`. */
  readonly root: string;
  /**
   * The full API group (`cache.example.com`: group and domain of the PROJECT file), or a function from a types file
   * (`api/v1alpha1/memcached.types.ts`) to it for projects with several groups. The version is the name of the file's folder.
   */
  readonly group: string | ((typesFile: string) => string);
  /** Files that are not on disk yet, or will change: path relative to root → text; undefined hides a file. They win over the disk. */
  readonly overlay?: ReadonlyMap<string, string | undefined>;
}

/** What was found. Do not emit anything from it while there are diagnostics. */
export interface ProjectReading {
  /** By group and kind; each with its versions by priority. */
  readonly resources: readonly Resource[];
  /** In the order of the places in the code. */
  readonly accessRules: readonly AccessRule[];
  /** Sorted; empty when all is well. `formatDiagnostic` of model/ makes lines of them. */
  readonly diagnostics: readonly Diagnostic[];
}
