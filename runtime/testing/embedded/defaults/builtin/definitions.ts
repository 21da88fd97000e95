/**
 * Custom resource definitions and API services.
 */
import type { FieldError, JsonObject, JsonSchema } from "../../../../schema/index.ts";
import { definitionRuleErrors } from "../../../../cel/index.ts";
import {
  arrayAt,
  equalJson,
  objectAt,
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from "../../../../schema/index.ts";
import { defaultCustomResourceDefinition } from "../../../../schema/index.ts";
import type { KindRules } from "../rules.ts";
import { at } from "./fields.ts";

const definition: KindRules = {
  status: true,
  generation: true,
  defaults: defaultCustomResourceDefinition,
  create(object) {
    const versions = objectAt(object, "spec")?.["versions"];
    const stored = Array.isArray(versions) ? versions.find((version) => objectAt(version)?.["storage"] === true) : undefined;
    at(object, ["status"], (status) =>
      Object.assign(status, { storedVersions: stored === undefined ? [] : [objectAt(stored)?.["name"] ?? ""] }),
    );
  },
  update(object, old) {
    // A new storage version is added to those that objects may be stored in.
    const versions = objectAt(object, "spec")?.["versions"];
    const current = Array.isArray(versions) ? versions.find((version) => objectAt(version)?.["storage"] === true) : undefined;
    const name = objectAt(current)?.["name"];
    const stored = objectAt(old, "status")?.["storedVersions"];
    if (typeof name !== "string" || !Array.isArray(stored) || stored.some((version) => equalJson(version, name))) return;
    at(object, ["status"], (status) => Object.assign(status, { storedVersions: [...stored, name] }));
  },
  validate(object) {
    const errors = validateCustomResourceDefinition(object);
    return errors.length > 0 ? errors : rulesErrors(object);
  },
  validateUpdate: validateCustomResourceDefinitionUpdate,
};

/** Rules that do not compile; a schema that all versions have is told of once, as the spec's. */
function rulesErrors(definition: JsonObject): FieldError[] {
  const schemas = arrayAt(definition, "spec", "versions").map((version) => objectAt(version, "schema", "openAPIV3Schema"));
  const [first] = schemas;
  if (first !== undefined && schemas.every((each) => equalJson(each, first)))
    return definitionRuleErrors(first, "spec.validation.openAPIV3Schema");
  return schemas.flatMap((schema, index) =>
    schema === undefined ? [] : definitionRuleErrors(schema as JsonSchema, `spec.versions[${index}].schema.openAPIV3Schema`),
  );
}

/** Rules by group and kind. */
export const definitionRules: Readonly<Record<string, KindRules>> = {
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
  "apiregistration.k8s.io/APIService": { status: true },
};
