import type { KubernetesObject } from "../../runtime/object/index.ts";

/** An object as an operator applies it. */
export type Sample = KubernetesObject & Readonly<Record<string, unknown>>;

export const NAMESPACE = "applied";

const podTemplate = (extra: object = {}, container: object = {}) => ({
  metadata: { labels: { a: "b" } },
  spec: { containers: [{ name: "m", image: "i", ...container }], ...extra },
});
const deployment = (name: string, template: object, extra: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: NAMESPACE },
  spec: { selector: { matchLabels: { a: "b" } }, template, ...extra },
});
/** What operators usually apply, written so that the server has something to fill in, to drop or to write anew. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  "quantities that are not canonical": deployment(
    "quantity",
    podTemplate({}, { resources: { limits: { cpu: "1000m", memory: "1024Mi" }, requests: { cpu: 0.5 } } }),
  ),
  "an empty environment variable": deployment("empty-env", podTemplate({}, { env: [{ name: "A", value: "" }] })),
  "zero values, empty lists and empty maps": deployment(
    "falses",
    podTemplate(
      { hostNetwork: false, nodeSelector: {}, tolerations: [], serviceAccountName: "" },
      { stdin: false, args: [], env: [], volumeMounts: [] },
    ),
    { paused: false, minReadySeconds: 0 },
  ),
  nulls: deployment("nulls", {
    metadata: { labels: { a: "b" }, creationTimestamp: null },
    spec: { containers: [{ name: "m", image: "i", command: null }] },
  }),
  "references to fields": deployment(
    "field-ref",
    podTemplate(
      {},
      {
        env: [
          { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "B", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
          { name: "C", valueFrom: { configMapKeyRef: { name: "x", key: "y" } } },
        ],
      },
    ),
  ),
  volumes: deployment(
    "projected",
    podTemplate({
      volumes: [
        {
          name: "v",
          projected: {
            sources: [
              { serviceAccountToken: { path: "t" } },
              { downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] } },
            ],
          },
        },
        { name: "w", downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] } },
        { name: "e", emptyDir: { sizeLimit: "1024Mi" } },
        { name: "s", secret: { secretName: "s", items: [{ key: "a", path: "b" }] } },
        {
          name: "eph",
          ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } } } },
        },
      ],
    }),
  ),
  "probes, affinity and tolerations": deployment(
    "probes",
    podTemplate(
      {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "k", labelSelector: { matchLabels: { a: "b" } } }],
          },
        },
        tolerations: [
          { key: "a", operator: "Exists" },
          { key: "b", value: "c" },
        ],
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: "k", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "b" } } },
        ],
      },
      {
        livenessProbe: { httpGet: { port: 80, path: "/", httpHeaders: [{ name: "a", value: "b" }] } },
        readinessProbe: { tcpSocket: { port: "http" } },
        lifecycle: { preStop: { exec: { command: ["a"] } } },
        ports: [{ containerPort: 80 }],
      },
    ),
  ),
  "a StatefulSet with volume claim templates": {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "sts", namespace: NAMESPACE },
    spec: {
      serviceName: "x",
      selector: { matchLabels: { a: "b" } },
      template: podTemplate(),
      volumeClaimTemplates: [
        { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } } },
      ],
    },
  },
  "a DaemonSet": {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "ds", namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { a: "b" } },
      template: podTemplate(),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "50%" } },
    },
  },
  "a NetworkPolicy": {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "np", namespace: NAMESPACE },
    spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }], from: [{ podSelector: { matchLabels: { a: "b" } } }] }] },
  },
  "a RoleBinding": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "rb", namespace: NAMESPACE },
    roleRef: { kind: "Role", name: "x" },
    subjects: [
      { kind: "ServiceAccount", name: "d" },
      { kind: "User", name: "u" },
    ],
  },
  "a Role": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "r", namespace: NAMESPACE },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  },
  "a Secret with stringData and data": {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: NAMESPACE },
    stringData: { a: "x", b: "é" },
    data: { c: "eA==" },
  },
  "a Secret with stringData": {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s2", namespace: NAMESPACE },
    stringData: { a: "x" },
    type: "Opaque",
  },
  "a Service": {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "svc", namespace: NAMESPACE },
    spec: {
      selector: { a: "b" },
      ports: [{ port: 80 }, { name: "b", port: 81, targetPort: "x" }].map((p, i) => ({ name: `p${i}`, ...p })),
    },
  },
  "a headless Service": {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "svc2", namespace: NAMESPACE },
    spec: { clusterIP: "None", selector: { a: "b" }, ports: [{ port: 80 }], publishNotReadyAddresses: false },
  },
  "a Job": {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "job", namespace: NAMESPACE },
    spec: { backoffLimit: 0, template: podTemplate({ restartPolicy: "Never" }) },
  },
  "a CronJob": {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "cron", namespace: NAMESPACE },
    spec: { schedule: "* * * * *", suspend: false, jobTemplate: { spec: { template: podTemplate({ restartPolicy: "Never" }) } } },
  },
  "a HorizontalPodAutoscaler": {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "hpa", namespace: NAMESPACE },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { kind: "Deployment", name: "x", apiVersion: "apps/v1" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        { type: "Pods", pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1000m" } } },
      ],
      behavior: { scaleDown: { policies: [{ type: "Percent", value: 10, periodSeconds: 60 }] } },
    },
  },
  "a PodDisruptionBudget": {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "pdb", namespace: NAMESPACE },
    spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } },
  },
  "an Ingress": {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "ing", namespace: NAMESPACE },
    spec: {
      rules: [
        { host: "a.b", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "x", port: { number: 80 } } } }] } },
      ],
      tls: [{ hosts: ["a.b"], secretName: "s" }],
    },
  },
  "a PersistentVolumeClaim": {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "pvc", namespace: NAMESPACE },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
  },
  "a PersistentVolume": {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv" },
    spec: {
      capacity: { storage: "1024Mi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/x" },
      claimRef: { name: "x", namespace: NAMESPACE },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] } },
    },
  },
  "a ResourceQuota": {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "q", namespace: NAMESPACE },
    spec: { hard: { "requests.cpu": "1000m", pods: 4 } },
  },
  "a ValidatingWebhookConfiguration": {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "v" },
    webhooks: [
      {
        name: "a.b.c",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Ignore",
        clientConfig: { service: { name: "x", namespace: NAMESPACE } },
        rules: [{ apiGroups: ["nope"], apiVersions: ["v1"], resources: ["x"], operations: ["CREATE"] }],
      },
    ],
  },
  "a CustomResourceDefinition": {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "foos.e.x" },
    spec: {
      group: "e.x",
      scope: "Namespaced",
      names: { plural: "foos", kind: "Foo" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } },
          },
          additionalPrinterColumns: [{ name: "a", type: "integer", jsonPath: ".spec.a" }],
        },
      ],
    },
  },
  "a ConfigMap": {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "bin", namespace: NAMESPACE },
    data: {},
    binaryData: { a: "eA==" },
    immutable: false,
  },
  "a ServiceAccount": {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "sa", namespace: NAMESPACE },
    imagePullSecrets: [{ name: "a" }],
    secrets: [{ name: "b" }],
  },
  "a PriorityClass": {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "pc" },
    value: 5,
    globalDefault: false,
  },
  "a StorageClass": {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "sc" },
    provisioner: "x",
    parameters: { a: "b" },
  },
  "an EndpointSlice": {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "es", namespace: NAMESPACE },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true } }],
    ports: [{ port: 80 }],
  },
  "a Pod": {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", namespace: NAMESPACE },
    spec: { containers: [{ name: "m", image: "i:1", resources: { limits: { cpu: "1000m" } } }] },
  },
};
