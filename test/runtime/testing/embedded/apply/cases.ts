/**
 * Sequences of requests by several managers, on a custom kind and on built-in ones; a real kube-apiserver's answer to each step is in
 * `answers.jsonl`.
 */
import type { JsonObject, JsonValue } from "../../../../../runtime/schema/index.ts";
import type { Step } from "./replica.ts";

/** A definition with every kind of list and map that apply knows. */
export const definition: JsonObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "samples.apply.example.com" },
  spec: {
    group: "apply.example.com",
    scope: "Namespaced",
    names: { plural: "samples", singular: "sample", kind: "Sample", listKind: "SampleList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                properties: {
                  size: { type: "integer", minimum: 0, maximum: 9, default: 3 },
                  name: { type: "string" },
                  ports: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["port", "protocol"],
                    items: {
                      type: "object",
                      required: ["port"],
                      properties: { port: { type: "integer" }, protocol: { type: "string", default: "TCP" }, name: { type: "string" } },
                    },
                  },
                  tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
                  args: { type: "array", items: { type: "string" } },
                  atomic: {
                    type: "object",
                    "x-kubernetes-map-type": "atomic",
                    properties: { a: { type: "string" }, b: { type: "string" } },
                  },
                  labels: { type: "object", additionalProperties: { type: "string" } },
                  nested: {
                    type: "object",
                    nullable: true,
                    properties: { x: { type: "integer" }, y: { type: "object", properties: { z: { type: "string" } } } },
                  },
                  any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  port: { "x-kubernetes-int-or-string": true },
                  pod: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
                },
              },
              status: {
                type: "object",
                properties: {
                  phase: { type: "string" },
                  conditions: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["type"],
                    items: { type: "object", required: ["type"], properties: { type: { type: "string" }, status: { type: "string" } } },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** Kinds that sequences are about, with the path of their collection. */
export const subjects = {
  Sample: { apiVersion: "apply.example.com/v1", collection: "/apis/apply.example.com/v1/namespaces/default/samples" },
  Deployment: { apiVersion: "apps/v1", collection: "/apis/apps/v1/namespaces/default/deployments" },
  ConfigMap: { apiVersion: "v1", collection: "/api/v1/namespaces/default/configmaps" },
  Service: { apiVersion: "v1", collection: "/api/v1/namespaces/default/services" },
  Secret: { apiVersion: "v1", collection: "/api/v1/namespaces/default/secrets" },
  ClusterRole: { apiVersion: "rbac.authorization.k8s.io/v1", collection: "/apis/rbac.authorization.k8s.io/v1/clusterroles" },
  HorizontalPodAutoscaler: { apiVersion: "autoscaling/v2", collection: "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers" },
  Pod: { apiVersion: "v1", collection: "/api/v1/namespaces/default/pods" },
  StatefulSet: { apiVersion: "apps/v1", collection: "/apis/apps/v1/namespaces/default/statefulsets" },
  DaemonSet: { apiVersion: "apps/v1", collection: "/apis/apps/v1/namespaces/default/daemonsets" },
  Job: { apiVersion: "batch/v1", collection: "/apis/batch/v1/namespaces/default/jobs" },
  RoleBinding: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    collection: "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
  },
  Lease: { apiVersion: "coordination.k8s.io/v1", collection: "/apis/coordination.k8s.io/v1/namespaces/default/leases" },
  Ingress: { apiVersion: "networking.k8s.io/v1", collection: "/apis/networking.k8s.io/v1/namespaces/default/ingresses" },
  Namespace: { apiVersion: "v1", collection: "/api/v1/namespaces" },
} as const;

/** Requests about one object, in order. */
export interface Sequence {
  readonly name: string;
  readonly kind: keyof typeof subjects;
  readonly steps: readonly Step[];
}

type Options = Partial<Pick<Step, "force" | "subresource" | "validation">>;

function of(kind: keyof typeof subjects) {
  const { apiVersion, collection } = subjects[kind];
  const metadata: JsonObject = collection.includes("/namespaces/") ? { name: "sample", namespace: "default" } : { name: "sample" };
  const whole = (body: JsonObject): JsonObject => {
    const { metadata: more, ...rest } = body;
    return { apiVersion, kind, metadata: { ...metadata, ...(more as JsonObject | undefined) }, ...rest };
  };
  return {
    create: (manager: string, body: JsonObject, options: Options = {}): Step => ({ op: "create", manager, body: whole(body), ...options }),
    update: (manager: string, body: JsonObject, options: Options = {}): Step => ({ op: "update", manager, body: whole(body), ...options }),
    apply: (manager: string, body: JsonObject, options: Options = {}): Step => ({ op: "apply", manager, body: whole(body), ...options }),
    merge: (manager: string, body: JsonValue, options: Options = {}): Step => ({ op: "merge", manager, body, ...options }),
    json: (manager: string, body: JsonValue, options: Options = {}): Step => ({ op: "json", manager, body, ...options }),
    strategic: (manager: string, body: JsonValue, options: Options = {}): Step => ({ op: "strategic", manager, body, ...options }),
  };
}

const sample = of("Sample");
const deployment = of("Deployment");
const configMap = of("ConfigMap");
const service = of("Service");
const secret = of("Secret");
const role = of("ClusterRole");
const autoscaler = of("HorizontalPodAutoscaler");
const pod = of("Pod");
const statefulSet = of("StatefulSet");
const daemonSet = of("DaemonSet");
const job = of("Job");
const roleBinding = of("RoleBinding");
const lease = of("Lease");
const ingress = of("Ingress");
const namespace = of("Namespace");
const force = { force: true };
const status = { subresource: "status" } as const;

const labels: JsonObject = { app: "web" };
const container = (more: JsonObject = {}): JsonObject => ({ name: "web", image: "nginx:1", ...more });
const deploymentOf = (more: JsonObject, ...containers: JsonObject[]): JsonObject => ({
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } }, ...more },
});
const least = deploymentOf({}, container());
const envOf = (...names: string[]): JsonObject => ({ env: names.map((name) => ({ name, value: "1" })) });
const lastApplied = (value: JsonObject): JsonObject => ({ "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(value) });

/** All sequences. */
export const sequences: readonly Sequence[] = [
  {
    name: "creation by apply",
    kind: "Sample",
    steps: [
      sample.apply("a", {
        spec: {
          size: 1,
          tags: ["x"],
          ports: [{ port: 80 }],
          labels: { k: "v" },
          nested: { y: { z: "1" } },
          any: { p: [1], q: { r: 1 } },
          atomic: { a: "x" },
          port: "http",
        },
      }),
    ],
  },
  {
    name: "same apply again changes nothing",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { size: 1 } }), sample.apply("a", { spec: { size: 1 } })],
  },
  {
    name: "conflict, force, and the loser applying again",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1 } }),
      sample.apply("b", { spec: { size: 2 } }),
      sample.apply("b", { spec: { size: 2 } }, force),
      sample.apply("a", { spec: { size: 1 } }),
    ],
  },
  {
    name: "shared field without conflict",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { size: 1 } }), sample.apply("b", { spec: { size: 1 } }), sample.apply("a", { spec: { name: "x" } })],
  },
  {
    name: "field given up by its only owner",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { name: "x", tags: ["t"], labels: { k: "v" } } }), sample.apply("a", { spec: { tags: ["t"] } })],
  },
  {
    name: "default comes back when a field is given up",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { size: 5, name: "x" } }), sample.apply("a", { spec: { name: "x" } })],
  },
  {
    name: "several conflicts with several managers",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1, labels: { k: "1" } } }),
      sample.merge("u", { spec: { name: "x", args: ["1"] } }),
      sample.apply("b", { spec: { size: 2, name: "y", args: ["2"], labels: { k: "2" } } }),
    ],
  },
  {
    name: "set elements of two owners",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { tags: ["x", "y"] } }),
      sample.apply("b", { spec: { tags: ["y", "z"] } }),
      sample.apply("a", { spec: { tags: [] } }),
      sample.apply("b", { spec: {} }),
    ],
  },
  {
    name: "set keeps the applied order",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { tags: ["c", "a", "b"] } }),
      sample.apply("b", { spec: { tags: ["b", "x", "c"] } }),
      sample.apply("a", { spec: { tags: ["b", "a"] } }),
    ],
  },
  {
    name: "list map by keys, one of them defaulted",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { ports: [{ port: 80, name: "http" }, { port: 81 }] } }),
      sample.apply("b", {
        spec: {
          ports: [
            { port: 80, protocol: "UDP" },
            { port: 80, protocol: "TCP", name: "http" },
          ],
        },
      }),
      sample.apply("a", { spec: { ports: [{ port: 81, protocol: "TCP" }] } }),
    ],
  },
  { name: "list map without a key", kind: "Sample", steps: [sample.apply("a", { spec: { ports: [{ name: "x" }] } })] },
  { name: "duplicates in an applied set", kind: "Sample", steps: [sample.apply("a", { spec: { tags: ["x", "x"] } })] },
  {
    name: "duplicates in an applied list map",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { ports: [{ port: 1 }, { port: 1, protocol: "TCP" }] } })],
  },
  {
    name: "atomic list and map",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { args: ["1", "2"], atomic: { a: "1", b: "2" } } }),
      sample.apply("b", { spec: { args: ["1"] } }),
      sample.apply("b", { spec: { atomic: { a: "1" } } }, force),
      sample.apply("a", { spec: {} }),
    ],
  },
  { name: "unknown field", kind: "Sample", steps: [sample.apply("a", { spec: { foo: 1 } })] },
  {
    name: "wrong types",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { size: "x", name: 1, args: 5, nested: [], tags: { a: 1 }, port: {} } })],
  },
  {
    name: "null in an applied object",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 2, name: null, nested: null } }),
      sample.apply("a", { spec: { nested: { x: 1 } } }),
      sample.apply("a", { spec: {} }),
    ],
  },
  { name: "null list elements", kind: "Sample", steps: [sample.apply("a", { spec: { tags: [null] } })] },
  {
    name: "unknown values are merged by field",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { any: { p: { x: 1 }, q: [1, 2] } } }),
      sample.apply("b", { spec: { any: { p: { y: 2 }, q: [3] } } }, force),
      sample.apply("a", { spec: { any: { p: { x: 5 } } } }),
    ],
  },
  {
    name: "unknown value that changes its type",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { any: { p: { x: 1 } } } }),
      sample.apply("b", { spec: { any: { p: "text" } } }),
      sample.apply("b", { spec: { any: { p: "text" } } }, force),
      sample.merge("u", { spec: { any: { p: ["list"] } } }),
    ],
  },
  {
    name: "embedded object",
    kind: "Sample",
    steps: [
      sample.apply("a", {
        spec: {
          pod: { apiVersion: "v1", kind: "Pod", metadata: { name: "x", labels: { a: "b" }, finalizers: ["x.io/y"] }, spec: { z: 1 } },
        },
      }),
      sample.apply("b", { spec: { pod: { apiVersion: "v1", kind: "Pod", metadata: { labels: { c: "d" }, finalizers: ["x.io/z"] } } } }),
    ],
  },
  {
    name: "update takes fields",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1, tags: ["x"] } }),
      sample.update("u", { spec: { size: 2, tags: ["x", "y"] } }),
      sample.apply("a", { spec: { size: 1, tags: ["x"] } }),
      sample.apply("a", { spec: { size: 1, tags: ["x"] } }, force),
    ],
  },
  {
    name: "update that changes nothing",
    kind: "Sample",
    steps: [sample.create("c", { spec: { size: 1 } }), sample.update("u", { spec: { size: 1 } })],
  },
  {
    name: "update by the same manager adds to its entry",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { size: 1 } }),
      sample.merge("c", { spec: { name: "x" } }),
      sample.merge("c", { spec: { size: null } }),
    ],
  },
  {
    name: "update removes what an applier owns",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { name: "x", tags: ["t"] } }),
      sample.json("j", [
        { op: "remove", path: "/spec/name" },
        { op: "remove", path: "/spec/tags" },
      ]),
      sample.apply("a", { spec: { name: "x" } }),
    ],
  },
  {
    name: "apply after create by another",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { size: 1, name: "x" } }),
      sample.apply("a", { spec: { size: 2 } }),
      sample.apply("a", { spec: { name: "x" } }),
    ],
  },
  {
    name: "status subresource has owners of its own",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1 }, status: { phase: "ignored" } }),
      sample.apply("a", { spec: { size: 9 }, status: { phase: "On", conditions: [{ type: "Ready", status: "True" }] } }, status),
      sample.merge("u", { status: { conditions: [{ type: "Ready", status: "False" }] } }, status),
      sample.apply("a", { status: { conditions: [{ type: "Ready", status: "True" }] } }, status),
    ],
  },
  {
    name: "status conflict",
    kind: "Sample",
    steps: [
      sample.create("c", {}),
      sample.merge("u", { status: { phase: "A" } }, status),
      sample.apply("a", { status: { phase: "B" } }, status),
      sample.apply("a", { status: { phase: "B" } }, { ...status, force: true }),
    ],
  },
  {
    name: "status does not change metadata",
    kind: "Sample",
    steps: [
      sample.create("c", {}),
      sample.merge("u", { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, status: { phase: "A" } }, status),
      sample.apply("a", { metadata: { labels: { a: "b" } }, status: {} }, status),
    ],
  },
  { name: "managed fields in an apply", kind: "Sample", steps: [sample.apply("a", { metadata: { managedFields: [] }, spec: {} })] },
  {
    name: "managed fields reset by an empty list",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1 } }),
      sample.merge("u", { metadata: { managedFields: [] } }),
      sample.merge("u", { spec: { name: "x" } }),
      sample.apply("b", { spec: { name: "y" } }),
      sample.apply("b", { spec: { name: "y" } }, force),
    ],
  },
  {
    name: "managed fields reset by an empty entry",
    kind: "Sample",
    steps: [sample.apply("a", { spec: { size: 1 } }), sample.merge("u", { metadata: { managedFields: [{}] }, spec: { size: 2 } })],
  },
  {
    name: "managed fields that make no sense",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 1 } }),
      sample.merge("u", {
        metadata: { managedFields: [{ manager: "x", operation: "Odd", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: {} }] },
        spec: { size: 2 },
      }),
    ],
  },
  {
    name: "managed fields written by hand",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { size: 1, name: "x" } }),
      sample.merge("u", {
        metadata: {
          managedFields: [
            {
              manager: "hand",
              operation: "Apply",
              apiVersion: "apply.example.com/v1",
              fieldsType: "FieldsV1",
              fieldsV1: { "f:spec": { "f:size": {} } },
            },
          ],
        },
      }),
      sample.apply("hand", { spec: { name: "x" } }),
    ],
  },
  {
    name: "metadata by several",
    kind: "Sample",
    steps: [
      sample.apply("a", { metadata: { labels: { a: "1" }, annotations: { a: "1" }, finalizers: ["x.io/a"] } }),
      sample.apply("b", { metadata: { labels: { b: "1" }, finalizers: ["x.io/b", "x.io/a"] } }),
      sample.apply("a", { metadata: { labels: { a: "1" } } }),
    ],
  },
  {
    name: "owner references",
    kind: "Sample",
    steps: [
      sample.apply("a", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u1" }] } }),
      sample.apply("b", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "q", uid: "u2", controller: true }] } }),
      sample.apply("b", { metadata: {} }),
    ],
  },
  {
    name: "empty objects and lists",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { tags: [], labels: {}, nested: {}, any: {}, ports: [] } }),
      sample.apply("a", { spec: { labels: { k: "v" } } }),
      sample.apply("a", {}),
    ],
  },
  {
    name: "eleven updaters",
    kind: "Sample",
    steps: [
      sample.create("m0", { spec: { labels: { k0: "v" } } }),
      ...Array.from({ length: 11 }, (_, index) => sample.merge(`m${index + 1}`, { spec: { labels: { [`k${index + 1}`]: "v" } } })),
    ],
  },
  {
    name: "client-side apply becomes server-side",
    kind: "Sample",
    steps: [
      sample.create("kubectl-client-side-apply", {
        metadata: {
          annotations: lastApplied({
            apiVersion: "apply.example.com/v1",
            kind: "Sample",
            metadata: { name: "sample", namespace: "default", annotations: {} },
            spec: { size: 1, name: "x" },
          }),
        },
        spec: { size: 1, name: "x" },
      }),
      sample.apply("kubectl", { spec: { size: 2, name: "x" } }),
      sample.apply("kubectl", { spec: { size: 2 } }),
    ],
  },
  {
    name: "client-side apply does not help other managers",
    kind: "Sample",
    steps: [
      sample.create("kubectl-client-side-apply", {
        metadata: {
          annotations: lastApplied({ apiVersion: "apply.example.com/v1", kind: "Sample", metadata: { name: "sample" }, spec: { size: 1 } }),
        },
        spec: { size: 1 },
      }),
      sample.apply("other", { spec: { size: 2 } }),
    ],
  },
  {
    name: "another kind or version applied",
    kind: "Sample",
    steps: [
      { op: "apply", manager: "a", body: { apiVersion: "apply.example.com/v2", kind: "Sample", metadata: { name: "sample" } } },
      { op: "apply", manager: "a", body: { apiVersion: "apply.example.com/v1", kind: "Other", metadata: { name: "sample" } } },
    ],
  },
  {
    name: "invalid after an apply",
    kind: "Sample",
    steps: [
      sample.apply("a", { spec: { size: 99 } }),
      sample.create("c", { spec: { size: 1 } }),
      sample.apply("a", { spec: { size: 99 } }, force),
    ],
  },

  {
    name: "JSON patch",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { args: ["a", "b", "c"], labels: { "x/y": "1" } } }),
      sample.json("j", [
        { op: "add", path: "/spec/args/1", value: "n" },
        { op: "add", path: "/spec/args/-", value: "z" },
        { op: "replace", path: "/spec/args/0", value: "r" },
        { op: "copy", from: "/spec/args/0", path: "/spec/name" },
        { op: "move", from: "/spec/labels/x~1y", path: "/spec/labels/moved" },
        { op: "test", path: "/spec/size", value: 3 },
      ]),
    ],
  },
  {
    name: "JSON patches that do not apply",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { args: ["a"] } }),
      ...[
        [{ op: "test", path: "/spec/size", value: 4 }],
        [{ op: "remove", path: "/spec/none" }],
        [{ op: "add", path: "/none/x", value: 1 }],
        [{ op: "add", path: "/spec/args/7", value: "x" }],
        [{ op: "add", path: "/spec/args/x", value: "x" }],
        [{ op: "replace", path: "/spec/args/1", value: "x" }],
        [{ op: "move", from: "/spec/none", path: "/spec/name" }],
        [{ op: "fly", path: "/spec" }],
        [{ op: "remove" }],
        { op: "add" },
        "text",
        [1],
      ].map((patch) => sample.json("j", patch, { validation: "Warn" })),
    ],
  },
  {
    name: "JSON patch with negative indices and absent fields",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { args: ["a", "b", "c"] } }),
      sample.json("j", [{ op: "remove", path: "/spec/args/-1" }]),
      sample.json("j", [{ op: "replace", path: "/spec/name", value: "set" }]),
      sample.json("j", [{ op: "test", path: "/spec/nested", value: null }]),
    ],
  },
  {
    name: "merge patch",
    kind: "Sample",
    steps: [
      sample.create("c", { spec: { name: "x", labels: { a: "1", b: "2" }, tags: ["x"] } }),
      sample.merge("m", { spec: { name: null, labels: { a: null, c: "3" }, tags: ["y"] }, metadata: { annotations: { k: "v" } } }),
      sample.merge("m", { spec: null }),
      sample.merge("m", [], { validation: "Warn" }),
      sample.merge("m", "x", { validation: "Warn" }),
    ],
  },
  {
    name: "patch of name and uid",
    kind: "Sample",
    steps: [sample.create("c", {}), sample.merge("m", { metadata: { generation: 9, creationTimestamp: null, selfLink: "x" } })],
  },

  {
    name: "Deployment by create, patch and apply",
    kind: "Deployment",
    steps: [
      deployment.create("c", deploymentOf({ replicas: 2 }, container({ ports: [{ containerPort: 80 }], ...envOf("A", "B") }))),
      deployment.strategic("s", {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "web",
                  env: [
                    { name: "B", value: "2" },
                    { name: "C", value: "3" },
                  ],
                },
              ],
            },
          },
        },
      }),
      deployment.apply(
        "a",
        deploymentOf(
          { replicas: 5 },
          container({
            ports: [
              { containerPort: 80, name: "http" },
              { containerPort: 80, protocol: "UDP" },
            ],
          }),
        ),
      ),
      deployment.apply("a", deploymentOf({ replicas: 5 }, container({ ports: [{ containerPort: 80, protocol: "UDP" }] })), force),
    ],
  },
  {
    name: "Deployment by apply",
    kind: "Deployment",
    steps: [
      deployment.apply("a", least),
      deployment.apply("a", deploymentOf({}, container(envOf("A")), container({ name: "side", image: "b" }))),
      deployment.apply("a", least),
      deployment.merge("scaler", { spec: { replicas: 4 } }),
      deployment.apply("a", deploymentOf({ replicas: 1 }, container())),
    ],
  },
  {
    name: "quantities in an apply",
    kind: "Deployment",
    steps: [
      deployment.apply("a", deploymentOf({}, container({ resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }))),
      deployment.apply("a", deploymentOf({}, container({ resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }))),
      deployment.apply("b", deploymentOf({}, container({ resources: { limits: { cpu: 1 } } }))),
    ],
  },
  {
    name: "Deployment status",
    kind: "Deployment",
    steps: [
      deployment.create("c", least),
      deployment.merge(
        "k",
        { status: { replicas: 1, conditions: [{ type: "Available", status: "True", reason: "x" }] }, metadata: { labels: { a: "b" } } },
        status,
      ),
      deployment.strategic(
        "k",
        {
          status: {
            conditions: [
              { type: "Available", status: "False" },
              { type: "Progressing", status: "True" },
            ],
          },
        },
        status,
      ),
      deployment.merge("u", { spec: { paused: true }, status: { replicas: 7 } }),
    ],
  },
  {
    name: "Deployment generation",
    kind: "Deployment",
    steps: [
      deployment.create("c", least),
      deployment.merge("u", { metadata: { labels: { a: "b" } } }),
      deployment.merge("u", { metadata: { annotations: { a: "b" } } }),
      deployment.merge("u", { spec: { replicas: 3 } }),
    ],
  },
  {
    name: "Deployment selector is fixed",
    kind: "Deployment",
    steps: [
      deployment.create("c", least),
      deployment.update("u", {
        spec: {
          selector: { matchLabels: { app: "x" } },
          template: { metadata: { labels: { app: "x" } }, spec: { containers: [container()] } },
        },
      }),
    ],
  },
  {
    name: "container removed by strategic merge patch",
    kind: "Deployment",
    steps: [
      deployment.create("c", deploymentOf({}, container(envOf("A", "B", "C")), container({ name: "side" }))),
      deployment.strategic("s", { spec: { template: { spec: { containers: [{ name: "side", $patch: "delete" }] } } } }),
      deployment.strategic("s", {
        spec: { template: { spec: { containers: [{ name: "web", env: [{ $patch: "replace" }, { name: "Z", value: "z" }] }] } } },
      }),
    ],
  },
  {
    name: "element order of a strategic merge patch",
    kind: "Deployment",
    steps: [
      deployment.create("c", deploymentOf({}, container(envOf("A", "B", "C")))),
      deployment.strategic("s", {
        spec: {
          template: {
            spec: {
              "$setElementOrder/containers": [{ name: "new" }, { name: "web" }],
              containers: [
                { name: "new", image: "n" },
                { name: "web", "$setElementOrder/env": [{ name: "C" }, { name: "D" }, { name: "A" }], env: [{ name: "D", value: "d" }] },
              ],
            },
          },
        },
      }),
    ],
  },
  {
    name: "retained keys of a strategic merge patch",
    kind: "Deployment",
    steps: [
      deployment.create("c", least),
      deployment.strategic("s", { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } }),
      deployment.strategic("s", { spec: { strategy: { $retainKeys: ["type"], type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } }),
    ],
  },
  {
    name: "primitive lists of a strategic merge patch",
    kind: "ConfigMap",
    steps: [
      configMap.create("c", { metadata: { finalizers: ["x.io/a", "x.io/b"] } }),
      configMap.strategic("s", { metadata: { finalizers: ["x.io/c", "x.io/a"] } }),
      configMap.strategic("s", {
        metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/b"], "$setElementOrder/finalizers": ["x.io/c", "x.io/a"] },
      }),
    ],
  },
  {
    name: "wrong strategic merge patches",
    kind: "Deployment",
    steps: [
      deployment.create("c", least),
      deployment.strategic("s", { spec: { template: { spec: { containers: [{ image: "x" }] } } } }),
      deployment.strategic("s", { spec: { $patch: "odd" } }),
      deployment.strategic("s", []),
    ],
  },
  {
    name: "unknown field in a strict patch",
    kind: "ConfigMap",
    steps: [
      configMap.create("c", { data: { a: "1" } }),
      configMap.merge("u", { data: { a: null, b: "2" } }),
      configMap.apply("a", { data: { b: "3", c: "4" } }),
      configMap.apply("a", { data: { b: "3", c: "4" } }, force),
      configMap.apply("a", { foo: 1 }),
    ],
  },
  {
    name: "immutable data",
    kind: "ConfigMap",
    steps: [
      configMap.create("c", { data: { a: "1" }, immutable: true }),
      configMap.merge("u", { data: { a: "2" } }),
      configMap.merge("u", { immutable: false }),
      configMap.merge("u", { metadata: { labels: { a: "b" } } }),
    ],
  },
  {
    name: "secret strings",
    kind: "Secret",
    steps: [
      secret.apply("a", { stringData: { a: "x" } }),
      secret.apply("a", { stringData: { a: "x" } }),
      secret.apply("a", { data: { b: "eQ==" } }),
      secret.merge("u", { type: "other" }),
    ],
  },
  {
    name: "service ports",
    kind: "Service",
    steps: [
      service.apply("a", {
        spec: {
          clusterIP: "None",
          ports: [
            { port: 80, name: "a" },
            { port: 80, protocol: "UDP", name: "b" },
          ],
        },
      }),
      service.apply("b", { spec: { ports: [{ port: 81, name: "c" }] } }),
      service.apply("a", { spec: { clusterIP: "None", ports: [{ port: 80, name: "a", protocol: "TCP" }] } }),
    ],
  },
  {
    name: "rules are atomic",
    kind: "ClusterRole",
    steps: [
      role.apply("a", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
      role.apply("b", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }] }),
      role.update("u", { rules: [] }),
    ],
  },
  {
    name: "autoscaler by apply",
    kind: "HorizontalPodAutoscaler",
    steps: [
      autoscaler.apply("a", { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } } }),
      autoscaler.apply("a", {
        spec: {
          minReplicas: 2,
          maxReplicas: 4,
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
          metrics: [{ type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 50 } } }],
        },
      }),
    ],
  },
  {
    name: "hardly anything of a Pod may change",
    kind: "Pod",
    steps: [
      pod.create("c", { spec: { containers: [container()], tolerations: [{ key: "a", operator: "Exists" }] } }),
      pod.merge("u", { metadata: { labels: { a: "b" } } }),
      pod.strategic("u", { spec: { containers: [{ name: "web", image: "nginx:2" }] } }),
      pod.merge("k", { status: { phase: "Running", podIP: "10.0.0.1", conditions: [{ type: "Ready", status: "True" }] } }, status),
      pod.merge("u", { status: { phase: "Failed" } }),
      pod.merge("u", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u1" }] } }),
      pod.merge("u", { spec: { tolerations: [] } }),
    ],
  },
  {
    name: "StatefulSet fields that may change",
    kind: "StatefulSet",
    steps: [
      statefulSet.create("c", deploymentOf({ serviceName: "web" }, container())),
      statefulSet.merge("u", { spec: { replicas: 2, minReadySeconds: 5 } }),
      statefulSet.merge("u", { spec: { serviceName: "other" } }),
      statefulSet.merge("k", { status: { replicas: 2 } }, status),
    ],
  },
  {
    name: "DaemonSet template generation",
    kind: "DaemonSet",
    steps: [
      daemonSet.create("c", least),
      daemonSet.strategic("u", { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:2" }] } } } }),
      daemonSet.merge("u", { spec: { minReadySeconds: 5 } }),
      daemonSet.merge("u", { metadata: { labels: { a: "b" } } }),
      daemonSet.merge("u", { spec: { selector: { matchLabels: { app: "x" } } } }),
    ],
  },
  {
    name: "Job fields that may change",
    kind: "Job",
    steps: [
      job.create("c", { spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } } }),
      job.merge("u", { spec: { parallelism: 2 } }),
      job.merge("u", { spec: { completions: 5 } }),
      job.merge("k", { status: { active: 1 } }, status),
    ],
  },
  {
    name: "role of a binding is fixed",
    kind: "RoleBinding",
    steps: [
      roleBinding.apply("a", { roleRef: { kind: "Role", name: "a" }, subjects: [{ kind: "User", name: "u" }] }),
      roleBinding.merge("u", { roleRef: { name: "b" } }),
      roleBinding.apply("a", {
        roleRef: { kind: "Role", name: "a", apiGroup: "rbac.authorization.k8s.io" },
        subjects: [{ kind: "User", name: "v" }],
      }),
    ],
  },
  {
    name: "leader election by Lease",
    kind: "Lease",
    steps: [
      lease.create("a", {
        spec: {
          holderIdentity: "a",
          leaseDurationSeconds: 15,
          acquireTime: "2026-01-01T00:00:00.000000Z",
          renewTime: "2026-01-01T00:00:00.000000Z",
          leaseTransitions: 0,
        },
      }),
      lease.update("a", {
        spec: {
          holderIdentity: "a",
          leaseDurationSeconds: 15,
          acquireTime: "2026-01-01T00:00:00.000000Z",
          renewTime: "2026-01-01T00:00:05.123456Z",
          leaseTransitions: 0,
        },
      }),
      lease.merge("b", { spec: { holderIdentity: "b", leaseTransitions: 1 } }),
      lease.update("b", { spec: { holderIdentity: "", leaseTransitions: -1 } }),
    ],
  },
  {
    name: "Ingress and its status",
    kind: "Ingress",
    steps: [
      ingress.apply("a", { spec: { defaultBackend: { service: { name: "web", port: { number: 80 } } } } }),
      ingress.merge("k", { status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } }, status),
      ingress.apply("a", { spec: { defaultBackend: { service: { name: "web", port: { name: "http" } } } } }),
    ],
  },
  {
    name: "Namespace labels and finalizers",
    kind: "Namespace",
    steps: [
      namespace.create("c", {}),
      namespace.merge("u", { metadata: { labels: { "kubernetes.io/metadata.name": null, a: "b" } }, spec: { finalizers: [] } }),
      namespace.apply("a", { metadata: { labels: { x: "y" } } }),
    ],
  },
  {
    name: "Service address and type",
    kind: "Service",
    steps: [
      service.create("c", { spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }] } }),
      service.merge("u", { spec: { clusterIP: "10.0.0.77" } }),
      service.merge("u", { spec: { selector: { a: "b" }, sessionAffinity: "ClientIP" } }),
      service.merge("k", { status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } }, status),
    ],
  },
  {
    name: "finalizers that make no sense",
    kind: "ConfigMap",
    steps: [
      configMap.create("c", {}),
      configMap.merge("u", { metadata: { finalizers: ["plain"] } }),
      configMap.merge("u", { metadata: { finalizers: ["x.io/a"], labels: { "bad key": "x" } } }),
    ],
  },
];
