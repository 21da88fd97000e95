import {
  compileSchema,
  dns1123Subdomain,
  embeddedErrors,
  isObject,
  objectAt,
  partialMetadataErrors,
  stringAt,
  type FieldError,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
} from "../schema/index.ts";
import { ValidationError } from "./validation-error.ts";

/** Adds to the errors of a schema what its CEL rules say; `celRules` of `@kubescaffold/runtime/validation/cel` is one. */
export type RuleCheck = (errors: readonly FieldError[], schema: JsonSchema, object: JsonObject, old?: JsonObject) => FieldError[];

/** What {@link objectSchema} takes. */
export interface ObjectSchemaOptions {
  readonly group: string;
  readonly kind: string;
  /** A structural schema of the whole object, as in a CustomResourceDefinition. It must not be changed afterwards. */
  readonly schema: JsonSchema;
  /** Checks `x-kubernetes-validations`; without it, they are left to the API server. */
  readonly rules?: RuleCheck;
}

/** Checks and completes the objects of one kind, in the process. */
export interface ObjectSchema {
  /** The schema as data. */
  readonly schema: JsonSchema;
  /**
   * Everything that is wrong with an object, as the API server would say it of a request to create it; with `old` of a request to
   * update that one, where what was wrong before and did not change is tolerated (KEP-4008) and rules may compare the two. A name and
   * a namespace may be missing. The object is looked at as the server would have it: with its defaults, without fields that the schema does not know.
   */
  errors(object: unknown, old?: unknown): FieldError[];
  /**
   * Does nothing when {@link ObjectSchema.errors} finds nothing.
   *
   * @throws ValidationError with all errors
   */
  validate(object: unknown, old?: unknown): void;
  /** Fills in the defaults of absent fields, in the object itself. A null that may not be one counts as absent. */
  applyDefaults(object: unknown): void;
}

/**
 * The schema of a kind. It is compiled when it is first used.
 *
 * @example
 * const ships = objectSchema({ group: "fleet.example.com", kind: "Ship", schema });
 * ships.errors({ metadata: { name: "a" }, spec: { crew: 0 } })[0]?.field; // "spec.crew"
 */
export function objectSchema({ group, kind, schema, rules }: ObjectSchemaOptions): ObjectSchema {
  function errors(object: unknown, old?: unknown): FieldError[] {
    const compiled = compileSchema(schema);
    const [now, before] = [asStored(object), old === undefined ? undefined : asStored(old)];
    const found = [...compiled.validate(now, { old: before }), ...compiled.validateLists(now, { old: before })];
    if (!isObject(now)) return found;
    found.unshift(...partialMetadataErrors(objectAt(now, "metadata") ?? {}, dns1123Subdomain));
    found.push(...embeddedErrors(now, schema));
    if (rules === undefined) return found;
    return rules(found, schema, now, isObject(before) ? before : undefined);
  }

  function asStored(object: unknown): JsonValue {
    const compiled = compileSchema(schema);
    const json = jsonOf(object);
    compiled.applyDefaults(json);
    compiled.prune(json);
    return json;
  }

  return {
    schema,
    errors,
    validate(object, old) {
      const found = errors(object, old);
      if (found.length > 0)
        throw new ValidationError({ group, kind, name: stringAt(jsonOf(object), "metadata", "name") ?? "", errors: found });
    },
    applyDefaults(object) {
      // The caller's own object is completed; what is in it besides JSON is nothing that a default is in.
      compileSchema(schema).applyDefaults(object as JsonValue, { keepNulls: true });
    },
  };
}

/** A copy as JSON has it. An integer beyond 2^53 may be a bigint; the checks are as exact as a number is. */
function jsonOf(value: unknown): JsonValue {
  const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? Number(each) : each)) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as JsonValue);
}
