/**
 * From TypeScript to the model: reads `api/<version>/<kind>.types.ts` and the `@rbac` markers of `controllers/`. The one place
 * that touches the compiler's API, which is loaded at the first call. It may use `model/`. Read project.ts first.
 */
import type { ProjectReading, ReadProjectOptions } from "./options.ts";

export type { ProjectReading, ReadProjectOptions } from "./options.ts";

/**
 * Reads a project. Never throws for what a user wrote: that is a diagnostic. Works before dependencies are installed too, as
 * `@kubescaffold/runtime/api` is then taken from where the generator has it.
 *
 * @example
 * const { resources, accessRules, diagnostics } = await readProject({ root: process.cwd(), group: "cache.example.com" });
 */
export async function readProject(options: ReadProjectOptions): Promise<ProjectReading> {
  const project = await import("./project.ts");
  return project.readProject(options);
}
