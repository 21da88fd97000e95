/**
 * Validation of `metadata`, in the order and the words of the API server.
 */
import { forbidden, invalidText, invalidValue, required, tooLong, type FieldError } from "./fielderrors.ts";
import { goQuote, goValue } from "./gotext.ts";
import { arrayAt, equalJson, isObject, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "./json.ts";
import { dns1123Label, labelValue, qualifiedName } from "./names.ts";

/** The form of a kind's names: messages for what is wrong with one. */
export type NameRule = (name: string) => string[];

const annotationsLimit = 256 * 1024;
const immutable = "field is immutable";

/** Errors of metadata that has no name yet or no namespace, as a template's, which is not demanded of it. */
export function partialMetadataErrors(metadata: JsonObject, nameRule: NameRule): FieldError[] {
  const named = { metadata: { ...metadata, name: stringAt(metadata, "name") ?? "name" } };
  return metadataErrors(named, (stringAt(metadata, "namespace") ?? "") !== "", nameRule);
}

/** Errors of metadata in itself, on create and update. */
export function metadataErrors(object: JsonObject, namespaced: boolean, nameRule: NameRule): FieldError[] {
  const metadata = objectAt(object, "metadata") ?? {};
  const errors: FieldError[] = [];
  const generateName = stringAt(metadata, "generateName") ?? "";
  const name = stringAt(metadata, "name") ?? "";
  if (generateName !== "") {
    // A prefix may end in what a whole name may not.
    for (const message of nameRule(generateName.replace(/[-.]+$/, (end) => "a".repeat(end.length)))) {
      errors.push(invalidValue("metadata.generateName", generateName, message));
    }
  }
  if (name === "") errors.push(required("metadata.name", "name or generateName is required"));
  else for (const message of nameRule(name)) errors.push(invalidValue("metadata.name", name, message));
  return [...errors, ...namespaceErrors(metadata, namespaced), ...commonErrors(metadata)];
}

function namespaceErrors(metadata: JsonObject, namespaced: boolean): FieldError[] {
  const namespace = stringAt(metadata, "namespace") ?? "";
  if (!namespaced) return namespace === "" ? [] : [forbidden("metadata.namespace", "not allowed on this type")];
  if (namespace === "") return [required("metadata.namespace")];
  return dns1123Label(namespace).map((message) => invalidValue("metadata.namespace", namespace, message));
}

function commonErrors(metadata: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const generation = numberAt(metadata, "generation") ?? 0;
  if (generation < 0) errors.push(invalidValue("metadata.generation", generation, "must be greater than or equal to 0"));
  errors.push(...labelErrors(objectAt(metadata, "labels"), "metadata.labels"));
  errors.push(...annotationErrors(objectAt(metadata, "annotations"), "metadata.annotations"));
  errors.push(...ownerErrors(arrayAt(metadata, "ownerReferences")));
  errors.push(...finalizerErrors(arrayAt(metadata, "finalizers")));
  return errors;
}

/** Errors of a map of labels. */
export function labelErrors(labels: JsonObject | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const message of qualifiedName(key)) errors.push(invalidValue(path, key, message));
    for (const message of labelValue(goValue(value))) errors.push(invalidValue(path, value, message));
  }
  return errors;
}

/** Errors of a map of annotations. */
export function annotationErrors(annotations: JsonObject | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += Buffer.byteLength(key) + Buffer.byteLength(goValue(value));
    for (const message of qualifiedName(key.toLowerCase())) errors.push(invalidValue(path, key, message));
  }
  if (size > annotationsLimit) errors.push(tooLong(path, annotationsLimit));
  return errors;
}

function ownerErrors(owners: readonly JsonValue[]): FieldError[] {
  const path = "metadata.ownerReferences";
  const errors: FieldError[] = [];
  let controller = "";
  for (const owner of owners.filter(isObject)) {
    const apiVersion = stringAt(owner, "apiVersion") ?? "";
    const kind = stringAt(owner, "kind") ?? "";
    const name = stringAt(owner, "name") ?? "";
    if (apiVersion === "" || apiVersion.endsWith("/"))
      errors.push(invalidValue(`${path}.apiVersion`, apiVersion, "version must not be empty"));
    for (const field of ["kind", "name", "uid"]) {
      const value = stringAt(owner, field) ?? "";
      if (value === "") errors.push(invalidValue(`${path}.${field}`, value, "must not be empty"));
    }
    if (apiVersion === "v1" && kind === "Event")
      errors.push(invalidValue(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    if (owner["controller"] !== true) continue;
    const current = `${kind}/${name}`;
    if (controller === "") {
      controller = current;
    } else {
      const message = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`;
      errors.push(invalidText(path, `[${owners.filter(isObject).map(ownerText).join(",")}]`, message));
    }
  }
  return errors;
}

const ownerFields = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];

/** An owner reference in the order of its Go struct. */
function ownerText(owner: JsonObject): string {
  return JSON.stringify(
    Object.fromEntries(ownerFields.filter((field) => owner[field] !== undefined).map((field) => [field, owner[field]])),
  );
}

const standardFinalizers = new Set<JsonValue>(["kubernetes", "orphan", "foregroundDeletion"]);

/** Built-in kinds are stricter about finalizers than custom ones. */
export function unqualifiedFinalizerErrors(object: JsonObject): FieldError[] {
  return arrayAt(object, "metadata", "finalizers").flatMap((finalizer, index) =>
    goValue(finalizer).includes("/") || standardFinalizers.has(finalizer)
      ? []
      : [invalidValue(`metadata.finalizers[${index}]`, finalizer, "name is neither a standard finalizer name nor is it fully qualified")],
  );
}

function finalizerErrors(finalizers: readonly JsonValue[]): FieldError[] {
  const path = "metadata.finalizers";
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedName(goValue(finalizer)).map((message) => invalidValue(path, finalizer, message)),
  );
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(invalidValue(path, [...finalizers], "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  return errors;
}

/** Errors of a change of metadata. */
export function metadataUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const metadata = objectAt(object, "metadata") ?? {};
  const before = objectAt(old, "metadata") ?? {};
  const errors: FieldError[] = [];
  if (before["deletionTimestamp"] !== undefined) {
    const known = new Set(arrayAt(before, "finalizers"));
    const added = [...new Set(arrayAt(metadata, "finalizers"))]
      .filter((finalizer) => !known.has(finalizer))
      .map(goValue)
      .sort();
    if (added.length > 0) {
      const list = `[]string{${added.map(goQuote).join(", ")}}`;
      errors.push(
        forbidden("metadata.finalizers", `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
      );
    }
  }
  if ((stringAt(metadata, "resourceVersion") ?? "") === "") {
    errors.push(invalidValue("metadata.resourceVersion", "", "must be specified for an update"));
  }
  if ((numberAt(metadata, "generation") ?? 0) < (numberAt(before, "generation") ?? 0)) {
    errors.push(invalidValue("metadata.generation", metadata["generation"] ?? 0, "must not be decremented"));
  }
  const fixed: [string, JsonValue][] = [
    ["name", ""],
    ["namespace", ""],
    ["uid", ""],
    ["creationTimestamp", null],
    ["deletionTimestamp", null],
    ["deletionGracePeriodSeconds", null],
  ];
  for (const [field, zero] of fixed) {
    const value = metadata[field] ?? zero;
    if (!equalJson(value, before[field] ?? zero)) errors.push(invalidValue(`metadata.${field}`, value, immutable));
  }
  errors.push(...labelErrors(objectAt(metadata, "labels"), "metadata.labels"));
  errors.push(...annotationErrors(objectAt(metadata, "annotations"), "metadata.annotations"));
  errors.push(...ownerErrors(arrayAt(metadata, "ownerReferences")));
  return errors;
}

/** `field is immutable`, if it was changed. */
export function immutableErrors(value: JsonValue | undefined, old: JsonValue | undefined, path: string): FieldError[] {
  return equalJson(value, old) ? [] : [invalidValue(path, value ?? null, immutable)];
}
