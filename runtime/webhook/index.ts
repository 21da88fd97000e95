/**
 * What is served over HTTPS to the API server: admission (`admission/`), conversion of kinds between versions (`conversion/`), token
 * authentication (`authentication/`), the server in front of them (`server/`) and its certificates (`certificates/`). `json/` makes
 * patches; `review/` is what all reviews have in common. Uses `cache/`, `queue/`, `client/` and `object/`. Read server/server.ts first.
 */
export * from "./certificates/index.ts";
export * from "./admission/index.ts";
export * from "./authentication/index.ts";
export {
  ConversionError,
  migrateStoredVersions,
  StorageMigrationError,
  type AnySpoke,
  type Converted,
  type Converter,
  type Spoke,
  type StorageMigrationOptions,
  type StorageMigrationProgress,
} from "./conversion/index.ts";
export * from "./server/index.ts";
export { WebhookBuilder, type WebhookPaths } from "./builder.ts";
export { type MutatingWebhookOptions, type WebhookMatchCondition, type WebhookOptions } from "./options.ts";
export { type PatchOperation } from "./json/index.ts";
export { type WebhookMetrics } from "./review/index.ts";
