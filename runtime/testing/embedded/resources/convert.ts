import { arrayAt, cloneJson, compileSchema, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { customResourceStrategy } from "../defaults/index.ts";
import { plainError } from "../errors.ts";
import { Entry } from "../store/index.ts";
import type { Resource } from "./resource.ts";
import { convertByWebhook, convertsByWebhook, type Callout } from "./webhook.ts";

/**
 * A stored entry's object at the version of `resource`. Shared: must not be changed. Custom resources are read through the schema that
 * their storage version has now (what it no longer knows is left out, new defaults are in), and then pruned by the version asked for.
 * Those that a webhook converts have to come from {@link entryAtVersion}.
 */
export function objectAtVersion(entry: Entry, resource: Resource): JsonObject {
  if (resource.custom === undefined) {
    if (entry.object["apiVersion"] === resource.apiVersion) return entry.object;
    return entry.form(`object ${resource.apiVersion}`, () => convert(entry.object, resource, resource.apiVersion));
  }
  const stored = storedObject(entry, resource);
  if (convertsByWebhook(resource)) return stored;
  if (resource.apiVersion === resource.storageApiVersion) return stored;
  return entry.form(`object ${formName(resource)}`, () => prunedAt(stored, resource, resource.apiVersion));
}

function storedObject(entry: Entry, resource: Resource): JsonObject {
  // Without a webhook, all versions are the storage version by another name.
  const apiVersion = convertsByWebhook(resource) ? (stringAt(entry.object, "apiVersion") ?? "") : resource.storageApiVersion;
  const form = `${apiVersion} ${generationOf(resource)}`;
  // Written, and so read for the answer, under the present definition: nothing to do, unless it was written at another version.
  const isFirst = entry.form("first read", () => form) === form && arrayAt(resource.custom?.definition, "spec", "versions").length === 1;
  if (isFirst && entry.object["apiVersion"] === apiVersion) return entry.object;
  return entry.form(`object ${form}`, () => {
    const strategy = customResourceStrategy(resource.custom?.definition ?? {}, versionIn(apiVersion));
    return strategy.decodeValue({ ...entry.object, apiVersion }, "Ignore").object;
  });
}

/**
 * A stored entry as reads at the version of `resource` see it: itself, unless a webhook has to convert it. Throws StatusFailure 500 when
 * that fails.
 */
export async function entryAtVersion(callout: Callout, entry: Entry, resource: Resource): Promise<Entry> {
  if (!convertsByWebhook(resource) || entry.object["apiVersion"] === resource.apiVersion) return entry;
  const object = await asPlainError(convertBetween(callout, storedObject(entry, resource), resource, resource.apiVersion));
  const shown = new Entry(entry.namespace, entry.name, object, entry.revision);
  // It is what is read: the defaults of the version it was converted to are not filled in.
  shown.form(`object ${formName(resource)}`, () => object);
  return shown;
}

async function asPlainError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw plainError(error instanceof Error ? error.message : String(error));
  }
}

function versionIn(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** Conversion of custom resources without a webhook, and what comes after one: another apiVersion, and only the fields that it knows. */
function prunedAt(object: JsonObject, resource: Resource, apiVersion: string): JsonObject {
  const converted = cloneJson({ ...object, apiVersion });
  const name = versionIn(apiVersion);
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

/** An object of `resource` at the version in which it is kept. Throws StatusFailure 500 when a webhook cannot convert it. */
export function atStorageVersion(callout: Callout, object: JsonObject, resource: Resource): Promise<JsonObject> {
  return asPlainError(convertBetween(callout, object, resource, resource.storageApiVersion));
}

/** An object of `resource`, at any of its versions, at another one. Throws an Error with the server's words when a webhook cannot convert it. */
export async function convertBetween(callout: Callout, object: JsonObject, resource: Resource, apiVersion: string): Promise<JsonObject> {
  if (object["apiVersion"] === apiVersion) return object;
  if (resource.custom === undefined) return convert(object, resource, apiVersion);
  if (!convertsByWebhook(resource)) return prunedAt(object, resource, apiVersion);
  // The version of the store is not part of what is stored, so the webhook does not get to see it.
  const { resourceVersion, ...metadata } = metadataOf(object);
  const converted = await convertByWebhook(callout, resource.custom.definition, { ...object, metadata }, apiVersion);
  if (resourceVersion !== undefined) metadataOf(converted)["resourceVersion"] = resourceVersion;
  return prunedAt(converted, resource, apiVersion);
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
