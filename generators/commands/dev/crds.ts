import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import { parseAllDocuments } from "yaml";
import { ScaffoldError } from "../../errors.ts";
import { webhookService } from "../../model/index.ts";

export interface Crd extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; resourceVersion?: string };
  spec: {
    readonly conversion?: {
      readonly strategy: string;
      readonly webhook?: {
        readonly clientConfig?: { readonly service?: { readonly name: string; readonly namespace?: string; readonly path?: string } };
      };
    };
    readonly [field: string]: unknown;
  };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

export const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
const crdFolder = "config/crd/bases";
const establishedWithin = 15_000;
const lookEvery = 50;

/** Installs the project's CRDs, or brings them up to date; resolves to the names of those that are new or different. */
export async function installCrds(client: Client, project: string, signal: AbortSignal): Promise<string[]> {
  const changed: string[] = [];
  for (const crd of projectCrds(project)) {
    const { name } = crd.metadata;
    const before = await client.get(crdKind, { name }, { signal });
    const after = await client.apply(withoutOwnConversion(crd), { signal });
    if (!before || before.metadata.resourceVersion !== after.metadata.resourceVersion) changed.push(name);
    await established(client, name, signal);
  }
  return changed;
}

/**
 * Waits until the cluster serves a CRD, which it does only some time after it has stored it.
 *
 * @throws ScaffoldError `conflict` when the cluster does not accept its names, `crd-missing` when it takes too long
 */
export async function established(client: Client, name: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < establishedWithin; waited += lookEvery) {
    const crd = (await client.get(crdKind, { name }, { signal })) as Crd | undefined;
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

/** @throws ScaffoldError `crd-missing` */
export async function expectCrds(client: Client, project: string, signal: AbortSignal): Promise<string[]> {
  for (const { metadata } of projectCrds(project)) {
    const { name } = metadata;
    if (!(await client.get(crdKind, { name }, { signal }))) {
      throw new ScaffoldError(
        "crd-missing",
        `The cluster has no CRD ${name}: leave out --skip-crds, or install it with kubectl apply -k config/crd.`,
      );
    }
  }
  return [];
}

/**
 * A conversion by the operator that is to be deployed says nothing of the one here: where requests for conversion go is `webhooks/`'s to say,
 * and what the cluster has stays.
 */
function withoutOwnConversion(crd: Crd): Crd {
  const { conversion, ...spec } = crd.spec;
  return ownConversion(crd) ? { ...crd, spec } : crd;
}

/** `spec.conversion`, where it leads to the operator's own Service. */
export function ownConversion({ spec: { conversion } }: Crd): Crd["spec"]["conversion"] {
  const service = conversion?.webhook?.clientConfig?.service;
  return conversion?.strategy === "Webhook" && isOwnService(service) ? conversion : undefined;
}

/** True of the operator's own Service, whose namespace is said by nobody yet. */
export function isOwnService(service: { readonly name: string; readonly namespace?: string } | undefined): boolean {
  const { name, namespace } = webhookService;
  return service?.name === name && (service.namespace === undefined || service.namespace === namespace);
}

export function projectCrds(project: string): Crd[] {
  const folder = join(project, crdFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), "utf8")))
    .map((document): unknown => ("toJS" in document ? document.toJS() : undefined))
    .filter(isCrd);
}

function isCrd(value: unknown): value is Crd {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === crdKind.kind && "metadata" in value;
}
