/**
 * Conversion of a kind between its versions, with one of them as the hub: what a project writes (converter.ts), how objects go by way of the
 * hub (conversion.ts), the endpoint that answers ConversionReviews, and the rewriting of stored objects (migration.ts). Uses `client/`, `../review`, `../json` and `object/`. Read converter.ts first.
 */
export { type AnySpoke, type Converted, type Converter, type Spoke } from "./converter.ts";
export { Conversion, ConversionError } from "./conversion.ts";
export { migrateStoredVersions, StorageMigrationError, type StorageMigrationOptions, type StorageMigrationProgress } from "./migration.ts";
export { CONVERT_PATH, ConversionEndpoint } from "./endpoint.ts";
