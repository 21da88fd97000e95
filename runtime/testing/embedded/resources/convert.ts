import { numberAt, objectAt, type JsonObject, type JsonValue } from "../schema/index.ts";
import type { Entry } from "../store/entry.ts";
import type { Resource } from "./resource.ts";

/**
 * A stored entry's object at the version of `resource`. Shared: must not be changed. Custom resources are read through the schema that
 * their definition has now: what it no longer knows is left out, new defaults are in.
 */
export function objectAtVersion(entry: Entry, resource: Resource): JsonObject {
  const isStored = entry.object["apiVersion"] === resource.apiVersion;
  if (resource.custom === undefined) {
    if (isStored) return entry.object;
    return entry.form(`object ${resource.apiVersion}`, () => convert(entry.object, resource, resource.apiVersion));
  }
  const form = formName(resource);
  if (isStored && entry.form("first read", () => form) === form) return entry.object;
  return entry.form(`object ${form}`, () => {
    const strategy = resource.strategy();
    return strategy.decodeValue(strategy.convert(entry.object, resource.apiVersion), "Ignore").object;
  });
}

/** Names what the forms of an entry depend on: the version, and the generation of the definition. */
export function formName(resource: Resource): string {
  const generation = resource.custom?.definition["metadata"];
  return generation === undefined ? resource.apiVersion : `${resource.apiVersion} ${numberAt(generation, "generation") ?? 0}`;
}

/** An object of `resource` at the version in which it is kept. */
export function atStorageVersion(object: JsonObject, resource: Resource): JsonObject {
  return object["apiVersion"] === resource.storageApiVersion ? object : convert(object, resource, resource.storageApiVersion);
}

/** The object at another version of its kind; the given object is not changed. */
export function convert(object: JsonObject, resource: Resource, apiVersion: string): JsonObject {
  if (object["apiVersion"] === apiVersion) return object;
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
    else if (converted[field] === "") delete converted[field];
  }
  return { ...converted, apiVersion };
}

/** `metadata` of an object, an empty one when it has none. */
export function metadataOf(object: JsonValue | undefined): JsonObject {
  return objectAt(object, "metadata") ?? {};
}
