import { arrayAt, cloneJson, compileSchema, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import type { Resource } from "./resource.ts";

/**
 * A stored entry's object at the version of `resource`. Shared: must not be changed. Custom resources are read through the schema that
 * their storage version has now (what it no longer knows is left out, new defaults are in), and then pruned by the version asked for.
 */
export function objectAtVersion(entry: Entry, resource: Resource): JsonObject {
  if (resource.custom === undefined) {
    if (entry.object["apiVersion"] === resource.apiVersion) return entry.object;
    return entry.form(`object ${resource.apiVersion}`, () => convert(entry.object, resource, resource.apiVersion));
  }
  const stored = storedObject(entry, resource);
  if (resource.apiVersion === resource.storageApiVersion) return stored;
  return entry.form(`object ${formName(resource)}`, () => prunedAt(stored, resource, resource.apiVersion));
}

function storedObject(entry: Entry, resource: Resource): JsonObject {
  const { storageApiVersion } = resource;
  const form = `${storageApiVersion} ${generationOf(resource)}`;
  // Written, and so read for the answer, under the present definition: nothing to do.
  if (entry.form("first read", () => form) === form && entry.object["apiVersion"] === storageApiVersion) return entry.object;
  return entry.form(
    `object ${form}`,
    () => resource.storageStrategy().decodeValue({ ...entry.object, apiVersion: storageApiVersion }, "Ignore").object,
  );
}

/** Conversion of custom resources without a webhook: another apiVersion, and only the fields that it knows. */
function prunedAt(object: JsonObject, resource: Resource, apiVersion: string): JsonObject {
  const converted = cloneJson({ ...object, apiVersion });
  const name = apiVersion.slice(apiVersion.indexOf("/") + 1);
  const version = arrayAt(resource.custom?.definition, "spec", "versions").find((each) => stringAt(each, "name") === name);
  const schema = objectAt(version, "schema", "openAPIV3Schema");
  if (schema !== undefined) compileSchema(schema).prune(converted);
  return converted;
}

/** Names what the forms of an entry depend on: the version, and the generation of the definition. */
export function formName(resource: Resource): string {
  return resource.custom === undefined ? resource.apiVersion : `${resource.apiVersion} ${generationOf(resource)}`;
}

function generationOf(resource: Resource): number {
  return numberAt(resource.custom?.definition, "metadata", "generation") ?? 0;
}

/** An object of `resource` at the version in which it is kept. */
export function atStorageVersion(object: JsonObject, resource: Resource): JsonObject {
  if (object["apiVersion"] === resource.storageApiVersion) return object;
  if (resource.custom !== undefined) return prunedAt(object, resource, resource.storageApiVersion);
  return convert(object, resource, resource.storageApiVersion);
}

/** An object of `resource`, at any of its versions, at another one. Throws an Error with the server's words when a webhook cannot convert it. */
export async function convertBetween(object: JsonObject, resource: Resource, apiVersion: string): Promise<JsonObject> {
  await Promise.resolve();
  if (object["apiVersion"] === apiVersion) return object;
  return resource.custom === undefined ? convert(object, resource, apiVersion) : prunedAt(object, resource, apiVersion);
}

/** An object of a built-in kind at another version; the given object is not changed. */
function convert(object: JsonObject, resource: Resource, apiVersion: string): JsonObject {
  if (resource.collection === "events") return renameEventFields(object, apiVersion);
  return resource.strategy().convert(object, apiVersion);
}

/** Fields that core/v1 and events.k8s.io/v1 name differently, in this order. */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

function renameEventFields(object: JsonObject, apiVersion: string): JsonObject {
  const toCore = apiVersion === "v1";
  const names = new Map(EVENT_FIELDS.map(([core, events]) => (toCore ? [events, core] : [core, events])));
  const converted: JsonObject = {};
  for (const [field, value] of Object.entries(object)) {
    if (value !== undefined) converted[names.get(field) ?? field] = value;
  }
  for (const field of [toCore ? "reportingComponent" : "reportingController", "reportingInstance"]) {
    if (toCore) converted[field] ??= "";
    else if (converted[field] === "") Reflect.deleteProperty(converted, field);
  }
  return { ...converted, apiVersion };
}

/** `metadata` of an object, an empty one when it has none. */
export function metadataOf(object: JsonValue | undefined): JsonObject {
  return objectAt(object, "metadata") ?? {};
}
