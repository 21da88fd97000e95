import type { Entry } from "../store/index.ts";
import { formName, objectAtVersion } from "./convert.ts";
import type { Resource } from "./resource.ts";

/** JSON text of a stored object at the resource's version; serialised once. */
export function objectText(entry: Entry, resource: Resource): string {
  return entry.form(`text ${formName(resource)}`, () => JSON.stringify(objectAtVersion(entry, resource)));
}

/** JSON text of its PartialObjectMetadata. */
export function partialText(entry: Entry, resource: Resource): string {
  return entry.form(`partial ${formName(resource)}`, () =>
    JSON.stringify({
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: objectAtVersion(entry, resource)["metadata"],
    }),
  );
}

/** JSON text of the object as an item of a list: built-in kinds leave out apiVersion and kind there. */
export function itemText(entry: Entry, resource: Resource): string {
  if (resource.custom) return objectText(entry, resource);
  return entry.form(`item ${formName(resource)}`, () => {
    const item = { ...objectAtVersion(entry, resource) };
    delete item["apiVersion"];
    delete item["kind"];
    return JSON.stringify(item);
  });
}
