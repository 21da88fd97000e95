/**
 * What a project says about its API, as plain data: resources, versions, schemas, access rules, and diagnostics.
 * `spec/` fills it from TypeScript, `emit/` turns it into files. It uses nothing. Read resource.ts first.
 */
export type { AccessRule } from "./access.ts";
export { compareDiagnostics, comparePlaces, formatDiagnostic, type Diagnostic, type DiagnosticCode, type Place } from "./diagnostic.ts";
export { pluralOf } from "./plural.ts";
export type { PrintColumn, Resource, ResourceVersion, ScaleSubresource } from "./resource.ts";
export { schemaProblems, type SchemaProblem } from "./problems.ts";
export { readPattern, type Pattern, type PatternProblem } from "./re2.ts";
export { mapSchemas, type Json, type Schema, type ValidationRule } from "./schema.ts";
export { violations, type Violation } from "./violations.ts";
export { knownFormats } from "./formats.ts";
export { compareVersions } from "./versions.ts";
