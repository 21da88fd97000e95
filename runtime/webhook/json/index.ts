/**
 * JSON as admission needs it: read without losing large integers, copied, compared, and the difference as a JSON patch. Pure functions that
 * use nothing else. Read patch.ts first.
 */
export { createPatch, type PatchOperation } from "./patch.ts";
export { readJson, writeJson, type ExactIntegers, type JsonDocument } from "./integers.ts";
export { equalJson } from "./equal.ts";
export { copyJson, isObject, type JsonObject, type JsonValue } from "./value.ts";
