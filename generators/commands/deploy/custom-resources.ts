import { setTimeout as pause } from "node:timers/promises";
import type { Client, KindToken } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../errors.ts";
import { crdKind } from "../dev/crds.ts";
import { isCrd, type CustomResourceDefinition, type Manifest } from "./objects.ts";

/** The custom resources of one definition that a cluster has. */
export interface CustomResources {
  /** As in `kubectl get`: `memcacheds.cache.example.com`. */
  readonly crd: string;
  readonly kind: KindToken;
  /** Undefined where some are stored in an older version, and the operator that converts them does not answer. */
  readonly objects: readonly Manifest[] | undefined;
}

const lookEvery = 200;

/** All custom resources of the definitions among these objects, in all namespaces; those of definitions that the cluster has not are none. */
export async function customResourcesOf(client: Client, objects: readonly Manifest[], signal: AbortSignal): Promise<CustomResources[]> {
  const found: CustomResources[] = [];
  for (const { metadata } of objects.filter((object) => isCrd(object))) {
    const crd = (await client.get(crdKind, { name: metadata.name }, { signal })) as CustomResourceDefinition | undefined;
    // The stored version: any other may need the operator to convert it.
    const version = crd?.spec?.versions.find(({ storage }) => storage)?.name;
    if (crd?.spec === undefined || version === undefined) continue;
    const kind = { apiVersion: `${crd.spec.group}/${version}`, kind: crd.spec.names.kind };
    found.push({ crd: metadata.name, kind, objects: await listUnlessUnconverted(client, kind, signal) });
  }
  return found;
}

/**
 * Has the cluster read as they are stored those that it cannot read otherwise: nothing is to be done to them any more but to let them go.
 *
 * @throws ScaffoldError `still-there` when it cannot read them after the time either
 */
export async function withoutConversion(
  client: Client,
  resources: readonly CustomResources[],
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<CustomResources[]> {
  const readable: CustomResources[] = [];
  for (const each of resources) {
    if (each.objects === undefined) {
      await client.patch(crdKind, { name: each.crd }, "merge", { spec: { conversion: { strategy: "None", webhook: null } } }, { signal });
    }
    let { objects } = each;
    // Each API server learns of it in its own time.
    for (let waited = 0; objects === undefined; waited += lookEvery) {
      objects = await listUnlessUnconverted(client, each.kind, signal);
      if (objects === undefined && waited >= timeout)
        throw new ScaffoldError(
          "still-there",
          `The cluster still cannot read the ${each.crd}, though nobody has to convert them any more.`,
        );
      if (objects === undefined) await pause(lookEvery, undefined, { signal });
    }
    readable.push({ ...each, objects });
  }
  return readable;
}

export async function listCustomResources(client: Client, { apiVersion, kind }: KindToken, signal: AbortSignal): Promise<Manifest[]> {
  return (await client.list({ apiVersion, kind, metadataOnly: true } as const, { signal })) as Manifest[];
}

async function listUnlessUnconverted(client: Client, kind: KindToken, signal: AbortSignal): Promise<Manifest[] | undefined> {
  try {
    return await listCustomResources(client, kind, signal);
  } catch (error) {
    // The API server has no reason of its own for it.
    if (error instanceof Error && /conversion webhook for .* failed/.test(error.message)) return undefined;
    throw error;
  }
}
