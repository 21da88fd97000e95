import { configurationNames, webhookService, type Webhook, type Webhooks, type WebhookSort } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, toYamlDocuments, type Tree, type TreeMap } from "./yaml.ts";

const header =
  "Derived from the webhooks of the program (manager.webhook, @webhook) by `scaffold generate`: change the code, not this file.";

const kinds = [
  ["mutating", "MutatingWebhookConfiguration"],
  ["validating", "ValidatingWebhookConfiguration"],
] as const;

/** The webhooks of a sort as they stand in its configuration: in the order of their names. */
export function webhooksOfSort({ webhooks }: Webhooks, sort: WebhookSort): Webhook[] {
  return webhooks
    .filter((each) => each.sort === sort)
    .sort((a, b) => (a.settings.name < b.settings.name ? -1 : a.settings.name > b.settings.name ? 1 : 0));
}

/** One configuration for each sort of webhook that there is, the webhooks in the order of their names. Empty without any. */
export function webhookConfigurations(webhooks: Webhooks): { readonly tree: TreeMap; readonly places: readonly string[] }[] {
  return kinds.flatMap(([sort, kind]) => {
    const own = webhooksOfSort(webhooks, sort);
    if (own.length === 0) return [];
    const tree = sorted({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: configurationName(webhooks, sort) },
      // The members have the API's own names.
      webhooks: own.map(({ settings }) => settings as unknown as Tree),
    });
    return [{ tree, places: own.map(({ place }) => `${place.file}:${place.line}`) }];
  });
}

export function configurationName({ names }: Webhooks, sort: WebhookSort): string {
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

/** `config/webhook/manifests.yaml` with the configurations as they are deployed: none without a webhook. */
export function webhookArtefacts(webhooks: Webhooks, namespace: string): Artefact[] {
  const text = emitWebhooks({ ...webhooks, webhooks: webhooks.webhooks.map((webhook) => asDeployed(webhook, namespace)) });
  return text === undefined ? [] : [{ path: "config/webhook/manifests.yaml", text }];
}

/** Whether the API server reaches the webhook by the operator's own Service. */
export function usesOwnService({ settings }: Webhook): boolean {
  const { service } = settings.clientConfig;
  return service?.name === webhookService.name && service.namespace === webhookService.namespace;
}

/** The label that every namespace has of its own name. */
const namespaceName = "kubernetes.io/metadata.name";

/** Where a webhook's selector leaves out the operator's namespace, as {@link asDeployed} has it do: an index of `matchExpressions`. */
export function ownNamespaceAt(webhook: Webhook): number | undefined {
  if (!usesOwnService(webhook) || !isAskedOfCluster(webhook)) return undefined;
  const { matchLabels = {}, matchExpressions = [] } = webhook.settings.namespaceSelector ?? {};
  const chosen = namespaceName in matchLabels || matchExpressions.some(({ key, operator }) => key === namespaceName && operator === "In");
  return chosen ? undefined : matchExpressions.length;
}

/**
 * A webhook of the operator's own Service: the Service's namespace is kustomize's to say, in config/default. And nothing that the operator needs to
 * start (its Deployment, its pods, its Secrets) waits for a webhook that is not served before it has started.
 */
function asDeployed(webhook: Webhook, namespace: string): Webhook {
  // Said although it is the default: the list of rules is compared as a whole, and without it kubectl would find a difference each time.
  const rules = webhook.settings.rules.map((rule) => ({ ...rule, scope: rule.scope ?? "*" }));
  if (!usesOwnService(webhook)) return { ...webhook, settings: { ...webhook.settings, rules } };
  const { clientConfig, namespaceSelector = {} } = webhook.settings;
  const { namespace: _namespace, ...service } = clientConfig.service ?? webhookService;
  const settings = { ...webhook.settings, rules, clientConfig: { ...clientConfig, service } };
  if (ownNamespaceAt(webhook) === undefined) return { ...webhook, settings };
  const elsewhere = { key: namespaceName, operator: "NotIn", values: [namespace] };
  const matchExpressions = [...(namespaceSelector.matchExpressions ?? []), elsewhere];
  return { ...webhook, settings: { ...settings, namespaceSelector: { ...namespaceSelector, matchExpressions } } };
}

/** Whether it is asked about what a cluster runs by: groups of Kubernetes have no dot, or end in k8s.io. */
function isAskedOfCluster({ settings }: Webhook): boolean {
  return settings.rules.some(({ apiGroups }) => apiGroups.some((group) => !group.includes(".") || group.endsWith(".k8s.io")));
}
