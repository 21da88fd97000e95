/**
 * From the model to the text of files; the same model gives the same bytes. It may use `model/`, and never touches the disk.
 * Read artefacts.ts first, which says which files there are.
 */
export { classArtefacts, derivedArtefacts, type Artefact } from "./artefacts.ts";
export { classPath, emitClass, schemaPath } from "./class.ts";
export { crdPath, customResourceDefinition, emitCrd } from "./crd.ts";
export { emitJsonSchemas } from "./json-schema.ts";
export { emitOpenApi } from "./openapi.ts";
export { lastAppliedBytes, mostAnnotationBytes } from "./last-applied.ts";
export { policyObjects } from "./policies.ts";
export { aggregatedRolePaths, emitAggregatedRoles, emitRole } from "./rbac.ts";
export { refusals, shortened } from "./refusals.ts";
export { emitSample, sampleObject, samplePath } from "./sample.ts";
export { emitSchemaModule, hasRules } from "./schema-module.ts";
export { emitWebhooks, webhookConfigurations } from "./webhooks.ts";
