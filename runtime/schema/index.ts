/**
 * What a structural schema (a CRD's, or a built-in kind's OpenAPI v3 schema) does to a
 * JSON value: validate, default, prune; and the validation that a CustomResourceDefinition itself gets. Pure functions that
 * know nothing of HTTP or storage. Everything is compiled once per schema object and cached on it (so a schema object must not
 * be changed after its first use: replace it). Uses nothing outside this folder. Read `schema.ts` first.
 *
 * The judge of every message and every order is kube-apiserver 1.35.
 */
export { compileSchema } from "./schema.ts";
export type { CompiledSchema, PruneOptions, ValidateOptions } from "./schema.ts";
export { correlate, type Correlation } from "./ratcheting.ts";
export { findDuplicateKeys } from "./duplicates.ts";
export { defaultCustomResourceDefinition, validateCustomResourceDefinition, validateCustomResourceDefinitionUpdate } from "./crd.ts";
export {
  configKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  environmentName,
  labelValue,
  pathSegment,
  portName,
  qualifiedName,
} from "./names.ts";
export { embeddedErrors, visitEmbedded } from "./embedded.ts";
export {
  annotationErrors,
  immutableErrors,
  labelErrors,
  metadataErrors,
  metadataUpdateErrors,
  partialMetadataErrors,
  unqualifiedFinalizerErrors,
  type NameRule,
} from "./metadata.ts";
export { badRequest, failure, invalid, StatusFailure } from "./status.ts";
export type { Status, StatusCause } from "./status.ts";
export { duplicate, forbidden, invalidText, invalidValue, notFound, notSupported, required, tooLong } from "./fielderrors.ts";
export type { FieldError, FieldErrorType } from "./fielderrors.ts";
export { objectMetaSchema } from "./objectmeta.ts";
export type { JsonSchema, ResolveRef } from "./jsonschema.ts";
export { compareBytes, goJson, goNumber, goQuote, goValue } from "./gotext.ts";
export { arrayAt, cloneJson, equalJson, isObject, numberAt, objectAt, omit, setField, stringAt, valueAt } from "./json.ts";
export type { JsonArray, JsonObject, JsonValue } from "./json.ts";
export { compilePattern } from "./pattern.ts";
