import type { Resource } from "./resource.ts";

/** How a built-in kind differs from the common behaviour in reads and writes, as its registry in kube-apiserver has it. */
export interface Traits {
  /** PUT creates what is absent. */
  readonly createOnUpdate?: true;
  /** PUT without a resourceVersion is refused. */
  readonly conditionalUpdate?: true;
  /** DELETE answers with the deleted object instead of a Status. */
  readonly returnsDeleted?: true;
  /** Without a propagation policy dependents are kept. */
  readonly orphansByDefault?: true;
  /** Field labels beside metadata.name and metadata.namespace, with the path in the stored object. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

function fields(...labels: string[]): Record<string, readonly string[]> {
  return Object.fromEntries(labels.map((label) => [label, label.split(".")]));
}

const returnsDeleted: Traits = { returnsDeleted: true };
const conditional: Traits = { conditionalUpdate: true };

const INVOLVED = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

/** By `group/plural`, `plural` alone for the core group. */
const BUILTIN: Readonly<Record<string, Traits>> = {
  pods: {
    returnsDeleted: true,
    fields: fields(
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "spec.hostNetwork",
      "status.phase",
      "status.podIP",
      "status.podIPs",
      "status.nominatedNodeName",
    ),
  },
  nodes: { fields: fields("spec.unschedulable") },
  namespaces: { returnsDeleted: true, fields: fields("status.phase") },
  secrets: { fields: fields("type") },
  services: { createOnUpdate: true, returnsDeleted: true, fields: fields("spec.clusterIP", "spec.type") },
  replicationcontrollers: { orphansByDefault: true, fields: fields("status.replicas") },
  events: {
    createOnUpdate: true,
    fields: {
      ...fields(...INVOLVED.map((field) => `involvedObject.${field}`), "reason", "reportingComponent", "type"),
      source: ["source", "component"],
    },
  },
  "events.k8s.io/events": {
    createOnUpdate: true,
    fields: {
      ...Object.fromEntries(INVOLVED.map((field) => [`regarding.${field}`, ["involvedObject", field]])),
      reason: ["reason"],
      reportingController: ["reportingComponent"],
      type: ["type"],
    },
  },
  endpoints: { createOnUpdate: true },
  limitranges: { createOnUpdate: true },
  serviceaccounts: returnsDeleted,
  podtemplates: returnsDeleted,
  resourcequotas: returnsDeleted,
  persistentvolumes: returnsDeleted,
  persistentvolumeclaims: returnsDeleted,
  "batch/jobs": { orphansByDefault: true, fields: { "status.successful": ["status", "succeeded"] } },
  "coordination.k8s.io/leases": { createOnUpdate: true, conditionalUpdate: true },
  "node.k8s.io/runtimeclasses": { createOnUpdate: true, conditionalUpdate: true },
  "rbac.authorization.k8s.io/roles": { createOnUpdate: true },
  "rbac.authorization.k8s.io/rolebindings": { createOnUpdate: true },
  "rbac.authorization.k8s.io/clusterroles": { createOnUpdate: true },
  "rbac.authorization.k8s.io/clusterrolebindings": { createOnUpdate: true },
  "policy/poddisruptionbudgets": conditional,
  "admissionregistration.k8s.io/mutatingwebhookconfigurations": conditional,
  "admissionregistration.k8s.io/validatingwebhookconfigurations": conditional,
  "admissionregistration.k8s.io/validatingadmissionpolicies": conditional,
  "admissionregistration.k8s.io/validatingadmissionpolicybindings": conditional,
  "apiextensions.k8s.io/customresourcedefinitions": conditional,
  "certificates.k8s.io/certificatesigningrequests": { fields: fields("spec.signerName") },
  "storage.k8s.io/csidrivers": { conditionalUpdate: true, returnsDeleted: true },
  "storage.k8s.io/csinodes": { conditionalUpdate: true, returnsDeleted: true },
  "storage.k8s.io/csistoragecapacities": conditional,
  "storage.k8s.io/storageclasses": returnsDeleted,
  "storage.k8s.io/volumeattachments": { conditionalUpdate: true, returnsDeleted: true },
  "storage.k8s.io/volumeattributesclasses": returnsDeleted,
  "resource.k8s.io/deviceclasses": returnsDeleted,
  "resource.k8s.io/resourceclaims": returnsDeleted,
  "resource.k8s.io/resourceclaimtemplates": returnsDeleted,
  "resource.k8s.io/resourceslices": { returnsDeleted: true, fields: fields("spec.nodeName", "spec.driver") },
};

const NONE: Traits = {};

/** The traits of a resource; custom resources have their selectable fields and must name the version that they replace. */
export function traitsOf(resource: Resource): Traits {
  if (resource.custom) return customTraits(resource.custom.version);
  return BUILTIN[resource.group === "" ? resource.plural : `${resource.group}/${resource.plural}`] ?? NONE;
}

const custom = new WeakMap<object, Traits>();

function customTraits(version: { [field: string]: unknown }): Traits {
  let traits = custom.get(version);
  if (traits === undefined) {
    const selectable = Array.isArray(version["selectableFields"]) ? (version["selectableFields"] as { jsonPath?: string }[]) : [];
    const paths = selectable.map(({ jsonPath = "" }) => jsonPath.replace(/^\./, ""));
    traits = { conditionalUpdate: true, fields: fields(...paths) };
    custom.set(version, traits);
  }
  return traits;
}
