/**
 * Objects of built-in kinds, right and wrong, that are posted to a real kube-apiserver (its answers are in `answers.jsonl`) and to the
 * functions under test.
 */
import type { JsonObject, JsonValue } from "../../../../../runtime/schema/index.ts";

/** One create request. */
export interface CreateCase {
  readonly name: string;
  /** Path of the collection. */
  readonly path: string;
  readonly body: JsonObject;
  readonly validation: "Ignore" | "Warn" | "Strict";
}

const kinds: Readonly<Record<string, readonly [apiVersion: string, path: string]>> = {
  Pod: ["v1", "/api/v1/namespaces/default/pods"],
  ReplicationController: ["v1", "/api/v1/namespaces/default/replicationcontrollers"],
  Service: ["v1", "/api/v1/namespaces/default/services"],
  ConfigMap: ["v1", "/api/v1/namespaces/default/configmaps"],
  Secret: ["v1", "/api/v1/namespaces/default/secrets"],
  ServiceAccount: ["v1", "/api/v1/namespaces/default/serviceaccounts"],
  Namespace: ["v1", "/api/v1/namespaces"],
  Node: ["v1", "/api/v1/nodes"],
  Event: ["v1", "/api/v1/namespaces/default/events"],
  Endpoints: ["v1", "/api/v1/namespaces/default/endpoints"],
  LimitRange: ["v1", "/api/v1/namespaces/default/limitranges"],
  ResourceQuota: ["v1", "/api/v1/namespaces/default/resourcequotas"],
  PersistentVolumeClaim: ["v1", "/api/v1/namespaces/default/persistentvolumeclaims"],
  Deployment: ["apps/v1", "/apis/apps/v1/namespaces/default/deployments"],
  ReplicaSet: ["apps/v1", "/apis/apps/v1/namespaces/default/replicasets"],
  StatefulSet: ["apps/v1", "/apis/apps/v1/namespaces/default/statefulsets"],
  DaemonSet: ["apps/v1", "/apis/apps/v1/namespaces/default/daemonsets"],
  Job: ["batch/v1", "/apis/batch/v1/namespaces/default/jobs"],
  CronJob: ["batch/v1", "/apis/batch/v1/namespaces/default/cronjobs"],
  HorizontalPodAutoscaler: ["autoscaling/v2", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"],
  PodDisruptionBudget: ["policy/v1", "/apis/policy/v1/namespaces/default/poddisruptionbudgets"],
  NetworkPolicy: ["networking.k8s.io/v1", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"],
  Ingress: ["networking.k8s.io/v1", "/apis/networking.k8s.io/v1/namespaces/default/ingresses"],
  Lease: ["coordination.k8s.io/v1", "/apis/coordination.k8s.io/v1/namespaces/default/leases"],
  Role: ["rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"],
  ClusterRole: ["rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1/clusterroles"],
  RoleBinding: ["rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"],
  ClusterRoleBinding: ["rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"],
  ValidatingWebhookConfiguration: [
    "admissionregistration.k8s.io/v1",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  ],
  MutatingWebhookConfiguration: ["admissionregistration.k8s.io/v1", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"],
  PriorityClass: ["scheduling.k8s.io/v1", "/apis/scheduling.k8s.io/v1/priorityclasses"],
  StorageClass: ["storage.k8s.io/v1", "/apis/storage.k8s.io/v1/storageclasses"],
  CustomResourceDefinition: ["apiextensions.k8s.io/v1", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"],
};

function make(name: string, kind: string, body: JsonObject, validation: CreateCase["validation"] = "Ignore"): CreateCase {
  const [apiVersion, path] = kinds[kind] ?? ["", ""];
  const metadata = body["metadata"] ?? { name: "sample" };
  return { name: `${kind}: ${name}`, path, body: { apiVersion, kind, ...body, metadata }, validation };
}

const container: JsonObject = { name: "web", image: "nginx" };
const labels: JsonObject = { app: "web" };
const podSpec = (more: JsonObject = {}, inner: JsonObject = {}): JsonObject => ({ containers: [{ ...container, ...inner }], ...more });
const template = (spec: JsonObject = podSpec()): JsonObject => ({ metadata: { labels }, spec });
const workload = (more: JsonObject = {}, spec: JsonObject = podSpec()): JsonObject => ({
  spec: { selector: { matchLabels: labels }, template: template(spec), ...more },
});
const metadata = (more: JsonObject): JsonObject => ({ metadata: { name: "sample", ...more } });
const uid = "11111111-2222-3333-4444-555555555555";
const owner: JsonObject = { apiVersion: "v1", kind: "Pod", name: "a", uid };

/** Every container field that pods of operators use, in one Deployment. */
const rich: JsonObject = podSpec(
  {
    initContainers: [
      { name: "init", image: "busybox:1.36", command: ["true"] },
      { name: "sidecar", image: "busybox@sha256:abc", restartPolicy: "Always" },
    ],
    volumes: [
      { name: "empty" },
      { name: "config", configMap: { name: "settings", items: [{ key: "a", path: "b" }] } },
      { name: "secret", secret: { secretName: "keys" } },
      { name: "host", hostPath: { path: "/tmp" } },
      { name: "claim", persistentVolumeClaim: { claimName: "data" } },
      { name: "info", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
      { name: "all", projected: { sources: [{ serviceAccountToken: { path: "token" } }, { configMap: { name: "settings" } }] } },
    ],
    serviceAccountName: "robot",
    securityContext: { runAsNonRoot: true, fsGroup: 0, seccompProfile: { type: "RuntimeDefault" } },
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ key: "a", operator: "Exists" }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" }],
      },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: labels } },
    ],
    imagePullSecrets: [{ name: "pull" }],
    hostAliases: [{ ip: "127.0.0.1", hostnames: ["a.local"] }],
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    shareProcessNamespace: false,
    hostNetwork: false,
  },
  {
    image: "nginx:1.27",
    args: ["-v"],
    workingDir: "/srv",
    ports: [
      { containerPort: 8080, name: "http" },
      { containerPort: 8081, protocol: "UDP" },
    ],
    env: [
      { name: "A", value: "1" },
      { name: "EMPTY", value: "" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "k", optional: false } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    ],
    envFrom: [{ configMapRef: { name: "settings" } }],
    resources: { requests: { cpu: "0.1", memory: "64Mi" }, limits: { cpu: 1, memory: "1024Mi", "ephemeral-storage": "1.5Gi" } },
    volumeMounts: [
      { name: "config", mountPath: "/etc/web", readOnly: true },
      { name: "secret", mountPath: "/keys", readOnly: false, subPath: "x" },
    ],
    livenessProbe: { httpGet: { port: "http", path: "/live" }, initialDelaySeconds: 0 },
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 5 },
    startupProbe: { exec: { command: ["true"] }, failureThreshold: 30 },
    lifecycle: { preStop: { exec: { command: ["sleep", "1"] } } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] }, runAsUser: 0 },
    tty: false,
    stdin: true,
  },
);

const ports = (...list: JsonObject[]): JsonObject => podSpec({}, { ports: list });
const badContainers: Readonly<Record<string, JsonValue>> = {
  "no containers": { containers: [] },
  "container without name": { containers: [{ image: "nginx" }] },
  "container without image": { containers: [{ name: "web" }] },
  "container with a bad name": { containers: [{ name: "Web_1", image: "nginx" }] },
  "two containers of one name": { containers: [container, container] },
  "image with spaces": podSpec({}, { image: " nginx" }),
  "port out of range": ports({ containerPort: 70000 }),
  "port zero": ports({ containerPort: 0 }),
  "port names": ports(
    { containerPort: 80, name: "http" },
    { containerPort: 81, name: "http" },
    { containerPort: 82, name: "this-is-too-long-a-name" },
    { containerPort: 83, name: "UP" },
  ),
  "port protocol": ports({ containerPort: 80, protocol: "HTTP" }),
  "host ports": ports({ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }),
  "environment names": podSpec(
    {},
    {
      env: [
        { name: "" },
        { name: "a=b" },
        { name: "ok", value: "1", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "x", valueFrom: {} },
      ],
    },
  ),
  "environment references": podSpec(
    {},
    {
      env: [
        { name: "a", valueFrom: { configMapKeyRef: { name: "UP", key: "" } } },
        { name: "b", valueFrom: { fieldRef: { fieldPath: "spec.foo" } } },
      ],
      envFrom: [{}],
    },
  ),
  "mount without volume": podSpec(
    {},
    {
      volumeMounts: [
        { name: "gone", mountPath: "/a" },
        { name: "", mountPath: "" },
      ],
    },
  ),
  "two mounts at one path": podSpec(
    { volumes: [{ name: "v" }] },
    {
      volumeMounts: [
        { name: "v", mountPath: "/a" },
        { name: "v", mountPath: "/a", subPath: "../b" },
      ],
    },
  ),
  volumes: podSpec({
    volumes: [
      { name: "v" },
      { name: "v" },
      { name: "Bad" },
      { name: "c", configMap: {} },
      { name: "s", secret: { defaultMode: 1000 } },
      { name: "two", emptyDir: {}, hostPath: { path: "/x" } },
    ],
  }),
  "requests above limits": podSpec({}, { resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "1", memory: "512Mi" } } }),
  "negative and unknown resources": podSpec({}, { resources: { limits: { cpu: "-1", widgets: "1", "example.com/gpu": "500m" } } }),
  "quantity that is none": podSpec({}, { resources: { limits: { cpu: "abc" } } }),
  "probe without handler": podSpec({}, { livenessProbe: { periodSeconds: 5 } }),
  "probe with two handlers": podSpec(
    {},
    { readinessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 5 } },
  ),
  "probe thresholds": podSpec({}, { livenessProbe: { httpGet: { port: 0, scheme: "FTP" }, successThreshold: 2, timeoutSeconds: -1 } }),
  "pull and restart policy": podSpec(
    { restartPolicy: "Sometimes", dnsPolicy: "Any" },
    { imagePullPolicy: "Maybe", terminationMessagePolicy: "None" },
  ),
  "security context": podSpec({}, { securityContext: { privileged: true, allowPrivilegeEscalation: false, runAsUser: -1 } }),
  "init container with a probe": podSpec({ initContainers: [{ name: "i", image: "b", livenessProbe: { exec: { command: ["a"] } } }] }),
  "init container of a container's name": podSpec({ initContainers: [container] }),
  tolerations: podSpec({
    tolerations: [{ operator: "Equal" }, { key: "a", operator: "Maybe" }, { key: "b", effect: "Never", tolerationSeconds: 5 }],
  }),
  "service account name": podSpec({ serviceAccountName: "Bad_Name" }),
  "node selector": podSpec({ nodeSelector: { "bad key": "bad value!" } }),
  "active deadline": podSpec({ activeDeadlineSeconds: 0 }),
  "host name": podSpec({ hostname: "A.b", subdomain: "_" }),
};

const crdVersion = (schema: JsonValue, more: JsonObject = {}): JsonObject => ({
  name: "v1",
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...more,
});
const crd = (versions: JsonValue, more: JsonObject = {}): JsonObject => ({
  metadata: { name: "things.example.com" },
  spec: { group: "example.com", scope: "Namespaced", names: { plural: "things", kind: "Thing" }, versions, ...more },
});
const spec = (schema: JsonObject): JsonObject => crd([crdVersion({ type: "object", properties: { spec: schema } })]);
const field = (schema: JsonObject): JsonObject => spec({ type: "object", properties: { f: schema } });

/** Schemas of one field, as CRDs may and may not have them. */
const schemas: Readonly<Record<string, JsonObject>> = {
  "no type": {},
  "unknown type": { type: "text" },
  "default of another type": { type: "integer", default: "x" },
  "default against its bounds": { type: "integer", minimum: 5, default: 3 },
  "default of an object": { type: "object", properties: { a: { type: "string", default: "x" } }, default: {} },
  "default with an unknown field": { type: "object", properties: { a: { type: "string" } }, default: { b: 1 } },
  "null default": { type: "string", nullable: true, default: null },
  "properties and additionalProperties": {
    type: "object",
    properties: { a: { type: "string" } },
    additionalProperties: { type: "string" },
  },
  "additionalProperties false": { type: "object", properties: { a: { type: "string" } }, additionalProperties: false },
  "array without items": { type: "array" },
  "items as a list": { type: "array", items: [{ type: "string" }] },
  uniqueItems: { type: "array", uniqueItems: true, items: { type: "string" } },
  "pattern that is none": { type: "string", pattern: "(" },
  "look-ahead": { type: "string", pattern: "^(?=a)" },
  "type within anyOf": { type: "string", anyOf: [{ type: "string", minLength: 1 }] },
  "default within allOf": { type: "string", allOf: [{ default: "x" }] },
  "description within not": { type: "string", not: { description: "x" } },
  "int-or-string": { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
  "int-or-string with a type": { type: "string", "x-kubernetes-int-or-string": true },
  "list type": { type: "array", "x-kubernetes-list-type": "bag", items: { type: "string" } },
  "list type of no list": { type: "string", "x-kubernetes-list-type": "set" },
  "list map without keys": {
    type: "array",
    "x-kubernetes-list-type": "map",
    items: { type: "object", properties: { a: { type: "string" } } },
  },
  "list map with an optional key": {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["a"],
    items: { type: "object", properties: { a: { type: "string" } } },
  },
  "list map with a key of no property": {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["b"],
    items: { type: "object", required: ["a"], properties: { a: { type: "string" } } },
  },
  "list map of scalars": { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b"], items: { type: "string" } },
  "list set of objects": {
    type: "array",
    "x-kubernetes-list-type": "set",
    items: { type: "object", properties: { a: { type: "string" } } },
  },
  "list set of atomic objects": {
    type: "array",
    "x-kubernetes-list-type": "set",
    items: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: { type: "string" } } },
  },
  "keys without a list type": { type: "array", "x-kubernetes-list-map-keys": ["a"], items: { type: "object" } },
  "map type": { type: "object", "x-kubernetes-map-type": "loose" },
  "map type of no map": { type: "string", "x-kubernetes-map-type": "atomic" },
  "preserved unknown fields": { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  "preserved unknown fields of nothing": { "x-kubernetes-preserve-unknown-fields": true },
  "preserved unknown fields of a string": { type: "string", "x-kubernetes-preserve-unknown-fields": true },
  "unpreserved unknown fields": { type: "object", "x-kubernetes-preserve-unknown-fields": false },
  "embedded resource": { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  "embedded resource without fields": { type: "object", "x-kubernetes-embedded-resource": true },
  "embedded string": { type: "string", "x-kubernetes-embedded-resource": true },
  "required field that is no property": { type: "object", required: ["x"], properties: { a: { type: "string" } } },
  "enum of another type": { type: "string", enum: [1, 2] },
  "repeated enum": { type: "string", enum: ["a", "a"] },
  reference: { $ref: "#/definitions/x" },
  definitions: { type: "object", definitions: { a: { type: "string" } } },
  "nullable within anyOf": { type: "string", anyOf: [{ nullable: true }] },
  format: { type: "string", format: "date-time" },
  "properties within oneOf": {
    type: "object",
    properties: { a: { type: "string" }, b: { type: "string" } },
    oneOf: [{ required: ["a"] }, { properties: { b: { minLength: 1 }, c: { minLength: 1 } } }],
  },
  "metadata in a field": { type: "object", properties: { metadata: { type: "object", properties: { name: { type: "string" } } } } },
  "negative lengths": { type: "string", minLength: -1, maxLength: -2 },
  "cel rule": { type: "string", "x-kubernetes-validations": [{ rule: "self != 'x'", message: "no x" }] },
};

/** All cases. */
export const createCases: readonly CreateCase[] = [
  make("least", "Deployment", workload()),
  make(
    "rich",
    "Deployment",
    workload({ replicas: 0, minReadySeconds: 0, paused: false, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } }, rich),
  ),
  make("recreate", "Deployment", workload({ strategy: { type: "Recreate" } })),
  make("recreate with rolling update", "Deployment", workload({ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } })),
  make("unknown strategy", "Deployment", workload({ strategy: { type: "Slowly" } })),
  make("rolling by nothing", "Deployment", workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })),
  make("rolling by nonsense", "Deployment", workload({ strategy: { rollingUpdate: { maxSurge: "x", maxUnavailable: "120%" } } })),
  make("no selector", "Deployment", { spec: { template: template() } }),
  make("empty selector", "Deployment", { spec: { selector: {}, template: template() } }),
  make("selector that does not match", "Deployment", { spec: { selector: { matchLabels: { app: "other" } }, template: template() } }),
  make("selector expressions", "Deployment", {
    spec: {
      selector: {
        matchExpressions: [
          { key: "app", operator: "In", values: [] },
          { key: "bad key", operator: "Exists", values: ["x"] },
        ],
      },
      template: template(),
    },
  }),
  make("selector with an unknown operator", "Deployment", {
    spec: { selector: { matchExpressions: [{ key: "app", operator: "Near" }] }, template: template() },
  }),
  make(
    "negative numbers",
    "Deployment",
    workload({ replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: 0 }),
  ),
  make("template that restarts never", "Deployment", workload({}, podSpec({ restartPolicy: "Never", activeDeadlineSeconds: 5 }))),
  make("nothing in the template", "Deployment", { spec: { selector: { matchLabels: labels }, template: {} } }),
  make("no spec", "Deployment", {}),
  make("status is dropped", "Deployment", { ...workload(), status: { replicas: 3, observedGeneration: 9 } }),
  make("unknown fields, ignored", "Deployment", { ...workload({ foo: 1 }), bar: 2 }),
  make(
    "unknown fields, strict",
    "Deployment",
    {
      ...workload({ foo: 1 }, podSpec({}, { imagee: "x", ports: [{ containerPort: 1, foo: 2 }] })),
      bar: 2,
      metadata: { name: "sample", foo: 1 },
    },
    "Strict",
  ),
  make("text for a number", "Deployment", workload({ replicas: "3" })),
  make("fraction for a number", "Deployment", workload({ replicas: 1.5 })),
  make("number beyond 32 bits", "Deployment", workload({ replicas: 3000000000 })),
  make("number for a text", "Deployment", workload({}, podSpec({}, { image: 5 }))),
  make("object for a list", "Deployment", workload({}, { containers: { a: 1 } })),
  make("list for an object", "Deployment", { spec: [] }),
  make("text for a boolean", "Deployment", workload({ paused: "yes" })),
  make("number for a label", "Deployment", metadata({ labels: { a: 1 } })),
  make("bad time", "Deployment", metadata({ creationTimestamp: "yesterday" })),
  make("null fields", "Deployment", workload({ replicas: null, strategy: null, revisionHistoryLimit: null })),

  make("name", "ConfigMap", { metadata: { name: "Bad_Name" } }),
  make("no name", "ConfigMap", { metadata: {} }),
  make("long name", "ConfigMap", { metadata: { name: "a".repeat(254) } }),
  make("generated name", "ConfigMap", { metadata: { generateName: "Sample-" } }),
  make("other namespace", "ConfigMap", metadata({ namespace: "other" })),
  make(
    "labels",
    "ConfigMap",
    metadata({
      labels: {
        "bad key": "ok",
        "a/b/c": "x",
        "/x": "y",
        "UP.example.com/x": "",
        ok: "bad value!",
        long: "x".repeat(64),
        ["k".repeat(64)]: "v",
      },
    }),
  ),
  make("annotations", "ConfigMap", metadata({ annotations: { "Ok.Example.com/Key": "any thing", "not ok": "x" } })),
  make("large annotations", "ConfigMap", metadata({ annotations: { a: "x".repeat(262_145) } })),
  make("finalizers", "ConfigMap", metadata({ finalizers: ["example.com/a", "bad finalizer", "orphan", "foregroundDeletion"] })),
  make(
    "owners",
    "ConfigMap",
    metadata({
      ownerReferences: [
        { apiVersion: "v1", kind: "", name: "", uid: "" },
        { ...owner, apiVersion: "" },
        { ...owner, kind: "Event" },
      ],
    }),
  ),
  make(
    "two controllers",
    "ConfigMap",
    metadata({
      ownerReferences: [
        { ...owner, controller: true },
        { ...owner, name: "b", uid: uid.replace("1", "9"), controller: true, blockOwnerDeletion: false },
      ],
    }),
  ),
  make("data", "ConfigMap", { data: { a: "1", "b.c_d-E": "" }, binaryData: { x: "AAE=" }, immutable: false }),
  make("keys", "ConfigMap", { data: { "a b": "1", "..": "2", "..x": "3", "": "4", both: "5" }, binaryData: { both: "AA==" } }),
  make("too much", "ConfigMap", { data: { a: "x".repeat(1_048_577) } }),
  make("number in data", "ConfigMap", { data: { a: 1 } }),
  make("bad base64", "ConfigMap", { binaryData: { a: "?" } }),
  make("null in data", "ConfigMap", { data: { a: null } }),
  make("strings", "Secret", { stringData: { a: "text", b: "ä" }, data: { a: "AAAA", c: "YQ==" } }),
  make("key", "Secret", { data: { "a b": "YQ==" } }),
  make("tls without key", "Secret", { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==" } }),
  make("basic auth without anything", "Secret", { type: "kubernetes.io/basic-auth" }),
  make("token without account", "Secret", { type: "kubernetes.io/service-account-token" }),
  make("least", "ServiceAccount", {}),
  make("rich", "ServiceAccount", { automountServiceAccountToken: false, imagePullSecrets: [{ name: "a" }], secrets: [{ name: "b" }] }),
  make("least", "Namespace", {}),
  make("with a namespace", "Namespace", metadata({ namespace: "x" })),
  make("dotted name", "Namespace", { metadata: { name: "a.b" } }),
  make("status", "Namespace", { status: { phase: "Terminating" } }),
  make("least", "Node", {}),

  make("least", "Pod", { spec: podSpec() }),
  make("limits become requests", "Pod", { spec: podSpec({}, { resources: { limits: { cpu: "500m", memory: "1Gi" } } }) }),
  make("burstable", "Pod", { spec: podSpec({}, { resources: { requests: { cpu: "500m" } } }) }),
  make("rich", "Pod", { spec: rich }),
  make("host network", "Pod", { spec: podSpec({ hostNetwork: true }, { ports: [{ containerPort: 80 }] }) }),
  make("status is dropped", "Pod", { spec: podSpec(), status: { phase: "Running" } }),
  make("generation is dropped", "Pod", { metadata: { name: "sample", generation: 7 }, spec: podSpec() }),
  ...Object.entries(badContainers).map(([name, value]) => make(name, "Deployment", workload({}, value as JsonObject))),

  make("least", "ReplicaSet", workload()),
  make("negative", "ReplicaSet", workload({ replicas: -1, minReadySeconds: -2 })),
  make("least", "StatefulSet", workload({ serviceName: "web" })),
  make(
    "claims",
    "StatefulSet",
    workload(
      {
        serviceName: "web",
        volumeClaimTemplates: [
          { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } } },
        ],
      },
      podSpec({}, { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
    ),
  ),
  make("policies", "StatefulSet", workload({ podManagementPolicy: "Odd", updateStrategy: { type: "Odd" }, serviceName: "Bad." })),
  make("least", "DaemonSet", workload()),
  make("selector that does not match", "DaemonSet", { spec: { selector: { matchLabels: { x: "y" } }, template: template() } }),
  make("surge and unavailable", "DaemonSet", workload({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })),
  make("least", "Job", { spec: { template: { spec: podSpec({ restartPolicy: "Never" }) } } }),
  make("indexed", "Job", {
    spec: {
      completionMode: "Indexed",
      completions: 3,
      parallelism: 2,
      template: { metadata: { labels }, spec: podSpec({ restartPolicy: "OnFailure" }) },
    },
  }),
  make("restarts always", "Job", { spec: { parallelism: -1, template: { spec: podSpec() } } }),
  make("least", "CronJob", {
    spec: { schedule: "* * * * *", jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: "Never" }) } } } },
  }),
  make("wrong", "CronJob", { spec: { concurrencyPolicy: "Odd", jobTemplate: { spec: { template: { spec: podSpec() } } } } }),
  make("least", "ReplicationController", { spec: { template: template() } }),

  make("least", "Service", { spec: { ports: [{ port: 80 }] } }),
  make("headless", "Service", {
    spec: {
      clusterIP: "None",
      selector: labels,
      ports: [
        { port: 80, targetPort: "http", name: "http" },
        { port: 81, name: "x", protocol: "UDP", appProtocol: "h2c" },
      ],
    },
  }),
  make("headless without selector", "Service", { spec: { clusterIP: "None" } }),
  make("external name", "Service", { spec: { type: "ExternalName", externalName: "example.com" } }),
  make("no ports", "Service", { spec: {} }),
  make("two ports without names", "Service", { spec: { ports: [{ port: 80 }, { port: 81 }] } }),
  make("port errors", "Service", {
    spec: {
      ports: [
        { port: 0, name: "a" },
        { port: 80, targetPort: 70000, name: "a" },
        { port: 80, targetPort: "Bad", name: "B", protocol: "X" },
        { port: 80, name: "c" },
      ],
    },
  }),
  make("name that starts with a digit", "Service", { metadata: { name: "1a" }, spec: { ports: [{ port: 80 }] } }),
  make("type and affinity", "Service", { spec: { type: "Odd", sessionAffinity: "Odd", ports: [{ port: 80 }] } }),
  make("client affinity", "Service", { spec: { sessionAffinity: "ClientIP", ports: [{ port: 80 }] } }),
  make("external policy", "Service", { spec: { externalTrafficPolicy: "Local", ports: [{ port: 80 }] } }),
  make("external name missing", "Service", { spec: { type: "ExternalName" } }),
  make("selector", "Service", { spec: { selector: { "a b": "c d" }, ports: [{ port: 80 }] } }),

  make("least", "Event", { involvedObject: { kind: "Pod", name: "a", namespace: "default" } }),
  make("of another namespace", "Event", { involvedObject: { kind: "Pod", name: "a", namespace: "other" } }),
  make("least", "Endpoints", { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }),
  make("least", "LimitRange", { spec: { limits: [{ type: "Container", max: { cpu: "1" }, min: { memory: "64Mi" } }] } }),
  make("least", "ResourceQuota", { spec: { hard: { pods: "10", "requests.cpu": "1000m" } } }),
  make("least", "PersistentVolumeClaim", { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }),
  make("wrong", "PersistentVolumeClaim", {
    spec: { accessModes: ["Odd"], storageClassName: "Bad_", volumeMode: "Odd", resources: { requests: { storage: "0" } } },
  }),
  make("empty", "PersistentVolumeClaim", {}),

  make("least", "HorizontalPodAutoscaler", {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
  }),
  make("behavior", "HorizontalPodAutoscaler", {
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { kind: "Deployment", name: "web" },
      behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
    },
  }),
  make("wrong", "HorizontalPodAutoscaler", { spec: { minReplicas: 0, maxReplicas: 0, scaleTargetRef: { kind: "", name: "" } } }),
  make("least", "PodDisruptionBudget", { spec: { minAvailable: 1, selector: { matchLabels: labels } } }),
  make("wrong", "PodDisruptionBudget", { spec: { minAvailable: "120%", maxUnavailable: "x", unhealthyPodEvictionPolicy: "Odd" } }),
  make("least", "NetworkPolicy", { spec: { podSelector: {} } }),
  make("egress", "NetworkPolicy", {
    spec: {
      podSelector: { matchLabels: labels },
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: 53, protocol: "UDP" }, { port: 80 }] }],
    },
  }),
  make("wrong", "NetworkPolicy", {
    spec: { podSelector: {}, policyTypes: ["Odd"], ingress: [{ from: [{}], ports: [{ port: 0, protocol: "X" }, { endPort: 5 }] }] },
  }),
  make("least", "Ingress", {
    spec: {
      rules: [
        {
          host: "a.example.com",
          http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }] },
        },
      ],
    },
  }),
  make("empty", "Ingress", { spec: {} }),
  make("wrong", "Ingress", {
    spec: {
      rules: [
        {
          host: "Bad_",
          http: { paths: [{ path: "x", pathType: "Prefix", backend: {} }, { backend: { service: { name: "", port: {} } } }] },
        },
      ],
    },
  }),

  make("least", "Lease", { spec: {} }),
  make("rich", "Lease", {
    spec: {
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      acquireTime: "2026-01-01T00:00:00.123456Z",
      renewTime: "2026-01-01T00:00:00Z",
      leaseTransitions: 0,
    },
  }),
  make("wrong", "Lease", { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }),
  make("bad time", "Lease", { spec: { renewTime: "2026-01-01" } }),
  make("least", "Role", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
  make("no rules", "Role", {}),
  make("wrong", "Role", {
    rules: [{ apiGroups: [""], resources: ["pods"] }, { verbs: ["get"] }, { nonResourceURLs: ["/x"], verbs: ["get"] }],
  }),
  make("odd name", "ClusterRole", { metadata: { name: "System:Odd_Name" }, rules: [{ nonResourceURLs: ["/healthz"], verbs: ["get"] }] }),
  make("wrong", "ClusterRole", {
    metadata: { name: "a/b" },
    aggregationRule: {},
    rules: [{ nonResourceURLs: ["/x"], resources: ["a"], verbs: [] }],
  }),
  make("least", "RoleBinding", {
    roleRef: { kind: "Role", name: "a" },
    subjects: [
      { kind: "User", name: "b" },
      { kind: "ServiceAccount", name: "c" },
      { kind: "Group", name: "d" },
    ],
  }),
  make("wrong", "RoleBinding", {
    roleRef: { kind: "Odd", name: "" },
    subjects: [
      { kind: "Odd", name: "" },
      { kind: "ServiceAccount", name: "Bad_", apiGroup: "x" },
    ],
  }),
  make("account without namespace", "ClusterRoleBinding", {
    roleRef: { kind: "Role", name: "a" },
    subjects: [{ kind: "ServiceAccount", name: "c" }],
  }),

  make("least", "ValidatingWebhookConfiguration", {
    webhooks: [
      {
        name: "a.example.com",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        clientConfig: { service: { name: "a", namespace: "b" } },
        rules: [{ apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], operations: ["*"] }],
      },
    ],
  }),
  make("wrong", "ValidatingWebhookConfiguration", {
    webhooks: [
      {
        name: "short",
        failurePolicy: "Odd",
        matchPolicy: "Odd",
        timeoutSeconds: 60,
        admissionReviewVersions: ["v9"],
        clientConfig: {},
        rules: [{ apiGroups: ["*", "a"], operations: ["PATCH"] }],
      },
    ],
  }),
  make("least", "MutatingWebhookConfiguration", {
    webhooks: [
      { name: "a.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], clientConfig: { url: "https://example.com/x" } },
    ],
  }),
  make("wrong", "MutatingWebhookConfiguration", {
    webhooks: [{ name: "a.example.com", sideEffects: "Some", reinvocationPolicy: "Odd", clientConfig: { url: "http://example.com" } }],
  }),
  make("least", "PriorityClass", { value: 5 }),
  make("least", "StorageClass", { provisioner: "example.com/disk" }),

  make("least", "CustomResourceDefinition", crd([crdVersion({ type: "object" })])),
  make(
    "rich",
    "CustomResourceDefinition",
    crd(
      [
        crdVersion(
          {
            type: "object",
            description: "A thing.",
            properties: {
              spec: {
                type: "object",
                required: ["size"],
                properties: {
                  size: { type: "integer", format: "int32", minimum: 1, maximum: 5, default: 3 },
                  list: { type: "array", items: { type: "string" } },
                },
              },
              status: { type: "object", properties: { replicas: { type: "integer" }, selector: { type: "string" } } },
            },
          },
          {
            subresources: {
              status: {},
              scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.replicas", labelSelectorPath: ".status.selector" },
            },
            additionalPrinterColumns: [
              { name: "Size", type: "integer", jsonPath: ".spec.size" },
              { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", priority: 1 },
            ],
            selectableFields: [{ jsonPath: ".spec.size" }],
          },
        ),
      ],
      { names: { plural: "things", kind: "Thing", shortNames: ["th"], categories: ["all"] } },
    ),
  ),
  make("other name", "CustomResourceDefinition", { ...crd([crdVersion({ type: "object" })]), metadata: { name: "other" } }),
  make("no versions", "CustomResourceDefinition", crd([])),
  make("no schema", "CustomResourceDefinition", crd([{ name: "v1", served: true, storage: true }])),
  make(
    "two storage versions",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object" }), crdVersion({ type: "object" }, { name: "v2" })]),
  ),
  make("no storage version", "CustomResourceDefinition", crd([crdVersion({ type: "object" }, { storage: false })])),
  make(
    "repeated and bad versions",
    "CustomResourceDefinition",
    crd([
      crdVersion({ type: "object" }),
      crdVersion({ type: "object" }, { storage: false }),
      crdVersion({ type: "object" }, { name: "V_3", storage: false }),
    ]),
  ),
  make(
    "names",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object" })], {
      group: "Bad_",
      scope: "Odd",
      names: { plural: "Bad_", singular: "B", kind: "bad kind", listKind: "bad kind", shortNames: ["UP"], categories: ["UP"] },
    }),
  ),
  make("no names", "CustomResourceDefinition", crd([crdVersion({ type: "object" })], { names: {}, scope: "" })),
  make(
    "kind and list kind the same",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object" })], { names: { plural: "things", kind: "Thing", listKind: "Thing" } }),
  ),
  make("group without dot", "CustomResourceDefinition", {
    ...crd([crdVersion({ type: "object" })], { group: "example" }),
    metadata: { name: "things.example" },
  }),
  make("protected group", "CustomResourceDefinition", {
    ...crd([crdVersion({ type: "object" })], { group: "things.k8s.io" }),
    metadata: { name: "things.things.k8s.io" },
  }),
  make(
    "scale paths",
    "CustomResourceDefinition",
    crd([
      crdVersion(
        { type: "object" },
        { subresources: { scale: { specReplicasPath: ".size", statusReplicasPath: "status.x", labelSelectorPath: ".foo.x" } } },
      ),
    ]),
  ),
  make("scale without paths", "CustomResourceDefinition", crd([crdVersion({ type: "object" }, { subresources: { scale: {} } })])),
  make(
    "printer columns",
    "CustomResourceDefinition",
    crd([
      crdVersion(
        { type: "object" },
        {
          additionalPrinterColumns: [
            { name: "", type: "", jsonPath: "" },
            { name: "A", type: "odd", jsonPath: ".spec[", format: "odd" },
            { name: "B", type: "string", jsonPath: ".spec.x", format: "int32" },
          ],
        },
      ),
    ]),
  ),
  make("conversion", "CustomResourceDefinition", crd([crdVersion({ type: "object" })], { conversion: { strategy: "Odd" } })),
  make(
    "webhook conversion without webhook",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object" })], { conversion: { strategy: "Webhook" } }),
  ),
  make(
    "none conversion with webhook",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object" })], { conversion: { strategy: "None", webhook: { conversionReviewVersions: ["v1"] } } }),
  ),
  make("preserveUnknownFields", "CustomResourceDefinition", crd([crdVersion({ type: "object" })], { preserveUnknownFields: true })),
  make("root of another type", "CustomResourceDefinition", crd([crdVersion({ type: "string" })])),
  make("root without type", "CustomResourceDefinition", crd([crdVersion({ properties: { spec: { type: "object" } } })])),
  make(
    "metadata in the schema",
    "CustomResourceDefinition",
    crd([
      crdVersion({
        type: "object",
        properties: { metadata: { type: "object", properties: { name: { type: "string", pattern: "^a" }, labels: { type: "object" } } } },
      }),
    ]),
  ),
  make(
    "metadata of another type",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object", properties: { metadata: { type: "string" } } })]),
  ),
  make(
    "apiVersion and kind in the schema",
    "CustomResourceDefinition",
    crd([crdVersion({ type: "object", properties: { apiVersion: { type: "string" }, kind: { type: "integer" } } })]),
  ),
  make("default of the root", "CustomResourceDefinition", crd([crdVersion({ type: "object", default: {} })])),
  make("deprecation", "CustomResourceDefinition", crd([crdVersion({ type: "object" }, { deprecated: true, deprecationWarning: "go" })])),
  make("warning without deprecation", "CustomResourceDefinition", crd([crdVersion({ type: "object" }, { deprecationWarning: "go" })])),
  make("unknown fields, strict", "CustomResourceDefinition", crd([crdVersion({ type: "object", foo: 1 })]), "Strict"),
  make(
    "selectable fields",
    "CustomResourceDefinition",
    crd([
      crdVersion(
        { type: "object", properties: { spec: { type: "object", properties: { a: { type: "object" } } } } },
        { selectableFields: [{ jsonPath: ".spec.a" }, { jsonPath: ".spec.b" }, { jsonPath: "spec.c" }, { jsonPath: ".metadata.name" }] },
      ),
    ]),
  ),
  ...Object.entries(schemas).map(([name, schema]) => make(`schema with ${name}`, "CustomResourceDefinition", field(schema))),
];
