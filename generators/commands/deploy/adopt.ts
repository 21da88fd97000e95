import type { Client, UnstructuredObject } from "@kubescaffold/runtime";
import { keyOf, type Manifest } from "./objects.ts";

/** Under which name `kubectl apply` notes what it writes. */
const kubectl = "kubectl-client-side-apply";
const attempts = 5;

/**
 * Takes over what `kubectl apply` has noted of an object as its own, as `kubectl apply --server-side` does: otherwise a field that the manifests no
 * longer have would stay for ever, since nobody asks for it and nobody takes it away.
 *
 * @param before the object as it is
 * @param manager the field manager that applies it from now on
 */
export async function adoptFromKubectl(
  client: Client,
  object: Manifest,
  before: UnstructuredObject,
  manager: string,
  signal: AbortSignal,
): Promise<void> {
  let current: UnstructuredObject | undefined = before;
  for (let attempt = 1; current !== undefined; attempt++) {
    const { managedFields = [], resourceVersion } = current.metadata;
    const noted = managedFields.find((entry) => entry.manager === kubectl && entry.operation === "Update" && !entry.subresource);
    if (noted === undefined || managedFields.some((entry) => entry.manager === manager && entry.operation === "Apply")) return;
    const taken = managedFields.map((entry) => (entry === noted ? { ...entry, manager, operation: "Apply" } : entry));
    try {
      await client.patch(object, keyOf(object), "merge", { metadata: { managedFields: taken, resourceVersion } }, { signal });
      return;
    } catch (error) {
      const isConflict = error instanceof Error && "reason" in error && error.reason === "Conflict";
      if (!isConflict || attempt === attempts) throw error;
      current = await client.get(object, keyOf(object), { signal });
    }
  }
}
