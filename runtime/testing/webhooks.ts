import type { Manager, WebhookSettings } from "../manager/index.ts";
import { groupOf, systemClock, type KindToken, type UnstructuredObject } from "../object/index.ts";
import { certificateAuthority, servingCertificate, type CertificateSource } from "../webhook/index.ts";
import { CONVERT_PATH } from "../webhook/conversion/index.ts";
import type { TestCluster } from "./cluster.ts";
import { applyManifests, readManifests } from "./manifests.ts";

const HOUR = 3_600_000;
const HOST = "127.0.0.1";
const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/** Webhooks of a manager in the test's own process, which the cluster calls over TLS as it calls those of an operator's pods. */
export interface TestWebhooks {
  /** The `webhook` of the manager's options: any free port of the loopback interface, with a certificate of its own. */
  readonly settings: WebhookSettings & { certificates: CertificateSource };
  /**
   * Tells the cluster to ask the manager, once that has started: those webhooks of the configurations that it serves the path of, at URLs in place of
   * Services, and, of the kinds that it converts, the conversion in their CRDs. Webhooks that the manager does not serve are left out.
   *
   * @param paths files or folders with the configurations. Default `config/webhook`.
   * @throws Error when the manager serves none of them
   */
  install(cluster: Pick<TestCluster, "client">, manager: Manager, paths?: readonly string[]): Promise<void>;
}

/**
 * What it takes to test webhooks as the API server calls them.
 *
 * @example
 * const webhooks = await testWebhooks();
 * const manager = await Manager.create({ kubeconfig: await operatorKubeconfig(cluster), webhook: webhooks.settings });
 * manager.webhook(Ship).validateWith(new ShipValidator());
 * await manager.start();
 * await webhooks.install(cluster, manager);
 */
export async function testWebhooks(): Promise<TestWebhooks> {
  const notBefore = systemClock.now() - HOUR;
  const life = { commonName: "webhooks of a test", notBefore, notAfter: notBefore + 24 * HOUR };
  const authority = await certificateAuthority(life);
  const pair = await servingCertificate({ ...life, names: [HOST, "localhost"] }, authority);
  const caBundle = Buffer.from(authority.cert).toString("base64");
  return {
    settings: { port: 0, host: HOST, certificates: { load: () => Promise.resolve(pair), watch: () => undefined } },
    async install({ client }, manager, paths = ["config/webhook"]) {
      const { webhook: port } = manager.ports;
      const served = manager.webhookServer.paths;
      const place = (config: ClientConfig | undefined): ClientConfig | undefined => {
        const path = config?.service?.path;
        return path !== undefined && served.includes(path) ? { url: `https://${HOST}:${port ?? 0}${path}`, caBundle } : undefined;
      };
      const configurations = (await readManifests(paths)).flatMap((object) => ofServed(object, place));
      const conversions = (await client.list(CRD)).filter((object) =>
        manager.webhookServer.convertedKinds.some((kind) => defines(object, kind)),
      );
      if (configurations.length + conversions.length === 0)
        throw new Error(`${paths.join(", ")}: none of the webhooks there is at a path that the manager serves (${served.join(", ")})`);
      await applyManifests(client, configurations);
      const clientConfig = { url: `https://${HOST}:${port ?? 0}${CONVERT_PATH}`, caBundle };
      const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
      for (const { metadata } of conversions) await client.patch(CRD, { name: metadata.name ?? "" }, "merge", { spec: { conversion } });
    },
  };
}

/** How a webhook or a conversion is called. */
interface ClientConfig {
  service?: { path?: string };
  url?: string;
  caBundle?: string;
}

type Place = (config: ClientConfig | undefined) => ClientConfig | undefined;

/** A configuration with its served webhooks only; nothing where there is none, or of an object of another kind. */
function ofServed(object: UnstructuredObject, place: Place): UnstructuredObject[] {
  if (!object.kind.endsWith("WebhookConfiguration")) return [];
  const { webhooks = [] } = object as { webhooks?: readonly { clientConfig?: ClientConfig }[] };
  const served = webhooks.flatMap((webhook) => {
    const clientConfig = place(webhook.clientConfig);
    return clientConfig === undefined ? [] : [{ ...webhook, clientConfig }];
  });
  return served.length === 0 ? [] : [{ ...object, webhooks: served }];
}

/** Whether a CRD is that of a kind. */
function defines(object: UnstructuredObject, { apiVersion, kind }: KindToken): boolean {
  const { group, names } = object["spec"] as { group?: string; names?: { kind?: string } };
  return group === groupOf(apiVersion) && names?.kind === kind;
}

/** A CRD without its conversion, where that is by a Service. */
export function withoutService(object: UnstructuredObject): UnstructuredObject {
  const { conversion, ...spec } = (object["spec"] ?? {}) as { conversion?: { webhook?: { clientConfig?: ClientConfig } } };
  return conversion?.webhook?.clientConfig?.service == null ? object : { ...object, spec };
}
