/**
 * What a cluster needs so that the API server can call the operator: the Service, and what the Deployment and others have to be told
 * once kustomize has given everything its prefix and its namespace. All of it follows from the webhooks of the program.
 */
import { webhookService, type CertificateSource, type Webhooks, type WebhookSort } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { certificates, type Served } from "./webhook-certificates.ts";
import { configurationName, ownNamespaceAt, usesOwnService, webhooksOfSort } from "./webhooks.ts";
import { toYaml, toYamlDocuments, type TreeMap } from "./yaml.ts";

const derived = "Derived from the webhooks of the program by `scaffold generate`: change the code, not this file.";

const port = 9443;

const sorts: readonly (readonly [WebhookSort, kind: string, resource: string])[] = [
  ["mutating", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations"],
  ["validating", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"],
];

/**
 * The files of all this; none where nothing is served by the operator's own Service.
 *
 * @param crds names of the CRDs whose objects the operator converts
 */
export function webhookServerArtefacts(
  webhooks: Webhooks,
  { projectName, crds, source }: { projectName: string; crds: readonly string[]; source: CertificateSource },
): Artefact[] {
  const own = webhooks.webhooks.filter(usesOwnService);
  if (own.length === 0 && crds.length === 0) return [];
  const configurations = sorts
    .filter(([sort]) => own.some((webhook) => webhook.sort === sort))
    .map(([sort, kind, resource]) => ({ sort, kind, resource, name: configurationName(webhooks, sort) }));
  const served: Served = { configurations, crds };
  const { told, flags, mounts, replacements, artefacts } = certificates(source, served);
  const deployment = [
    { patch: containerPatch(told, mounts) },
    { patch: [...told.map(({ flag, variable }) => `${flag}=$(${variable})`), ...flags].map(addArgument).join("\n") },
  ];
  return [
    { path: "config/webhook/service.yaml", text: emitService(projectName) },
    {
      path: "config/default/webhook_transformers.yaml",
      text: emitTransformers(deployment, [...serviceNames(webhooks, crds), ...replacements]),
    },
    ...artefacts,
  ];
}

/** Leads from the API server to the manager's webhook server, on its usual port. */
function emitService(projectName: string): string {
  const name = { "app.kubernetes.io/name": projectName };
  return toYaml(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: webhookService.name, labels: { ...name, "app.kubernetes.io/managed-by": "kustomize" } },
      spec: { ports: [{ port: 443, protocol: "TCP", targetPort: port }], selector: { "control-plane": "controller-manager", ...name } },
    },
    "Derived from the webhooks of the program by `scaffold generate`: where the API server reaches them.",
  );
}

/** After everything has its prefix and its namespace: the patches of the Deployment, and the names that are said in more than one place. */
function emitTransformers(patches: readonly { patch: string }[], replaced: readonly TreeMap[]): string {
  const target = { kind: "Deployment", labelSelector: "control-plane=controller-manager" };
  const transformer = (kind: string, name: string, rest: TreeMap): TreeMap => ({
    ...{ apiVersion: "builtin", kind, metadata: { name } },
    ...rest,
  });
  const transformers = [
    ...patches
      .filter(({ patch }) => patch !== "")
      .map(({ patch }, index) => transformer("PatchTransformer", `webhook-server-${index + 1}`, { target, patch })),
    ...(replaced.length === 0 ? [] : [transformer("ReplacementTransformer", "webhook-names", { replacements: replaced })]),
  ];
  return toYamlDocuments(
    transformers.map((tree) => ({ tree, comments: [] })),
    derived,
  );
}

const addArgument = (argument: string): string => `- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: ${argument}`;

function containerPatch(
  told: readonly { readonly variable: string; readonly name: string }[],
  mounts: readonly { readonly secret: string; readonly path: string }[],
): string {
  const named = mounts.map(({ secret, path }, index) => ({ volume: `webhook-certs${index === 0 ? "" : index}`, secret, path }));
  const container = {
    name: "manager",
    env: told.length === 0 ? undefined : told.map(({ variable, name }) => ({ name: variable, value: name })),
    ports: [{ name: "webhook-server", containerPort: port, protocol: "TCP" }],
    volumeMounts: named.length === 0 ? undefined : named.map(({ volume, path }) => ({ name: volume, mountPath: path, readOnly: true })),
  };
  const volumes = named.length === 0 ? undefined : named.map(({ volume, secret }) => ({ name: volume, secret: { secretName: secret } }));
  return toYaml({
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "controller-manager" } },
    spec: { template: { spec: { containers: [container], volumes } } },
  })
    .replace("---\n", "")
    .trimEnd();
}

/** Where the Service's name and namespace are said beside what kustomize knows of: in CRDs, and where the operator's namespace is left out. */
function serviceNames(webhooks: Webhooks, crds: readonly string[]): TreeMap[] {
  const inCrds = (field: string): TreeMap[] =>
    crds.map((name) => ({
      select: { kind: "CustomResourceDefinition", name },
      fieldPaths: [`spec.conversion.webhook.clientConfig.service.${field}`],
    }));
  const named = {
    name: inCrds("name"),
    namespace: [...inCrds("namespace"), ...sorts.flatMap(([sort, kind]) => ownNamespaces(webhooks, sort, kind))],
  };
  return Object.entries(named)
    .filter(([, targets]) => targets.length > 0)
    .map(([field, targets]) => ({ source: { kind: "Service", name: webhookService.name, fieldPath: `metadata.${field}` }, targets }));
}

/** Where the configuration of a sort names the operator's namespace, to leave it out. */
function ownNamespaces(webhooks: Webhooks, sort: WebhookSort, kind: string): TreeMap[] {
  const paths = webhooksOfSort(webhooks, sort).flatMap((webhook, index) => {
    const at = ownNamespaceAt(webhook);
    return at === undefined ? [] : [`webhooks.${index}.namespaceSelector.matchExpressions.${at}.values.0`];
  });
  return paths.length === 0 ? [] : [{ select: { kind }, fieldPaths: paths }];
}
