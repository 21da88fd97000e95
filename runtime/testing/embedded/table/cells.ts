import { formatSelector } from "../../../object/selector.ts";
import { type Resource, strings } from "../resources/index.ts";
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from "../../../schema/index.ts";
import { humanDuration, since } from "./age.ts";
import { podCells } from "./pod.ts";
import { labelsText } from "./labels.ts";
import { endpointsCell, endpointSliceCells, eventCells, nodeCells, serviceCells } from "./network.ts";

/** Makes the cells of one object, in the order of the kind's columns. */
export type Cells = (object: JsonObject, now: number) => JsonArray;

/** The cells of a built-in kind; kinds without any of their own have name and age. */
export function cellsOf(resource: Resource): Cells {
  return (
    CELLS[resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`] ??
    (({ metadata }, now) => [nameOf(metadata), ageOf(metadata, now)])
  );
}

function nameOf(metadata: JsonValue | undefined): string {
  return stringAt(metadata, "name") ?? "";
}

function ageOf(metadata: JsonValue | undefined, now: number): string {
  return since(stringAt(metadata, "creationTimestamp"), now);
}

/** Name, the given cells, age. */
function between(cells: (object: JsonObject, now: number) => JsonArray): Cells {
  return (object, now) => [nameOf(object["metadata"]), ...cells(object, now), ageOf(object["metadata"], now)];
}

/** Name, the given cells, age, and then the cells of wide output. */
function wide(cells: (object: JsonObject, now: number) => JsonArray, rest: (object: JsonObject) => JsonArray): Cells {
  const first = between(cells);
  return (object, now) => [...first(object, now), ...rest(object)];
}

/** Name and time of creation, which the client turns into an age. */
const created: Cells = ({ metadata }) => [nameOf(metadata), stringAt(metadata, "creationTimestamp") ?? null];

function text(object: JsonValue | undefined, ...path: string[]): string {
  return stringAt(object, ...path) ?? "";
}

function orNone(value: string): string {
  return value === "" ? "<none>" : value;
}

function count(object: JsonValue | undefined, ...path: string[]): number {
  return numberAt(object, ...path) ?? 0;
}

function size(value: JsonValue | undefined): number {
  return isObject(value) ? Object.keys(value).length : 0;
}

function list(values: JsonArray, field: string): string {
  return values.map((each) => text(each, field)).join(",");
}

function containers(...template: string[]): (object: JsonObject) => JsonArray {
  return (object) => {
    const all = arrayAt(object, ...template, "spec", "containers");
    return [list(all, "name"), list(all, "image")];
  };
}

function selectorText(selector: JsonValue | undefined): string {
  return isObject(selector) ? orNone(formatSelector(selector)) : "<none>";
}

/** Containers, images and selector of something with a pod template. */
function workload(...template: string[]): (object: JsonObject) => JsonArray {
  const first = containers(...template);
  return (object) => [...first(object), selectorText(valueAt(object, "spec", "selector"))];
}

function roleBinding(): Cells {
  const names = (object: JsonObject, kind: string) => {
    const subjects = arrayAt(object, "subjects").filter((each) => stringAt(each, "kind") === kind);
    return subjects
      .map((each) => (kind === "ServiceAccount" ? `${text(each, "namespace")}/${text(each, "name")}` : text(each, "name")))
      .join(", ");
  };
  return wide(
    (object) => [`${text(object, "roleRef", "kind")}/${text(object, "roleRef", "name")}`],
    (object) => [names(object, "User"), names(object, "Group"), names(object, "ServiceAccount")],
  );
}

function jobStatus(job: JsonObject): string {
  const has = (type: string) =>
    arrayAt(job, "status", "conditions").some((each) => stringAt(each, "type") === type && stringAt(each, "status") === "True");
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (valueAt(job, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(has) ?? "Running";
}

function jobCells(job: JsonObject, now: number): JsonArray {
  const succeeded = count(job, "status", "succeeded");
  const wanted = numberAt(job, "spec", "completions");
  const parallelism = count(job, "spec", "parallelism");
  const completions =
    wanted === undefined ? (parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`) : `${succeeded}/${wanted}`;
  const started = Date.parse(text(job, "status", "startTime"));
  const ended = Date.parse(text(job, "status", "completionTime"));
  const duration = Number.isNaN(started) ? "" : humanDuration((Number.isNaN(ended) ? now : ended) - started);
  return [jobStatus(job), completions, duration];
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function accessModes(modes: JsonArray): string {
  return Object.entries(ACCESS_MODES)
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(",");
}

function controllerOf(object: JsonObject): string {
  const owner = arrayAt(object, "metadata", "ownerReferences").find((each) => valueAt(each, "controller") === true);
  if (owner === undefined) return "<none>";
  const group = text(owner, "apiVersion").split("/").slice(0, -1).join("/");
  return `${text(owner, "kind").toLowerCase()}${group === "" ? "" : `.${group}`}/${text(owner, "name")}`;
}

function webhooks(): Cells {
  return between((object) => [arrayAt(object, "webhooks").length]);
}

function intOrText(value: JsonValue | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "N/A";
}

/** By qualified plural name. */
const CELLS: Readonly<Record<string, Cells>> = {
  pods: podCells,
  services: serviceCells,
  nodes: nodeCells,
  events: eventCells,
  "events.events.k8s.io": eventCells,
  endpoints: between((object) => [endpointsCell(object)]),
  "endpointslices.discovery.k8s.io": between(endpointSliceCells),
  configmaps: between((object) => [size(object["data"]) + size(object["binaryData"])]),
  secrets: between((object) => [text(object, "type"), size(object["data"])]),
  namespaces: between((object) => [text(object, "status", "phase")]),
  limitranges: created,
  "clusterroles.rbac.authorization.k8s.io": created,
  "roles.rbac.authorization.k8s.io": created,
  "customresourcedefinitions.apiextensions.k8s.io": created,
  "csistoragecapacities.storage.k8s.io": created,
  "clusterrolebindings.rbac.authorization.k8s.io": roleBinding(),
  "rolebindings.rbac.authorization.k8s.io": roleBinding(),
  "deployments.apps": wide(
    (object) => [
      `${count(object, "status", "readyReplicas")}/${count(object, "spec", "replicas")}`,
      count(object, "status", "updatedReplicas"),
      count(object, "status", "availableReplicas"),
    ],
    workload("spec", "template"),
  ),
  "replicasets.apps": wide(
    (object) => [count(object, "spec", "replicas"), count(object, "status", "replicas"), count(object, "status", "readyReplicas")],
    workload("spec", "template"),
  ),
  replicationcontrollers: wide(
    (object) => [count(object, "spec", "replicas"), count(object, "status", "replicas"), count(object, "status", "readyReplicas")],
    (object) => [...containers("spec", "template")(object), labelsText(objectAt(object, "spec", "selector"))],
  ),
  "statefulsets.apps": wide(
    (object) => [`${count(object, "status", "readyReplicas")}/${count(object, "spec", "replicas")}`],
    containers("spec", "template"),
  ),
  "daemonsets.apps": wide(
    (object) => [
      count(object, "status", "desiredNumberScheduled"),
      count(object, "status", "currentNumberScheduled"),
      count(object, "status", "numberReady"),
      count(object, "status", "updatedNumberScheduled"),
      count(object, "status", "numberAvailable"),
      labelsText(objectAt(object, "spec", "template", "spec", "nodeSelector")),
    ],
    workload("spec", "template"),
  ),
  "controllerrevisions.apps": between((object) => [controllerOf(object), count(object, "revision")]),
  podtemplates: (object) => [
    nameOf(object["metadata"]),
    ...containers("template")(object),
    labelsText(objectAt(object, "template", "metadata", "labels")),
  ],
  "jobs.batch": wide(jobCells, workload("spec", "template")),
  "cronjobs.batch": wide(
    (object, now) => [
      text(object, "spec", "schedule"),
      orNone(text(object, "spec", "timeZone")),
      valueAt(object, "spec", "suspend") === true ? "True" : valueAt(object, "spec", "suspend") === false ? "False" : "<unset>",
      arrayAt(object, "status", "active").length,
      valueAt(object, "status", "lastScheduleTime") === undefined ? "<none>" : since(text(object, "status", "lastScheduleTime"), now),
    ],
    (object) => [
      ...containers("spec", "jobTemplate", "spec", "template")(object),
      selectorText(valueAt(object, "spec", "jobTemplate", "spec", "selector")),
    ],
  ),
  "leases.coordination.k8s.io": between((object) => [text(object, "spec", "holderIdentity")]),
  "poddisruptionbudgets.policy": between((object) => [
    intOrText(valueAt(object, "spec", "minAvailable")),
    intOrText(valueAt(object, "spec", "maxUnavailable")),
    count(object, "status", "disruptionsAllowed"),
  ]),
  "priorityclasses.scheduling.k8s.io": wide(
    (object) => [count(object, "value"), object["globalDefault"] === true],
    (object) => [text(object, "preemptionPolicy")],
  ),
  "runtimeclasses.node.k8s.io": between((object) => [text(object, "handler")]),
  "storageclasses.storage.k8s.io": (object, now) => {
    const isDefault = valueAt(object, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true";
    return [
      `${nameOf(object["metadata"])}${isDefault ? " (default)" : ""}`,
      text(object, "provisioner"),
      stringAt(object, "reclaimPolicy") ?? "Delete",
      stringAt(object, "volumeBindingMode") ?? "Immediate",
      object["allowVolumeExpansion"] === true,
      ageOf(object["metadata"], now),
    ];
  },
  persistentvolumeclaims: (object, now) => {
    const volume = text(object, "spec", "volumeName");
    return [
      nameOf(object["metadata"]),
      valueAt(object, "metadata", "deletionTimestamp") === undefined ? text(object, "status", "phase") : "Terminating",
      volume,
      volume === "" ? "" : (stringAt(object, "status", "capacity", "storage") ?? "0"),
      volume === "" ? "" : accessModes(arrayAt(object, "status", "accessModes")),
      text(object, "spec", "storageClassName"),
      stringAt(object, "spec", "volumeAttributesClassName") ?? "<unset>",
      ageOf(object["metadata"], now),
      stringAt(object, "spec", "volumeMode") ?? "<unset>",
    ];
  },
  persistentvolumes: (object, now) => {
    const claim = objectAt(object, "spec", "claimRef");
    return [
      nameOf(object["metadata"]),
      stringAt(object, "spec", "capacity", "storage") ?? "0",
      accessModes(arrayAt(object, "spec", "accessModes")),
      text(object, "spec", "persistentVolumeReclaimPolicy"),
      valueAt(object, "metadata", "deletionTimestamp") === undefined ? text(object, "status", "phase") : "Terminating",
      claim === undefined ? "" : `${text(claim, "namespace")}/${text(claim, "name")}`,
      text(object, "spec", "storageClassName"),
      stringAt(object, "spec", "volumeAttributesClassName") ?? "<unset>",
      text(object, "status", "reason"),
      ageOf(object["metadata"], now),
      stringAt(object, "spec", "volumeMode") ?? "<unset>",
    ];
  },
  resourcequotas: between((object) => {
    const columns = { request: [] as string[], limit: [] as string[] };
    for (const name of Object.keys(objectAt(object, "status", "hard") ?? {}).sort()) {
      const column = name.startsWith("limits.") ? columns.limit : columns.request;
      column.push(`${name}: ${stringAt(object, "status", "used", name) ?? "0"}/${stringAt(object, "status", "hard", name) ?? "0"}`);
    }
    return [columns.request.join(", "), columns.limit.join(", ")];
  }),
  "horizontalpodautoscalers.autoscaling": between((object) => [
    `${text(object, "spec", "scaleTargetRef", "kind")}/${text(object, "spec", "scaleTargetRef", "name")}`,
    metricsText(object),
    numberAt(object, "spec", "minReplicas") === undefined ? "<unset>" : String(count(object, "spec", "minReplicas")),
    count(object, "spec", "maxReplicas"),
    count(object, "status", "currentReplicas"),
  ]),
  "ingresses.networking.k8s.io": between((object) => {
    const hosts = [...new Set(arrayAt(object, "spec", "rules").map((each) => text(each, "host")))].filter((host) => host !== "");
    const addresses = arrayAt(object, "status", "loadBalancer", "ingress").map((each) => stringAt(each, "ip") ?? text(each, "hostname"));
    return [
      orNone(text(object, "spec", "ingressClassName")),
      hosts.length === 0 ? "*" : hosts.length > 3 ? `${hosts.slice(0, 3).join(",")} + ${hosts.length - 3} more...` : hosts.join(","),
      addresses.join(","),
      arrayAt(object, "spec", "tls").length > 0 ? "80, 443" : "80",
    ];
  }),
  "ingressclasses.networking.k8s.io": between((object) => {
    const parameters = objectAt(object, "spec", "parameters");
    const group = stringAt(parameters, "apiGroup");
    return [
      text(object, "spec", "controller"),
      parameters === undefined
        ? "<none>"
        : `${text(parameters, "kind")}${group === undefined ? "" : `.${group}`}/${text(parameters, "name")}`,
    ];
  }),
  "networkpolicies.networking.k8s.io": between((object) => [selectorText(valueAt(object, "spec", "podSelector"))]),
  "servicecidrs.networking.k8s.io": between((object) => [strings(object, "spec", "cidrs").join(",")]),
  "ipaddresses.networking.k8s.io": (object) => {
    const parent = objectAt(object, "spec", "parentRef");
    const parts = [text(parent, "group"), text(parent, "resource"), text(parent, "namespace"), text(parent, "name")];
    return [nameOf(object["metadata"]), parts.filter((part) => part !== "").join("/")];
  },
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhooks(),
  "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks(),
  "apiservices.apiregistration.k8s.io": between((object) => {
    const service = objectAt(object, "spec", "service");
    const condition = arrayAt(object, "status", "conditions").find((each) => stringAt(each, "type") === "Available");
    const status = stringAt(condition, "status") ?? "Unknown";
    const reason = text(condition, "reason");
    return [
      service === undefined ? "Local" : `${text(service, "namespace")}/${text(service, "name")}`,
      status === "True" || reason === "" ? status : `${status} (${reason})`,
    ];
  }),
  "flowschemas.flowcontrol.apiserver.k8s.io": (object, now) => [
    nameOf(object["metadata"]),
    orNone(text(object, "spec", "priorityLevelConfiguration", "name")),
    count(object, "spec", "matchingPrecedence"),
    orNone(text(object, "spec", "distinguisherMethod", "type")),
    ageOf(object["metadata"], now),
    stringAt(
      arrayAt(object, "status", "conditions").find((each) => stringAt(each, "type") === "Dangling"),
      "status",
    ) ?? "?",
  ],
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": between((object) => {
    const limited = objectAt(object, "spec", "limited") ?? objectAt(object, "spec", "exempt");
    const queuing = objectAt(object, "spec", "limited", "limitResponse", "queuing");
    const cell = (value: number | undefined): JsonValue => value ?? "<none>";
    const shares = text(object, "spec", "type") === "Exempt" ? "<none>" : cell(numberAt(limited, "nominalConcurrencyShares"));
    return [
      text(object, "spec", "type"),
      shares,
      cell(numberAt(queuing, "queues")),
      cell(numberAt(queuing, "handSize")),
      cell(numberAt(queuing, "queueLengthLimit")),
    ];
  }),
};

/** `cpu: 10%/80%`, for the metrics of resources; other metrics by their type. */
function metricsText(autoscaler: JsonObject): string {
  const metrics = arrayAt(autoscaler, "spec", "metrics");
  if (metrics.length === 0) return "<none>";
  const current = arrayAt(autoscaler, "status", "currentMetrics");
  return metrics
    .map((metric, index) => {
      const name = text(metric, "resource", "name");
      const target = numberAt(metric, "resource", "target", "averageUtilization");
      const actual = numberAt(current[index], "resource", "current", "averageUtilization");
      if (target !== undefined) return `${name}: ${actual === undefined ? "<unknown>" : `${actual}%`}/${target}%`;
      return `${name}: ${stringAt(current[index], "resource", "current", "averageValue") ?? "<unknown>"}/${text(metric, "resource", "target", "averageValue")}`;
    })
    .join(", ");
}
