import { unstructured, type Client, type UnstructuredObject } from "@kubescaffold/runtime";

/** Everything that an operator can leave behind. */
const kinds = [
  ["v1", "Namespace"],
  ["apps/v1", "Deployment"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["coordination.k8s.io/v1", "Lease"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
].map(([apiVersion = "", kind = ""]) => unstructured({ apiVersion, kind }));

/** What is on a cluster of these kinds. */
export async function everything(client: Client): Promise<string[]> {
  const found: UnstructuredObject[] = [];
  for (const kind of kinds) found.push(...(await client.list(kind)));
  return found.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`).sort();
}
