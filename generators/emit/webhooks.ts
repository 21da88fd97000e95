import { configurationNames, webhookService, type Webhook, type Webhooks, type WebhookSort } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, toYaml, toYamlDocuments, type Tree, type TreeMap } from "./yaml.ts";

/** `config/webhook/manifests.yaml` */
const webhooksPath = "config/webhook/manifests.yaml";

const header =
  "Derived from the webhooks of the program (manager.webhook, @webhook) by `scaffold generate`: change the code, not this file.";

const kinds = [
  ["mutating", "MutatingWebhookConfiguration"],
  ["validating", "ValidatingWebhookConfiguration"],
] as const;

/** One configuration for each sort of webhook that there is, the webhooks in the order of their names. Empty without any. */
export function webhookConfigurations({ webhooks, names }: Webhooks): { readonly tree: TreeMap; readonly places: readonly string[] }[] {
  return kinds.flatMap(([sort, kind]) => {
    const own = webhooks
      .filter((each) => each.sort === sort)
      .sort((a, b) => (a.settings.name < b.settings.name ? -1 : a.settings.name > b.settings.name ? 1 : 0));
    if (own.length === 0) return [];
    const tree = sorted({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: nameOf(names, sort) },
      // The members have the API's own names.
      webhooks: own.map(({ settings }) => settings as unknown as Tree),
    });
    return [{ tree, places: own.map(({ place }) => `${place.file}:${place.line}`) }];
  });
}

function nameOf(names: Webhooks["names"], sort: WebhookSort): string {
  return names[sort] ?? configurationNames[sort];
}

/** The configurations as YAML, with a comment above each webhook that says where it comes from; undefined where there is no webhook. */
export function emitWebhooks(webhooks: Webhooks): string | undefined {
  const configurations = webhookConfigurations(webhooks);
  if (configurations.length === 0) return undefined;
  return toYamlDocuments(
    configurations.map(({ tree, places }) => ({ tree, comments: places })),
    header,
  );
}

/**
 * What `config/webhook` holds: the configurations, and the Service that they name where it is the operator's own. Its namespace is kustomize's to
 * say, in config/default.
 */
export function webhookArtefacts({ webhooks, names }: Webhooks, projectName: string): Artefact[] {
  const text = emitWebhooks({ names, webhooks: webhooks.map(withoutOwnNamespace) });
  if (text === undefined) return [];
  const usesService = webhooks.some(usesOwnService);
  return [{ path: webhooksPath, text }, ...(usesService ? [{ path: "config/webhook/service.yaml", text: emitService(projectName) }] : [])];
}

function usesOwnService({ settings }: Webhook): boolean {
  const { service } = settings.clientConfig;
  return service?.name === webhookService.name && service.namespace === webhookService.namespace;
}

function withoutOwnNamespace(webhook: Webhook): Webhook {
  if (!usesOwnService(webhook)) return webhook;
  const { clientConfig } = webhook.settings;
  const { namespace: _namespace, ...service } = clientConfig.service ?? webhookService;
  return { ...webhook, settings: { ...webhook.settings, clientConfig: { ...clientConfig, service } } };
}

/** Leads from the API server to the manager's webhook server, on its usual port. */
function emitService(projectName: string): string {
  const name = { "app.kubernetes.io/name": projectName };
  return toYaml(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: webhookService.name,
        labels: { ...name, "app.kubernetes.io/managed-by": "kustomize" },
      },
      spec: { ports: [{ port: 443, protocol: "TCP", targetPort: 9443 }], selector: { "control-plane": "controller-manager", ...name } },
    },
    "Derived from the webhooks of the program by `scaffold generate`: where the API server reaches them.",
  );
}
