/**
 * What a cluster needs so that the API server can call the operator: the Service, what the operator has to be told (names that
 * kustomize gives a prefix), and what it may do to look after its certificates. All of it follows from the webhooks of the program.
 */
import { webhookService, type Webhooks, type WebhookSort } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { bindingOf } from "./rbac.ts";
import { configurationName, ownNamespaceAt, usesOwnService, webhooksOfSort } from "./webhooks.ts";
import { toYaml, toYamlDocuments, type TreeMap } from "./yaml.ts";

const derived = "Derived from the webhooks of the program by `scaffold generate`: change the code, not this file.";

/** The Secret with the certificate. It is made in the cluster, so kustomize gives it no prefix. */
const secretName = "webhook-server-cert";
const port = 9443;

/** What is told to the operator, and where kustomize finds it. */
interface Told {
  /** In the environment of the container, from where the flag takes it. */
  readonly variable: string;
  readonly flag: string;
  readonly kind: string;
  readonly name: string;
}

const sorts: readonly (readonly [WebhookSort, kind: string, resource: string])[] = [
  ["mutating", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations"],
  ["validating", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"],
];

/** The files of all this; none where nothing is served by the operator's own Service. */
export function webhookServerArtefacts(webhooks: Webhooks, projectName: string, crds: readonly string[]): Artefact[] {
  const own = webhooks.webhooks.filter(usesOwnService);
  if (own.length === 0 && crds.length === 0) return [];
  const configurations = sorts
    .filter(([sort]) => own.some((webhook) => webhook.sort === sort))
    .map(([sort, kind, resource]) => ({ sort, kind, resource, name: configurationName(webhooks, sort) }));
  const told: Told[] = [
    { variable: "WEBHOOK_SERVICE", flag: "--webhook-service-name", kind: "Service", name: webhookService.name },
    ...configurations.map(({ sort, kind, name }) => ({
      ...{ kind, name, variable: `${sort.toUpperCase()}_WEBHOOKS`, flag: `--${sort}-webhook-configuration` },
    })),
  ];
  return [
    { path: "config/webhook/service.yaml", text: emitService(projectName) },
    { path: "config/default/webhook_transformers.yaml", text: emitTransformers(told, replacements(webhooks, told, configurations, crds)) },
    { path: "config/rbac/webhook_certificates_role.yaml", text: emitRoles(configurations, crds) },
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
function emitTransformers(told: readonly Told[], replaced: readonly TreeMap[]): string {
  const target = { kind: "Deployment", labelSelector: "control-plane=controller-manager" };
  const container = {
    name: "manager",
    env: told.map(({ variable, name }) => ({ name: variable, value: name })),
    ports: [{ name: "webhook-server", containerPort: port, protocol: "TCP" }],
  };
  const added = told.map(
    ({ flag, variable }) => `- op: add\n  path: /spec/template/spec/containers/0/args/-\n  value: ${flag}=$(${variable})`,
  );
  const transformer = (kind: string, name: string, rest: TreeMap): TreeMap => ({
    ...{ apiVersion: "builtin", kind, metadata: { name } },
    ...rest,
  });
  return toYamlDocuments(
    [
      transformer("PatchTransformer", "webhook-server", {
        target,
        patch: patchText({ spec: { template: { spec: { containers: [container] } } } }),
      }),
      transformer("PatchTransformer", "webhook-arguments", { target, patch: added.join("\n") }),
      transformer("ReplacementTransformer", "webhook-names", { replacements: replaced }),
    ].map((tree) => ({ tree, comments: [] })),
    derived,
  );
}

function patchText(tree: TreeMap): string {
  return toYaml({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "controller-manager" }, ...tree })
    .replace("---\n", "")
    .trimEnd();
}

interface Configuration {
  readonly sort: WebhookSort;
  readonly kind: string;
  readonly resource: string;
  readonly name: string;
}

function replacements(
  webhooks: Webhooks,
  told: readonly Told[],
  configurations: readonly Configuration[],
  crds: readonly string[],
): TreeMap[] {
  const inDeployment = (variable: string): TreeMap => ({
    select: { kind: "Deployment", name: "controller-manager" },
    fieldPaths: [`spec.template.spec.containers.[name=manager].env.[name=${variable}].value`],
  });
  const inCrds = (field: string): TreeMap[] =>
    crds.map((name) => ({
      select: { kind: "CustomResourceDefinition", name },
      fieldPaths: [`spec.conversion.webhook.clientConfig.service.${field}`],
    }));
  const inRole = (kind: string): TreeMap[] => {
    const index = configurations.findIndex((each) => each.kind === kind);
    return index === -1 ? [] : [{ select: { kind: "ClusterRole", name: clusterRoleName }, fieldPaths: [`rules.${index}.resourceNames.0`] }];
  };
  const names = told.map(({ kind, name, variable }) => ({
    source: { kind, name, fieldPath: "metadata.name" },
    targets: [inDeployment(variable), ...(kind === "Service" ? inCrds("name") : inRole(kind))],
  }));
  const inNamespace = [...inCrds("namespace"), ...sorts.flatMap(([sort, kind]) => ownNamespaces(webhooks, sort, kind))];
  if (inNamespace.length === 0) return names;
  return [...names, { source: { kind: "Service", name: webhookService.name, fieldPath: "metadata.namespace" }, targets: inNamespace }];
}

/** Where the configuration of a sort names the operator's namespace, to leave it out. */
function ownNamespaces(webhooks: Webhooks, sort: WebhookSort, kind: string): TreeMap[] {
  const paths = webhooksOfSort(webhooks, sort).flatMap((webhook, index) => {
    const at = ownNamespaceAt(webhook);
    return at === undefined ? [] : [`webhooks.${index}.namespaceSelector.matchExpressions.${at}.values.0`];
  });
  return paths.length === 0 ? [] : [{ select: { kind }, fieldPaths: paths }];
}

const clusterRoleName = "webhook-certificates-role";

/** What the operator may do to look after its certificates: of one Secret, and of what the API server knows its authority from. */
function emitRoles(configurations: readonly Configuration[], crds: readonly string[]): string {
  const role = (kind: string, rules: TreeMap[]): TreeMap => ({
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name: clusterRoleName }, rules },
  });
  const inject = (group: string, resource: string, names: readonly string[]): TreeMap => ({
    ...{ apiGroups: [group], resources: [resource], resourceNames: names, verbs: ["get", "list", "patch", "watch"] },
  });
  const documents = [
    role("ClusterRole", [
      ...configurations.map(({ resource, name }) => inject("admissionregistration.k8s.io", resource, [name])),
      ...(crds.length === 0 ? [] : [inject("apiextensions.k8s.io", "customresourcedefinitions", crds)]),
    ]),
    bindingOf(clusterRoleName, ""),
    role("Role", [
      // Nobody knows the name of what is created before it is.
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [secretName], verbs: ["get", "list", "patch", "update", "watch"] },
    ]),
    bindingOf(clusterRoleName, undefined),
  ];
  return toYamlDocuments(
    documents.map((tree) => ({ tree, comments: [] })),
    "Derived from the webhooks of the program by `scaffold generate`: what the operator may do to look after their certificates.",
  );
}
