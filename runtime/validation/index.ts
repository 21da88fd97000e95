/**
 * Checks and completes objects of one kind by its schema, in the process and in the API server's words: what generated classes are
 * built on. May use `schema` and `cel`, the latter only in cel.ts, so that kinds without CEL rules don't load an evaluator.
 * Read object-schema.ts first.
 */
export { objectSchema, type ObjectSchema, type ObjectSchemaOptions, type RuleCheck } from "./object-schema.ts";
export { ValidationError, type ValidationErrorOptions } from "./validation-error.ts";
export type { FieldError, FieldErrorType, JsonArray, JsonObject, JsonSchema, JsonValue } from "../schema/index.ts";
