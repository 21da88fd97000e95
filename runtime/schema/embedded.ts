/**
 * Objects within custom resources (`x-kubernetes-embedded-resource`): their metadata is validated like that of any object.
 */
import { invalidValue, required, type FieldError } from "./fielderrors.ts";
import { isObject, type JsonObject, type JsonValue } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";
import { partialMetadataErrors } from "./metadata.ts";
import { dns1035Label, pathSegment } from "./names.ts";

/** Errors of embedded objects: they need a kind, a version, and metadata that would be valid. */
export function embeddedErrors(object: JsonObject, schema: JsonSchema): FieldError[] {
  const errors: FieldError[] = [];
  visitEmbedded(object, schema, "", (embedded, path) => {
    errors.push(...["apiVersion", "kind"].filter((field) => embedded[field] === undefined).map((field) => required(`${path}.${field}`)));
    errors.push(...versionErrors(embedded["apiVersion"], `${path}.apiVersion`), ...kindErrors(embedded["kind"], `${path}.kind`));
    const metadata = isObject(embedded["metadata"]) ? partialMetadataErrors(embedded["metadata"], pathSegment) : [];
    errors.push(...metadata.map((error) => ({ ...error, field: `${path}.${error.field}` })));
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

/** Calls back for every object that the schema says is embedded. */
export function visitEmbedded(value: JsonValue, schema: JsonSchema, path: string, each: (object: JsonObject, path: string) => void): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items) for (const [index, item] of value.entries()) visitEmbedded(item, items, `${path}[${index}]`, each);
    return;
  }
  if (!isObject(value)) return;
  if (schema["x-kubernetes-embedded-resource"] === true) each(value, path);
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const property = schema.properties?.[name];
    if (property) visitEmbedded(field, property, path === "" ? name : `${path}.${name}`, each);
    else if (typeof schema.additionalProperties === "object") visitEmbedded(field, schema.additionalProperties, `${path}[${name}]`, each);
  }
}
