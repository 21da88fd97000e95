/** An operator with several kinds of children, written for these tests: a Site has a ConfigMap, a Deployment and a Service. */
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Service } from "kubernetes-models/v1/Service";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { controllerReference, done, keyOf, type ReconcileContext, type Reconciler, type Result } from "@kubescaffold/runtime";
import type { CustomResource } from "@kubescaffold/runtime/api";

export interface SiteSpec {
  text: string;
  image: string;
  replicas: number;
  /** Whether it has a Service. */
  exposed?: boolean;
}

interface SiteStatus {
  text?: string;
  ready?: number;
}

export type Site = CustomResource<SiteSpec, SiteStatus>;
export const SITE = {
  apiVersion: "faults.example.com/v1",
  kind: "Site",
  is: (value: unknown): value is Site => typeof value === "object" && value !== null && "kind" in value && value.kind === "Site",
};

export class SiteReconciler implements Reconciler<Site> {
  async reconcile(site: Site, { client, status }: ReconcileContext<Site>): Promise<Result> {
    const { text, image, replicas, exposed = false } = site.spec;
    const key = keyOf(site);
    const labels = { site: key.name };
    const metadata = { ...key, labels, ownerReferences: [controllerReference(site)] };
    await client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "index.html": text } });
    const deployment = await client.apply<IDeployment>({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations: { text } }, spec: { containers: [{ name: "web", image }] } },
      },
    });
    if (exposed) await client.apply({ apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 80 }] } });
    else await client.delete(Service, key);
    const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = deployment.status ?? {};
    const isCurrent = observedGeneration >= (deployment.metadata?.generation ?? 0);
    await status.apply({ text, ready: isCurrent ? Math.min(readyReplicas, updatedReplicas) : 0 });
    return done();
  }

  /** Cleans up in the order in which users would miss things least. */
  async finalize(site: Site, { client }: ReconcileContext<Site>): Promise<void> {
    for (const kind of [Service, Deployment, ConfigMap]) await client.delete(kind, keyOf(site));
  }
}
