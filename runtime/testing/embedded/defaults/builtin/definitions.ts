/**
 * Custom resource definitions and API services.
 */
import { definitionRuleErrors } from "../../../../cel/index.ts";
import { equalJson, objectAt, validateCustomResourceDefinition, validateCustomResourceDefinitionUpdate } from "../../../../schema/index.ts";
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
    return errors.length > 0 ? errors : definitionRuleErrors(object);
  },
  validateUpdate(object, old) {
    const errors = validateCustomResourceDefinitionUpdate(object, old);
    return errors.length > 0 ? errors : definitionRuleErrors(object, old);
  },
};

/** Rules by group and kind. */
export const definitionRules: Readonly<Record<string, KindRules>> = {
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
  "apiregistration.k8s.io/APIService": { status: true },
};
