import type { UnstructuredObject } from "@kubescaffold/runtime";

/** What others need comes first, in kustomize's and Helm's order. */
const first = [
  "Namespace",
  "CustomResourceDefinition",
  "PriorityClass",
  "StorageClass",
  "ResourceQuota",
  "LimitRange",
  "NetworkPolicy",
  "ServiceAccount",
  "ClusterRole",
  "Role",
  "ClusterRoleBinding",
  "RoleBinding",
  "Secret",
  "ConfigMap",
  "PersistentVolumeClaim",
  "Service",
];

/** What may refuse others' objects comes last, so that it never refuses the operator's own. */
const last = [
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
];

function rank({ kind }: UnstructuredObject): number {
  if (first.includes(kind)) return first.indexOf(kind) - first.length;
  return last.indexOf(kind) + 1;
}

/** The objects in the order in which a cluster takes them; what is of one kind stays in the order of the manifest. */
export function inOrder<T extends UnstructuredObject>(objects: readonly T[]): T[] {
  return [...objects].sort((a, b) => rank(a) - rank(b));
}

/** True for what refuses or changes the requests of others. */
export function isAdmission({ kind }: UnstructuredObject): boolean {
  return last.includes(kind);
}
