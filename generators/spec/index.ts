/**
 * From TypeScript to the model: reads `api/<version>/<kind>.types.ts`, the calls of the program in `main.ts`, the markers of its code, and the
 * constants in `*.policy.ts`. The one place that touches the compiler's API, which is loaded at the first call. It may use `model/`. Read project.ts first.
 */
import type { AdmissionReading } from "./admission.ts";
import type { CallsReading, ReadCallsOptions } from "./calls/index.ts";
import type { ProjectReading, ReadProjectOptions } from "./options.ts";

export { builtinResources } from "./builtin/resources.ts";
export type { AdmissionReading } from "./admission.ts";
export type { CallsReading, ForeignKinds, ReadCallsOptions } from "./calls/index.ts";
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

/**
 * Finds the access rules of a program by the types of its calls. Never throws for what a user wrote: a call that cannot be seen through, and
 * that no `@rbac` marker stands above, is a diagnostic.
 *
 * @param options.overlay must hold the derived classes, where they are not on disk as they will be
 */
export async function readCalls(options: ReadCallsOptions): Promise<CallsReading> {
  const calls = await import("./calls/index.ts");
  return calls.readCalls(options);
}

/**
 * Finds what is asked about requests of others, or decides about them: the webhooks that a program registers and that `@webhook` markers tell of,
 * and the policies of `*.policy.ts`. Never throws for what a user wrote.
 *
 * @param options.overlay must hold the derived classes, where they are not on disk as they will be
 */
export async function readAdmission(options: ReadCallsOptions): Promise<AdmissionReading> {
  const admission = await import("./admission.ts");
  return admission.readAdmission(options);
}
