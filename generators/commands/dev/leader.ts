import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@kubescaffold/runtime";
import { clusterName } from "./webhooks/project.ts";

const leaseKind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" } as const;
const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" } as const;

/** The Deployment of the operator before kustomize gives it its prefix. */
const deployment = "controller-manager";
/** How far clocks may be apart, in milliseconds. */
const clockSkew = 30_000;

/**
 * Whether the operator runs in the cluster already: two of them reconcile the same objects.
 *
 * @param flags kubectl's, which lead to the cluster
 * @returns what to tell, with what to run; undefined when nobody leads
 */
export async function otherLeader(
  client: Client,
  { project, lease, flags, now, signal }: { project: string; lease: string; flags: readonly string[]; now: number; signal: AbortSignal },
): Promise<string | undefined> {
  const leases = await client.list(leaseKind, { fieldSelector: `metadata.name=${leaseId(project) ?? lease}`, signal });
  for (const { metadata, spec } of leases) {
    const { holderIdentity = "", renewTime = "", leaseDurationSeconds = 0 } = spec as Partial<LeaseSpec>;
    if (holderIdentity === "" || now > Date.parse(renewTime) + leaseDurationSeconds * 1000 + clockSkew) continue;
    const { namespace = "", name = "" } = metadata;
    const told = `the operator runs in this cluster too: ${holderIdentity} holds the Lease ${namespace}/${name}, and both reconcile the same objects`;
    const deployed = clusterName(project)(deployment);
    const replicas = (await client.get(deploymentKind, { namespace, name: deployed }, { signal }))?.["spec"] as
      { replicas?: number } | undefined;
    if (replicas === undefined) return told;
    const scale = `kubectl ${[...flags, "--namespace", namespace].join(" ")} scale deployment/${deployed} --replicas=`;
    return `${told}\n  stop that one while you develop:  ${scale}0\n  and start it again afterwards:    ${scale}${replicas.replicas ?? 1}`;
  }
  return undefined;
}

interface LeaseSpec {
  readonly holderIdentity: string;
  readonly renewTime: string;
  readonly leaseDurationSeconds: number;
}

/** What main.ts says, where it has been changed from what `scaffold init` wrote. */
function leaseId(project: string): string | undefined {
  const file = join(project, "main.ts");
  return existsSync(file) ? /leaderElection:\s*\{\s*id:\s*"([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1] : undefined;
}
