/**
 * Objects within custom resources (`x-kubernetes-embedded-resource`): their metadata is typed and validated like that of any object.
 */
import type { FieldError, JsonObject, JsonSchema, JsonValue } from "../../../schema/index.ts";
import {
  dns1035Label,
  invalidValue,
  isObject,
  objectMetaSchema,
  pathSegment,
  required,
  setField,
  stringAt,
} from "../../../schema/index.ts";
import { typedDecoder } from "./decoding.ts";
import { metadataErrors } from "./metadata.ts";

/** Calls back for every object that the schema says is embedded. */
function visit(value: JsonValue, schema: JsonSchema, path: string, each: (object: JsonObject, path: string) => void): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) for (const [index, item] of value.entries()) visit(item, items, `${path}[${index}]`, each);
    return;
  }
  if (!isObject(value)) return;
  if (schema["x-kubernetes-embedded-resource"] === true) each(value, path);
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const property = schema.properties?.[name];
    if (property) visit(field, property, path === "" ? name : `${path}.${name}`, each);
    else if (typeof schema.additionalProperties === "object") visit(field, schema.additionalProperties, `${path}[${name}]`, each);
  }
}

/** Reads metadata as Go's ObjectMeta reads it. Throws DecodeError for wrong types. */
export function readMetadata(metadata: JsonValue): { object: JsonObject; unknown: string[] } {
  return typedDecoder(objectMetaSchema, "meta.v1.ObjectMeta", () => undefined).decode(metadata);
}

/** Types the metadata of embedded objects, in place; returns the paths of fields that were dropped. Throws DecodeError. */
export function coerceEmbedded(object: JsonObject, schema: JsonSchema): string[] {
  const unknown: string[] = [];
  visit(object, schema, "", (embedded, path) => {
    const metadata = embedded["metadata"];
    if (metadata === undefined) return;
    const read = readMetadata(metadata);
    setField(embedded, "metadata", read.object);
    unknown.push(...read.unknown.map((field) => `${path}.metadata.${field}`));
  });
  return unknown;
}

/** Errors of embedded objects: they need a kind, a version, and metadata that would be valid. */
export function embeddedErrors(object: JsonObject, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  visit(object, schema, "", (embedded, path) => {
    errors.push(...["apiVersion", "kind"].filter((field) => embedded[field] === undefined).map((field) => required(`${path}.${field}`)));
    errors.push(...versionErrors(embedded["apiVersion"], `${path}.apiVersion`), ...kindErrors(embedded["kind"], `${path}.kind`));
    if (isObject(embedded["metadata"])) errors.push(...ownMetadataErrors(embedded["metadata"], path));
  });
  return errors;
}

function versionErrors(version: JsonValue | undefined, field: string): FieldError[] {
  if (version === undefined) return [];
  if (typeof version !== "string") return [invalidValue(field, version, "must be a string")];
  if (version === "") return [invalidValue(field, version, "must not be empty")];
  return version.split("/").length > 2 ? [invalidValue(field, version, `unexpected GroupVersion string: ${version}`)] : [];
}

function kindErrors(kind: JsonValue | undefined, field: string): FieldError[] {
  if (kind === undefined) return [];
  if (typeof kind !== "string") return [invalidValue(field, kind, "must be a string")];
  if (kind === "") return [invalidValue(field, kind, "must not be empty")];
  const wrong = dns1035Label(kind.toLowerCase());
  return wrong.length > 0 ? [invalidValue(field, kind, `may have mixed case, but should otherwise match: ${wrong.join(",")}`)] : [];
}

function ownMetadataErrors(metadata: JsonObject, path: string): FieldError[] {
  // A name is not demanded of something that is perhaps a template.
  const named = { metadata: { ...metadata, name: stringAt(metadata, "name") ?? "name" } };
  const errors = metadataErrors(named, (stringAt(metadata, "namespace") ?? "") !== "", pathSegment);
  return errors.map((error) => ({ ...error, field: `${path}.${error.field}` }));
}
