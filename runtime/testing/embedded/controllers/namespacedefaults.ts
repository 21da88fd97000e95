import { newUid, timestamp, type Api } from "../api.ts";
import { metadataOf } from "../resources/index.ts";
import type { JsonObject } from "../../../schema/index.ts";
import type { Work } from "./work.ts";

/** What every namespace has: the service account `default`, and the root certificate for those who call the API from inside. */
export function runNamespaceDefaults(api: Api, work: Work): void {
  const namespaces = api.store.collection("namespaces");
  const ensure = (namespace: string) => {
    const entry = namespaces.get(namespace);
    if (entry === undefined || metadataOf(entry.object)["deletionTimestamp"] !== undefined) return;
    put(api, "serviceaccounts", namespace, "default", { apiVersion: "v1", kind: "ServiceAccount" });
    put(api, "configmaps", namespace, "kube-root-ca.crt", {
      apiVersion: "v1",
      kind: "ConfigMap",
      data: { "ca.crt": "" },
    });
  };
  for (const { name } of namespaces.list()) ensure(name);
  namespaces.observe(({ type, entry }) => {
    if (type === "ADDED") work.add(`defaults ${entry.name}`, () => ensure(entry.name));
  });
  for (const [collection, name] of [
    ["serviceaccounts", "default"],
    ["configmaps", "kube-root-ca.crt"],
  ] as const) {
    api.store.collection(collection).observe(({ type, entry }) => {
      if (type === "DELETED" && entry.name === name) work.add(`defaults ${entry.namespace}`, () => ensure(entry.namespace));
    });
  }
}

function put(api: Api, name: string, namespace: string, object: string, value: JsonObject): void {
  const collection = api.store.collection(name);
  if (collection.get(`${namespace}/${object}`) !== undefined) return;
  const metadata: JsonObject = { name: object, namespace, uid: newUid(), creationTimestamp: timestamp(api.clock.now()) };
  if (name === "configmaps") {
    metadata["annotations"] = {
      "kubernetes.io/description":
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
    };
  }
  api.store.create(collection, namespace, object, { ...value, metadata });
}
