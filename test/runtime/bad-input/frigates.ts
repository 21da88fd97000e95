import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstructured, type KubernetesObject } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/index.ts";

/** A kind of its own: with a text of any length, a list by key, a part that takes any fields, and a status. */
export const Frigate = unstructured({ apiVersion: "ships.example.com/v1", kind: "Frigate" });
export const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
export const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
export const Definition = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });

const text = { type: "string" };

export const FRIGATES = {
  ...Definition,
  metadata: { name: "frigates.ships.example.com" },
  spec: {
    group: "ships.example.com",
    scope: "Namespaced",
    names: { plural: "frigates", kind: "Frigate" },
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
                  text,
                  crew: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: { type: "object", required: ["name"], properties: { name: text, rank: text } },
                  },
                  any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                },
              },
              status: { type: "object", properties: { afloat: { type: "boolean" } } },
            },
          },
        },
      },
    ],
  },
} satisfies KubernetesObject & { spec: object };

/** A cluster that has frigates. */
export async function frigateCluster(): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), "kubescaffold-frigates-"));
  try {
    await writeFile(join(folder, "frigates.yaml"), JSON.stringify(FRIGATES)); // JSON is YAML
    return await startTestCluster({ crds: [folder] });
  } finally {
    await rm(folder, { recursive: true });
  }
}
