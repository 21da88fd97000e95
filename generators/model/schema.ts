/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One CEL rule of a schema (`x-kubernetes-validations`). */
export type ValidationRule = {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
};

/**
 * A structural schema, with exactly the names that `apiextensions.k8s.io/v1` JSONSchemaProps has, so that reading a CRD and
 * writing one need no translation. The order of keys carries no meaning here; `emit/` decides it.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export type Schema = {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly example?: Json;
  readonly externalDocs?: { readonly description?: string; readonly url?: string };
  readonly nullable?: boolean;
  readonly enum?: readonly Json[];

  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;

  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;

  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;

  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;

  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;

  readonly "x-kubernetes-preserve-unknown-fields"?: true;
  readonly "x-kubernetes-embedded-resource"?: true;
  readonly "x-kubernetes-int-or-string"?: true;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: "atomic" | "granular";
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
};

/** The same schema with every schema directly inside it replaced; absent members stay absent. */
export function mapSchemas(schema: Schema, replace: (inner: Schema) => Schema): Schema {
  const { properties, items, additionalProperties, allOf, anyOf, oneOf, not } = schema;
  const replaced: { -readonly [K in keyof Schema]: Schema[K] } = { ...schema };
  if (properties) replaced.properties = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, replace(each)]));
  if (items) replaced.items = replace(items);
  if (typeof additionalProperties === "object") replaced.additionalProperties = replace(additionalProperties);
  if (allOf) replaced.allOf = allOf.map(replace);
  if (anyOf) replaced.anyOf = anyOf.map(replace);
  if (oneOf) replaced.oneOf = oneOf.map(replace);
  if (not) replaced.not = replace(not);
  return replaced;
}

/** Whether a schema, or any inside it, is such. */
export function anySchema(schema: Schema, test: (each: Schema) => boolean): boolean {
  const { properties, items, additionalProperties, allOf = [], anyOf = [], oneOf = [], not } = schema;
  const inside = (inner: Schema): boolean => anySchema(inner, test);
  return (
    test(schema) ||
    (items !== undefined && inside(items)) ||
    (typeof additionalProperties === "object" && inside(additionalProperties)) ||
    (not !== undefined && inside(not)) ||
    [allOf, anyOf, oneOf].some((list) => list.some(inside)) ||
    (properties !== undefined && Object.values(properties).some(inside))
  );
}
