import type { Manifest } from "../../../generators/commands/deploy/index.ts";

/** What is deployed in tests: all that an operator consists of, as small as it can be. */
const labels = { app: "ship-operator" };

export const crdName = "ships.fleet.example.com";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: crdName },
  spec: {
    group: "fleet.example.com",
    names: { kind: "Ship", listKind: "ShipList", plural: "ships", singular: "ship" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } },
        },
      },
    ],
  },
};

export interface OperatorManifests {
  readonly image: string;
  readonly replicas?: number;
  readonly more?: readonly object[];
}

/** Objects in an order in which a cluster would refuse them; more of them come before all others. */
export function operatorManifests({ image, replicas = 1, more = [] }: OperatorManifests): object[] {
  const namespace = "ship-system";
  return [
    ...more,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "ship-operator", namespace },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { serviceAccountName: "ship-operator", containers: [{ name: "manager", image }] },
        },
      },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "ship-operator" },
      rules: [{ apiGroups: ["fleet.example.com"], resources: ["ships"], verbs: ["get", "list", "watch", "patch"] }],
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "ship-operator", namespace } },
    definition,
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
  ];
}

/** A webhook that nobody answers, and without which nothing of these rules is let through. */
export function deafWebhook(rules: readonly object[]): Manifest {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "ship-operator" },
    webhooks: [
      {
        name: "ships.fleet.example.com",
        clientConfig: { url: "https://127.0.0.1:1/validate" },
        rules,
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  };
}

export function yaml(objects: readonly object[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
}
