import { dropNulls, fillDefaults } from "./defaulting.ts";
import type { FieldError } from "./fielderrors.ts";
import type { JsonValue } from "./json.ts";
import type { JsonSchema, ResolveRef } from "./jsonschema.ts";
import { listErrors } from "./listtypes.ts";
import { prune } from "./pruning.ts";
import { correlate } from "./ratcheting.ts";
import { compileCheck, fieldErrors, Findings } from "./validator.ts";

/** How one value is to be validated. */
export interface ValidateOptions {
  /** The stored value on an update: what is unchanged and wrong since before is tolerated (CRDValidationRatcheting, KEP-4008). */
  readonly old?: JsonValue | undefined;
  /** Path of the value in its object; default `""`, the whole object. */
  readonly path?: string;
}

/** How one value is to be pruned. */
export interface PruneOptions {
  /** The value is a whole object: `apiVersion`, `kind` and `metadata` stay whatever the schema says. Default true. */
  readonly root?: boolean;
}

/** A structural schema, compiled. All methods are pure but for the in-place changes they name. */
export interface CompiledSchema {
  readonly schema: JsonSchema;
  /** All errors but those of list types; empty when valid. Errors of properties come in the schema's order (the server's order is random there). */
  validate(value: JsonValue, options?: ValidateOptions): FieldError[];
  /** Duplicates in lists of type `set` and `map`, which the server reports after everything else, and not when `old` had some. */
  validateLists(value: JsonValue, options?: ValidateOptions): FieldError[];
  /** Fills defaults in place, and drops nulls that the schema neither allows nor defaults away (unless `keepNulls`). */
  applyDefaults(value: JsonValue, options?: { readonly keepNulls?: boolean }): void;
  /** Drops in place what the schema does not know, and returns the paths dropped, sorted (`spec.foo`, `spec.items[0].bar`). */
  prune(value: JsonValue, options?: PruneOptions): string[];
}

const compiled = new WeakMap<JsonSchema, CompiledSchema>();

/**
 * Compiles a schema once; the second call with the same schema object returns the first result.
 *
 * @param resolve finds `$ref`s; CRD schemas have none. Throws at first use when a reference cannot be found.
 */
export function compileSchema(schema: JsonSchema, resolve?: ResolveRef): CompiledSchema {
  let result = compiled.get(schema);
  if (!result) {
    result = build(schema, resolve);
    compiled.set(schema, result);
  }
  return result;
}

function build(schema: JsonSchema, resolve: ResolveRef | undefined): CompiledSchema {
  const check = compileCheck(schema, resolve);
  return {
    schema,
    validate(value, options = {}) {
      const findings = new Findings();
      check(value, "", findings, undefined);
      if (findings.valid) return [];
      if (options.old === undefined) return fieldErrors(findings, options.path ?? "");
      const ratcheted = new Findings();
      check(value, "", ratcheted, correlate(schema, value, options.old));
      return fieldErrors(ratcheted, options.path ?? "");
    },
    validateLists(value, options = {}) {
      const path = options.path ?? "";
      if (options.old !== undefined && listErrors(options.old, schema, path).length > 0) return [];
      return listErrors(value, schema, path);
    },
    applyDefaults(value, options = {}) {
      if (options.keepNulls !== true) dropNulls(value, schema);
      fillDefaults(value, schema);
    },
    prune: (value, options = {}) => prune(value, schema, options.root ?? true),
  };
}
