/**
 * Admission of the embedded API server: the built-in plugins that kube-apiserver runs between defaulting and validation, and the
 * allocation of addresses and ports; then webhooks (`webhooks/`) and admission policies (`policies.ts`), mutating ones before validation
 * and the others after it. May use the store, the resources, `../cel` and `../callout`. Read this file first, then `attributes.ts`.
 */
import type { Api } from "../api.ts";
import { forbidden, notFound } from "../errors.ts";
import type { Resource } from "../resources/index.ts";
import { objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Write } from "../write.ts";
import { attributesOf, type Attributes } from "./attributes.ts";
import { admitPod } from "./pods.ts";
import { validateByPolicies } from "./policies.ts";
import { allocateService, keepAllocations } from "./services.ts";
import { mutateByWebhooks, Reinvocation, validateByWebhooks } from "./webhooks/index.ts";

export { attributesOf, kindOf, namespaceOf, type Attributes } from "./attributes.ts";

const IMMORTAL_NAMESPACES = new Set(["default", "kube-system", "kube-public"]);

/** Admits a new object, and may change it. Throws StatusFailure. */
export async function admitCreate(api: Api, write: Write, object: JsonObject): Promise<void> {
  requireLiveNamespace(api, write, stringAt(object, "metadata", "name") ?? "");
  requireLiveDefinition(write, stringAt(object, "metadata", "name") ?? "");
  fillNamespace(write, object);
  await mutate(api, attributesOf(write, "CREATE", object, undefined), () => {
    if (write.resource.collection === "pods") admitPod(api, object);
  });
  if (write.resource.collection === "services") allocateService(api, object, write.namespace);
}

/** What the path says need not be in the body; webhooks see it there. */
function fillNamespace({ resource, namespace }: Write, object: JsonObject): void {
  const metadata = objectAt(object, "metadata");
  if (metadata !== undefined && resource.namespaced && (stringAt(metadata, "namespace") ?? "") === "") metadata["namespace"] = namespace;
}

/** Admits a change, and may add to it. Throws StatusFailure. */
export async function admitUpdate(api: Api, write: Write, object: JsonObject, current: JsonObject): Promise<void> {
  fillNamespace(write, object);
  const attributes = write.attributes?.(object, current) ?? attributesOf(write, "UPDATE", object, current);
  await mutate(api, attributes, () => {});
  if (attributes.object !== undefined && attributes.object !== object) write.takeBack?.(object, attributes.object);
  if (write.subresource === "" && write.resource.collection === "services") keepAllocations(api, object, current);
}

/** Has policies and webhooks judge what will be stored. Throws StatusFailure. */
export async function validateWrite(api: Api, write: Write, object: JsonObject, current: JsonObject | undefined): Promise<void> {
  const own = current === undefined ? undefined : write.attributes?.(object, current);
  await validate(api, own ?? attributesOf(write, current === undefined ? "CREATE" : "UPDATE", object, current));
}

/** Admits a request that is no plain write, such as a deletion, an eviction or a connection. Throws StatusFailure. */
export async function admitRequest(api: Api, attributes: Attributes): Promise<void> {
  await mutate(api, attributes, () => {});
  await validate(api, attributes);
}

/** Plugins of the server, then webhooks; both once more when a webhook changed what an earlier one had seen. */
async function mutate(api: Api, attributes: Attributes, plugins: () => void): Promise<void> {
  const rounds = new Reinvocation();
  plugins();
  await mutateByWebhooks(api, attributes, rounds);
  if (!rounds.changedAnything) return;
  rounds.second = true;
  plugins();
  await mutateByWebhooks(api, attributes, rounds);
}

async function validate(api: Api, attributes: Attributes): Promise<void> {
  await validateByPolicies(api, attributes);
  await validateByWebhooks(api, attributes);
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
