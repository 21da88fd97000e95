/** The least that an API server takes of kinds that webhooks are often written for. */
const pod = { containers: [{ name: "app", image: "example.com/app:1" }] };
const labels = { app: "sample" };
const workload = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
const job = { template: { spec: { ...pod, restartPolicy: "Never" } } };

const specs: Readonly<Record<string, object>> = {
  "v1 ConfigMap": {},
  "v1 PersistentVolumeClaim": { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  "v1 Pod": pod,
  "v1 Secret": {},
  "v1 Service": { ports: [{ port: 80 }] },
  "v1 ServiceAccount": {},
  "apps/v1 DaemonSet": workload,
  "apps/v1 Deployment": workload,
  "apps/v1 ReplicaSet": workload,
  "apps/v1 StatefulSet": { ...workload, serviceName: "sample" },
  "batch/v1 CronJob": { schedule: "0 0 * * *", jobTemplate: { spec: job } },
  "batch/v1 Job": job,
  "networking.k8s.io/v1 Ingress": { defaultBackend: { service: { name: "sample", port: { number: 80 } } } },
};

/** A valid object of a kind of Kubernetes as source, with the source of its name; undefined where none is known. */
export function builtinSample(apiVersion: string, kind: string): ((name: string) => string) | undefined {
  const spec = specs[`${apiVersion} ${kind}`];
  if (spec === undefined) return undefined;
  const rest = Object.keys(spec).length === 0 ? "" : `, spec: ${source(spec)}`;
  return (name) => `new ${kind}({ metadata: { namespace: "default", name: ${name} }${rest} })`;
}

/** On one line; keys are plain words. */
function source(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${source(each)}`)
    .join(", ")} }`;
}
