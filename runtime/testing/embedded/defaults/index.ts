/**
 * What each kind does to its objects in the embedded API server: decoding (as Go's typed structs would read and write them),
 * defaulting, preparing for create and update, validation. One {@link Strategy} per kind and version; custom resources get theirs
 * from their CRD. May use `../schema` and `../apply`. Read `strategy.ts` first.
 *
 * The order of calls in a request:
 * - create: `decode` → `trackUpdate` (../apply) → mutating webhooks → {@link beforeCreate} → validating webhooks → store.
 * - update: `decode` → `trackUpdate` → webhooks → {@link beforeUpdate} → store, unless nothing changed.
 * - patch: patch the stored object → `decodeValue` with `{ patched: true }` → as update. Apply: `applyServerSide` → `decodeValue` with
 *   `{ applied: true }` → as update without `trackUpdate`.
 *
 * Known differences from kube-apiserver:
 * - CEL rules are accepted and not evaluated.
 * - What a strategic merge patch makes of wrong types is told in the words of the other patches.
 * - An immutable pod template of a Job is shown as JSON, where the server prints the Go struct.
 * - Services get no cluster address or node port here (that needs state): the caller sets `spec.clusterIP` before {@link beforeCreate}.
 * - Kinds without a rule of their own are decoded, canonicalised and checked for metadata only.
 * - Whole numbers beyond 2^53 lose digits, and `1.0` is the integer 1.
 */
export { builtinStrategy } from "./kinds.ts";
export { customResourceStrategy } from "./custom.ts";
export type { BuiltinKind } from "./kinds.ts";
export { beforeCreate, beforeUpdate } from "./strategy.ts";
export type { CreateContext, Decoded, DecodeOptions, FieldValidation, Strategy, UpdateContext } from "./strategy.ts";
