/**
 * Validation of persistent volume claims.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { goValue, arrayAt, equalJson, forbidden, invalidValue, notSupported, objectAt, omit, required } from "../../../../schema/index.ts";
import { text } from "../builtin/fields.ts";
import { dns1123Subdomain } from "../../../../schema/index.ts";
import { compareQuantities } from "../../../../schema/quantity.ts";
import { quantity } from "./numbers.ts";
import { labelSelectorErrors } from "./selectors.ts";

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** Errors of a claim's spec. */
export function claimErrors(object: JsonObject): FieldError[] {
  const spec = objectAt(object, "spec") ?? {};
  const modes = arrayAt(spec, "accessModes");
  const errors = modes.length === 0 ? [required("spec.accessModes", "at least 1 access mode is required")] : [];
  const selector = objectAt(spec, "selector");
  if (selector) errors.push(...labelSelectorErrors(selector, "spec.selector"));
  for (const mode of modes) if (!accessModes.includes(goValue(mode))) errors.push(notSupported("spec.accessModes", mode, accessModes));
  if (modes.includes("ReadWriteOncePod") && modes.length > 1)
    errors.push(forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
  const storage = objectAt(spec, "resources", "requests")?.["storage"];
  if (storage === undefined) errors.push(required("spec.resources[storage]"));
  else if (quantity(storage).value <= 0n) errors.push(invalidValue("spec.resources[storage]", storage, "must be greater than zero"));
  const storageClass = text(spec, "storageClassName");
  if (storageClass !== "")
    errors.push(...dns1123Subdomain(storageClass).map((message) => invalidValue("spec.storageClassName", storageClass, message)));
  const mode = text(spec, "volumeMode");
  if (mode !== "" && mode !== "Block" && mode !== "Filesystem") errors.push(notSupported("spec.volumeMode", mode, ["Block", "Filesystem"]));
  return errors;
}

const fixed = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** Errors of a changed claim: a bound one may ask for more, and nothing else. */
export function claimUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const errors = claimErrors(object);
  const [spec, before] = [objectAt(object, "spec") ?? {}, objectAt(old, "spec") ?? {}];
  const flexible = ["resources", "volumeAttributesClassName", ...(text(before, "volumeName") === "" ? ["volumeName"] : [])];
  const [size, sizeBefore] = [objectAt(spec, "resources", "requests")?.["storage"], objectAt(before, "resources", "requests")?.["storage"]];
  const bound = text(old, "status", "phase") === "Bound";
  if (!equalJson(omit(spec, ...flexible), omit(before, ...flexible)) || (!bound && !equalJson(size, sizeBefore)))
    errors.push(forbidden("spec", fixed));
  else if (compareQuantities(quantity(size), quantity(sizeBefore)) < 0)
    errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  return errors;
}
