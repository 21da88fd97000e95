/**
 * What a project says about its API, as plain data: resources, versions, schemas, access rules, webhooks, policies, and diagnostics.
 * `spec/` fills it from TypeScript, `emit/` turns it into files. It uses nothing. Read resource.ts first.
 */
export type { AccessRule } from "./access.ts";
export { compareDiagnostics, comparePlaces, formatDiagnostic, type Diagnostic, type DiagnosticCode, type Place } from "./diagnostic.ts";
export { pluralOf } from "./plural.ts";
export type { PrintColumn, Resource, ResourceVersion, ScaleSubresource } from "./resource.ts";
export { schemaProblems, type SchemaProblem } from "./problems.ts";
export { readPattern, type Pattern, type PatternProblem } from "./re2.ts";
export { anySchema, mapSchemas, type Json, type Schema, type ValidationRule } from "./schema.ts";
export { violations, type Violation } from "./violations.ts";
export { knownFormats } from "./formats.ts";
export { compareVersions } from "./versions.ts";
export {
  configurationNames,
  convertPath,
  webhookService,
  type AdmissionPolicy,
  type CertificateSource,
  type ConvertedKind,
  type LabelSelector,
  type MatchCondition,
  type Webhook,
  type WebhookClient,
  type WebhookRule,
  type Webhooks,
  type WebhookSettings,
  type WebhookSort,
} from "./webhook.ts";
export {
  conditionProblems,
  isQualifiedName,
  ruleProblems,
  selectorProblems,
  webhookProblems,
  webhookWords,
  type WebhookProblem,
} from "./webhook-problems.ts";
