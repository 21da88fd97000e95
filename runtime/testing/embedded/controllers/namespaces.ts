import { timestamp, type Api } from "../api.ts";
import { metadataOf, strings } from "../resources/index.ts";
import { arrayAt, cloneJson, objectAt, type JsonObject } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import { commitUpdate } from "../write.ts";
import { putCondition } from "./conditions.ts";
import { deleteInBackground } from "./garbage.ts";
import type { Work } from "./work.ts";

/** Empties namespaces that are being deleted, and takes the `kubernetes` finalizer off when nothing is left in them. */
export function runNamespaces(api: Api, work: Work): void {
  const namespaces = api.store.collection("namespaces");
  const later = (name: string) =>
    work.add(`namespace ${name}`, () => {
      const entry = namespaces.get(name);
      if (entry !== undefined && metadataOf(entry.object)["deletionTimestamp"] !== undefined) empty(api, entry);
    });
  namespaces.observe((change) => {
    if (change.type !== "DELETED" && metadataOf(change.entry.object)["deletionTimestamp"] !== undefined) later(change.entry.name);
  });
  api.store.observe((_collection, { type, entry }) => {
    if (type === "DELETED" && entry.namespace !== "" && isTerminating(namespaces.get(entry.namespace))) later(entry.namespace);
  });
}

function isTerminating(namespace: Entry | undefined): boolean {
  return namespace !== undefined && metadataOf(namespace.object)["deletionTimestamp"] !== undefined;
}

function empty(api: Api, namespace: Entry): void {
  const remaining = new Map<string, number>();
  const finalizers = new Map<string, number>();
  for (const collection of api.store.collections()) {
    const resource = api.registry.ofCollection(collection.name);
    if (resource === undefined || !resource.namespaced) continue;
    for (const entry of collection.list(namespace.name)) {
      if (metadataOf(entry.object)["deletionTimestamp"] === undefined) deleteInBackground(api, resource, entry);
    }
    const left = collection.list(namespace.name);
    if (left.length === 0) continue;
    remaining.set(collection.name, left.length);
    for (const entry of left) {
      for (const finalizer of strings(entry.object, "metadata", "finalizers")) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
      }
    }
  }
  const current = api.store.collection("namespaces").get(namespace.key);
  if (current === undefined) return;
  const object = cloneJson(current.object);
  const now = timestamp(api.clock.now());
  describe(object, remaining, finalizers, now);
  if (remaining.size === 0) {
    const rest = arrayAt(object, "spec", "finalizers").filter((each) => each !== "kubernetes");
    const spec = { ...objectAt(object, "spec") };
    if (rest.length === 0) delete spec["finalizers"];
    else spec["finalizers"] = rest;
    object["spec"] = spec;
  }
  if (JSON.stringify(object) !== JSON.stringify(current.object)) commitUpdate(api, api.store.collection("namespaces"), current, object);
}

/** What people see in a namespace that does not go away. */
function describe(object: JsonObject, remaining: ReadonlyMap<string, number>, finalizers: ReadonlyMap<string, number>, now: string): void {
  const put = (type: string, status: string, reason: string, message: string) =>
    putCondition(object, { type, status, reason, message }, now);
  put("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered");
  put("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed");
  put("NamespaceDeletionContentFailure", "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
  if (remaining.size === 0) put("NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed");
  else {
    const texts = [...remaining].sort().map(([name, count]) => `${name} has ${count} resource instances`);
    put("NamespaceContentRemaining", "True", "SomeResourcesRemain", `Some resources are remaining: ${texts.join(", ")}`);
  }
  if (finalizers.size === 0)
    put("NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished");
  else {
    const texts = [...finalizers].sort().map(([name, count]) => `${name} in ${count} resource instances`);
    put(
      "NamespaceFinalizersRemaining",
      "True",
      "SomeFinalizersRemain",
      `Some content in the namespace has finalizers remaining: ${texts.join(", ")}`,
    );
  }
}
