import {
  arrayAt,
  cloneJson,
  defaultCustomResourceDefinition,
  objectAt,
  stringAt,
  validateCustomResourceDefinition,
  type FieldError,
  type JsonObject,
} from "../schema/index.ts";

/**
 * Everything that an API server would hold against a CustomResourceDefinition (`apiextensions.k8s.io/v1`) that is created: names, versions,
 * structural schemas, defaults, and CEL rules that do not compile, do not fit the schema's types or may cost too much.
 *
 * @returns errors with the server's paths (`spec.versions[0].schema.openAPIV3Schema.properties[spec]`) and words; none when it is right
 */
export async function definitionErrors(definition: JsonObject): Promise<FieldError[]> {
  const defaulted = cloneJson(definition);
  defaultCustomResourceDefinition(defaulted);
  // What an API server notes when it creates one.
  const stored = arrayAt(defaulted, "spec", "versions").find((version) => objectAt(version)?.["storage"] === true);
  defaulted["status"] = { storedVersions: [stringAt(stored, "name") ?? ""] };
  const errors = validateCustomResourceDefinition(defaulted);
  if (errors.length > 0 || !JSON.stringify(defaulted).includes('"x-kubernetes-validations"')) return errors;
  const { definitionRuleErrors } = await import("../cel/index.ts");
  return definitionRuleErrors(defaulted);
}

/** What an API server counts a CEL rule as, in its units, of about 50 ns each. */
export interface RuleBudget {
  /** The version whose schema it is in. */
  readonly version: string;
  /** Where it is in the schema: `properties[spec].properties[items].x-kubernetes-validations[0]`. */
  readonly path: string;
  readonly rule: string;
  /** The most that all of its evaluations in one request may cost. More than {@link RuleBudgets.ruleLimit} is refused. */
  readonly cost: number;
  /** How often it is evaluated at most: by `maxItems` and `maxProperties` of what it is in, else by how many fit into a request. */
  readonly evaluations: number;
}

/** All CEL rules of a CustomResourceDefinition, with what an API server lets them cost. */
export interface RuleBudgets {
  readonly rules: readonly RuleBudget[];
  readonly ruleLimit: number;
  /** The most that all rules of a version's schema may cost together. */
  readonly schemaLimit: number;
}

/**
 * What the CEL rules of a CustomResourceDefinition may cost, as an API server estimates it before it takes them: by the declared `maxItems`,
 * `maxProperties` and `maxLength`, or by what fits into a request.
 *
 * @see https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints
 */
export async function ruleBudgets(definition: JsonObject): Promise<RuleBudgets> {
  const { RULE_COST_LIMIT, schemaRules, SCHEMA_COST_LIMIT } = await import("../cel/index.ts");
  const rules = arrayAt(definition, "spec", "versions").flatMap((version) => {
    const schema = objectAt(version, "schema", "openAPIV3Schema") ?? {};
    const name = stringAt(version, "name") ?? "";
    return schemaRules(schema, "").rules.map(({ path, rule, total, cardinality }) => ({
      version: name,
      path: path.replace(/^\./, ""),
      rule,
      cost: total,
      evaluations: cardinality,
    }));
  });
  return { rules, ruleLimit: RULE_COST_LIMIT, schemaLimit: SCHEMA_COST_LIMIT };
}
