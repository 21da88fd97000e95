import { setTimeout as pause } from "node:timers/promises";
import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../errors.ts";

/** A definition, as far as it is looked into. */
export interface CustomResourceDefinition extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; resourceVersion?: string };
  spec?: { group: string; names: { kind: string; plural: string }; versions: { name: string; storage: boolean }[] };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

export const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
const establishedWithin = 15_000;
const lookEvery = 50;

/**
 * Waits until the cluster serves a definition, which it does only some time after it has stored it.
 *
 * @throws ScaffoldError `conflict` when the cluster does not accept its names, `crd-missing` when it takes too long
 */
export async function established(client: Client, name: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < establishedWithin; waited += lookEvery) {
    const crd = (await client.get(crdKind, { name }, { signal })) as CustomResourceDefinition | undefined;
    const conditions = crd?.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
    const refused = conditions.find(({ type, status }) => type === "NamesAccepted" && status === "False");
    if (refused)
      throw new ScaffoldError(
        "conflict",
        `The cluster does not accept the names of ${name} (${refused.message ?? "no reason given"}): choose others, or delete the CRD that has them.`,
      );
    await pause(lookEvery, undefined, { signal });
  }
  throw new ScaffoldError(
    "crd-missing",
    `The cluster did not establish the CRD ${name} in ${establishedWithin / 1000} s: look at kubectl describe crd ${name}.`,
  );
}
