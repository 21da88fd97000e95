/**
 * Admission of the embedded API server: the built-in plugins that kube-apiserver runs between defaulting and validation, and the
 * allocation of addresses and ports. May use the store and the resources. Webhooks will be called from here too. Read this file first.
 */
import type { Api } from "../api.ts";
import { forbidden, notFound } from "../errors.ts";
import type { Resource } from "../resources/resource.ts";
import { objectAt, stringAt, type JsonObject } from "../schema/index.ts";
import type { Write } from "../write.ts";
import { admitPod } from "./pods.ts";
import { allocateService, keepAllocations } from "./services.ts";

const IMMORTAL_NAMESPACES = new Set(["default", "kube-system", "kube-public"]);

/** Admits a new object, and may change it. Throws StatusFailure. */
export async function admitCreate(api: Api, write: Write, object: JsonObject): Promise<void> {
  await Promise.resolve();
  requireLiveNamespace(api, write, stringAt(object, "metadata", "name") ?? "");
  requireLiveDefinition(write, stringAt(object, "metadata", "name") ?? "");
  switch (write.resource.collection) {
    case "pods":
      admitPod(api, object);
      break;
    case "services":
      allocateService(api, object, write.namespace);
  }
}

/** Admits a change, and may add to it. Throws StatusFailure. */
export async function admitUpdate(api: Api, write: Write, object: JsonObject, current: JsonObject): Promise<void> {
  await Promise.resolve();
  if (write.subresource === "" && write.resource.collection === "services") keepAllocations(api, object, current);
}

/** Admits a deletion. Throws StatusFailure. */
export async function admitDelete(resource: Resource, name: string): Promise<void> {
  await Promise.resolve();
  if (resource.collection === "namespaces" && IMMORTAL_NAMESPACES.has(name)) {
    throw forbidden(resource, name, "this namespace may not be deleted");
  }
}

/** Nothing is created in a namespace that does not exist or is going away (the NamespaceLifecycle plugin). */
function requireLiveNamespace(api: Api, { resource, namespace }: Write, name: string): void {
  if (!resource.namespaced) return;
  const entry = api.store.collection("namespaces").get(namespace);
  if (entry === undefined) throw notFound({ group: "", plural: "namespaces" }, namespace);
  if (stringAt(entry.object, "status", "phase") !== "Terminating") return;
  const error = forbidden(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
  const causes = [{ reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" }];
  error.status.details = { ...error.status.details, causes };
  throw error;
}

/** Nothing is created of a kind whose definition is going away. */
function requireLiveDefinition({ resource }: Write, name: string): void {
  if (objectAt(resource.custom?.definition, "metadata")?.["deletionTimestamp"] === undefined) return;
  throw forbidden(resource, name, "create not allowed while custom resource definition is terminating");
}

/** Every namespace carries its name as a label, so that selectors can name it. */
export function labelNamespace(resource: Resource, namespace: JsonObject): void {
  if (resource.collection !== "namespaces") return;
  const metadata = objectAt(namespace, "metadata");
  const name = stringAt(metadata, "name") ?? "";
  if (metadata === undefined || name === "") return;
  metadata["labels"] = { ...objectAt(metadata, "labels"), "kubernetes.io/metadata.name": name };
}
