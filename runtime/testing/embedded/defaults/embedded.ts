/**
 * Objects within custom resources (`x-kubernetes-embedded-resource`): their metadata is typed like that of any object.
 */
import { objectMetaSchema, setField, visitEmbedded, type JsonObject, type JsonSchema, type JsonValue } from "../../../schema/index.ts";
import { typedDecoder } from "./decoding.ts";

/** Reads metadata as Go's ObjectMeta reads it. Throws DecodeError for wrong types. */
export function readMetadata(metadata: JsonValue): { object: JsonObject; unknown: string[] } {
  return typedDecoder(objectMetaSchema, "meta.v1.ObjectMeta", () => undefined).decode(metadata);
}

/** Types the metadata of embedded objects, in place; returns the paths of fields that were dropped. Throws DecodeError. */
export function coerceEmbedded(object: JsonObject, schema: JsonSchema): string[] {
  const unknown: string[] = [];
  visitEmbedded(object, schema, "", (embedded, path) => {
    const metadata = embedded["metadata"];
    if (metadata === undefined) return;
    const read = readMetadata(metadata);
    setField(embedded, "metadata", read.object);
    unknown.push(...read.unknown.map((field) => `${path}.metadata.${field}`));
  });
  return unknown;
}
