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
 * structural schemas, defaults, and CEL rules that do not compile.
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
