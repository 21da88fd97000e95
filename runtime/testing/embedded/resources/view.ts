import type { Entry } from "../store/entry.ts";
import { objectAtVersion } from "./convert.ts";
import type { Resource } from "./resource.ts";

/** JSON text of a stored object at the resource's version; serialised once. */
export function objectText(entry: Entry, resource: Resource): string {
  return entry.form(`text ${resource.apiVersion}`, () => JSON.stringify(objectAtVersion(entry, resource)));
}

/** JSON text of its PartialObjectMetadata. */
export function partialText(entry: Entry, resource: Resource): string {
  return entry.form(`partial ${resource.apiVersion}`, () =>
    JSON.stringify({
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: objectAtVersion(entry, resource)["metadata"],
    }),
  );
}
