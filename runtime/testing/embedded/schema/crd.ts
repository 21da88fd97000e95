import type { FieldError } from "./fielderrors.ts";
import type { JsonObject } from "./json.ts";

/** Defaults of a CustomResourceDefinition, in place: singular, listKind, conversion None, printer column priority… */
export function defaultCustomResourceDefinition(crd: JsonObject): void {
  void crd;
}
/** Everything that is wrong with a CustomResourceDefinition that is created. */
export function validateCustomResourceDefinition(crd: JsonObject): FieldError[] {
  void crd;
  return [];
}
/** The same for an update of `old`. */
export function validateCustomResourceDefinitionUpdate(crd: JsonObject, old: JsonObject): FieldError[] {
  void old;
  return validateCustomResourceDefinition(crd);
}
