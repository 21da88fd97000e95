import type { Schema } from "../model/index.ts";
import type { Add } from "./finding.ts";
import { compareRules } from "./rules.ts";
import { isWider, nameOf, sortOf } from "./sorts.ts";
import { compareCombinations, compareDefaults, compareValues, untouched, type Place } from "./values.ts";

/**
 * Compares two schemas of the same value. Validation of stored objects is ratcheted (KEP-4008, on by default since Kubernetes 1.30): an
 * update may leave a value that the new schema refuses as long as it does not change it. Messages say where that helps and where not.
 */
export function compareSchemas(before: Schema, after: Schema, place: Place, path: string, add: Add): void {
  compareDefaults(before, after, path, add);
  const [old, now] = [sortOf(before), sortOf(after)];
  if (old !== now) {
    if (!isWider(now, old)) {
      const words = `the type is ${nameOf(now)} instead of ${nameOf(old)}`;
      add("breaking", "type-changed", path, `${words}: other values are refused; ${untouched}`);
      return;
    }
    add("compatible", "type-widened", path, `the type is ${nameOf(now)} instead of ${nameOf(old)}`);
  }
  compareValues(before, after, place, path, add);
  compareCombinations(before, after, path, add);
  compareLists(before, after, path, add);
  compareObjects(before, after, path, add);
  compareRules(before, after, path, add);
}

function compareLists(before: Schema, after: Schema, path: string, add: Add): void {
  if (before.type !== "array" || after.type !== "array") return;
  const [old, now] = [listOf(before), listOf(after)];
  if (old !== now) {
    const follows =
      after["x-kubernetes-list-type"] === "set" || after["x-kubernetes-list-type"] === "map"
        ? "new lists in which an item stands twice are refused (an object that is stored with one may keep it), and server-side apply merges otherwise"
        : "server-side apply merges otherwise, and takes away items of other managers";
    add("breaking", "list-type-changed", path, `the list is ${now} instead of ${old}: ${follows}`);
  }
  if (before.items !== undefined && after.items !== undefined) compareSchemas(before.items, after.items, "item", `${path}[]`, add);
}

/** Without a list type a list is atomic. The order of keys means nothing. */
function listOf(schema: Schema): string {
  const type = schema["x-kubernetes-list-type"] ?? "atomic";
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return type === "map" ? `a map by ${keys.toSorted().join(", ")}` : type === "set" ? "a set" : "atomic";
}

function compareObjects(before: Schema, after: Schema, path: string, add: Add): void {
  compareOpenness(before, after, path, add);
  const [oldMap, newMap] = [before, after].map(valuesOf);
  if (oldMap !== undefined && newMap !== undefined) compareSchemas(oldMap, newMap, "optional", inside(path, "*"), add);
  for (const [name, old] of Object.entries(before.properties ?? {})) {
    const now = propertyOf(after, name) ?? newMap;
    if (now !== undefined) compareSchemas(old, now, placeOf(after, name), inside(path, name), add);
    else removedField(after, inside(path, name), add);
  }
  for (const [name, now] of Object.entries(after.properties ?? {})) {
    if (propertyOf(before, name) !== undefined) continue;
    if (oldMap !== undefined) compareSchemas(oldMap, now, placeOf(after, name), inside(path, name), add);
    else addedField(before, after, name, inside(path, name), add);
  }
  compareRequired(before, after, path, add);
}

/** Maps, and what keeps fields that it does not name. */
function compareOpenness(before: Schema, after: Schema, path: string, add: Add): void {
  const [wasOpen, isOpen] = [isPreserving(before), isPreserving(after)];
  if (wasOpen && !isOpen && sortOf(after) !== "int-or-string") {
    add(
      "breaking",
      "unknown-fields-pruned",
      path,
      "fields without a schema are no longer kept: they are cut off from stored objects when these are read",
    );
  }
  if (!wasOpen && isOpen && sortOf(before) === sortOf(after))
    add("compatible", "unknown-fields-kept", path, "fields without a schema are kept now");
  if (!isOpen && !wasOpen && valuesOf(before) !== undefined && valuesOf(after) === undefined && after.type === "object") {
    add(
      "breaking",
      "unknown-fields-pruned",
      path,
      "it was a map and has named fields now: all other keys are cut off, from stored objects too",
    );
  }
  const [wasWhole, isWhole] = [before, after].map((each) => each["x-kubernetes-embedded-resource"] === true);
  if (wasWhole !== isWhole) {
    if (isWhole === true)
      add(
        "breaking",
        "embedded-resource-changed",
        path,
        `it must be a whole Kubernetes object now: without apiVersion and kind it is refused, also in stored objects when these are written`,
      );
    else if (isOpen) add("compatible", "embedded-resource-changed", path, "it need not be a whole Kubernetes object any more");
    else
      add(
        "breaking",
        "embedded-resource-changed",
        path,
        "it is no Kubernetes object any more: apiVersion, kind and metadata are cut off where the schema does not name them",
      );
  }
  const [oldMap, newMap] = [before, after].map((each) =>
    each.type === "object" ? (each["x-kubernetes-map-type"] ?? "granular") : undefined,
  );
  if (oldMap !== undefined && newMap !== undefined && oldMap !== newMap)
    add("check by hand", "map-type-changed", path, `the object is ${newMap} instead of ${oldMap}: server-side apply merges it otherwise`);
}

function removedField(parent: Schema, path: string, add: Add): void {
  if (isPreserving(parent)) add("compatible", "field-removed", path, "the field has no schema any more, and is kept as it is");
  else
    add(
      "breaking",
      "field-removed",
      path,
      "the field is gone: it is cut off from stored objects when these are read, and strict clients get an error",
    );
}

function addedField(before: Schema, after: Schema, name: string, path: string, add: Add): void {
  // compareRequired says it where the field must be set.
  if (after.required?.includes(name) === true && propertyOf(after, name)?.default === undefined) return;
  if (isPreserving(before))
    add("check by hand", "field-added", path, `the field has a schema now, and objects may hold something else there; ${untouched}`);
  else add("compatible", "field-added", path, "the field is new");
}

function compareRequired(before: Schema, after: Schema, path: string, add: Add): void {
  for (const name of after.required ?? []) {
    if (before.required?.includes(name) === true) continue;
    const isNew = propertyOf(before, name) === undefined;
    if (propertyOf(after, name)?.default !== undefined) {
      if (!isNew) add("compatible", "required-added", inside(path, name), "the field is required now, and its default fills it in");
      continue;
    }
    const what = isNew ? "the field is new and required" : "the field is required now";
    const parent = path === "" ? "the object" : path;
    add(
      "breaking",
      "required-added",
      inside(path, name),
      `${what}, without a default: objects without it are refused, stored ones as soon as anything else in ${parent} changes`,
    );
  }
  for (const name of before.required ?? []) {
    if (after.required?.includes(name) !== true && propertyOf(after, name) !== undefined)
      add("compatible", "required-removed", inside(path, name), "the field may be absent now");
  }
}

function placeOf(parent: Schema, name: string): Place {
  return parent.required?.includes(name) === true ? "required" : "optional";
}

/** Names such as `constructor` are names here too. */
function propertyOf(schema: Schema, name: string): Schema | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
}

function valuesOf(schema: Schema): Schema | undefined {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

function isPreserving(schema: Schema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
}

function inside(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
