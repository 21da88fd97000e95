/**
 * Changing objects in the embedded API server: RFC 6902, RFC 7386 and strategic merge patches, and server-side apply with its
 * field ownership (KEP-555, structured-merge-diff). Pure functions on JSON. May use `../schema`. Read `types.ts` (how a schema
 * becomes a type), `fieldset.ts` (sets of fields), then `apply.ts`.
 *
 * Where each goes in a request:
 * - POST, PUT, and the three patches: build the new object, then {@link trackUpdate} with the stored one.
 * - `application/apply-patch+yaml`: {@link applyServerSide} (live object or `undefined`), then defaulting; no `trackUpdate`.
 * - Before storing an update: {@link keepTimestamps}, so that a change of nothing but managed times is no change.
 */
export { applyJsonPatch, applyMergePatch } from "./patch.ts";
export { applyStrategicMergePatch } from "./strategic.ts";
export { fieldTypeOf } from "./types.ts";
export type { FieldType, FieldTypeOptions } from "./types.ts";
export { applyServerSide, keepTimestamps, managerFromUserAgent, trackUpdate } from "./apply.ts";
export type { ApplyOptions, ManagedKind, TrackOptions } from "./apply.ts";
