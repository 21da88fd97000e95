import { webhookService, type CertificateSource, type WebhookSort } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { bindingOf } from "./rbac.ts";
import { toYamlDocuments, type TreeMap } from "./yaml.ts";

/** One of the operator's configurations of webhooks. */
export interface Configuration {
  readonly sort: WebhookSort;
  readonly kind: string;
  readonly resource: string;
  readonly name: string;
}

/** What the API server calls the operator by. */
export interface Served {
  readonly configurations: readonly Configuration[];
  /** Names of CRDs. */
  readonly crds: readonly string[];
}

/** A name that kustomize changes, as the operator is told it: by a variable of the environment, which a flag takes it from. */
export interface Told {
  readonly variable: string;
  readonly flag: string;
  readonly name: string;
}

/** What follows for the manifests. */
export interface CertificateManifests {
  readonly told: readonly Told[];
  readonly flags: readonly string[];
  readonly mounts: readonly { readonly secret: string; readonly path: string }[];
  readonly replacements: readonly TreeMap[];
  readonly artefacts: readonly Artefact[];
}

/** The Secret with the certificate. It is made in the cluster, so kustomize gives it no prefix. */
const secretName = "webhook-server-cert";
/** Where it is mounted when others look after it: the folder of controller-runtime. */
const certFolder = "/tmp/k8s-webhook-server/serving-certs";
const roleName = "webhook-certificates-role";

export function certificates(source: CertificateSource, served: Served): CertificateManifests {
  if (source === "self") return kept(served, undefined);
  if (source.startsWith("csr:")) return kept(served, source.slice("csr:".length));
  const mounted = { told: [], flags: [`--webhook-cert-path=${certFolder}`], mounts: [{ secret: secretName, path: certFolder }] };
  return { ...mounted, ...(source === "cert-manager" ? certManager(served) : { replacements: [], artefacts: [] }) };
}

/** The operator keeps it in a Secret, and makes its authority known. */
function kept({ configurations, crds }: Served, signer: string | undefined): CertificateManifests {
  const names: (Told & { readonly kind: string })[] = [
    { variable: "WEBHOOK_SERVICE", flag: "--webhook-service-name", kind: "Service", name: webhookService.name },
    ...configurations.map(({ sort, kind, name }) => ({
      ...{ kind, name, variable: `${sort.toUpperCase()}_WEBHOOKS`, flag: `--${sort}-webhook-configuration` },
    })),
  ];
  const replacements = names.map(({ kind, name, variable }) => {
    const index = configurations.findIndex((each) => each.kind === kind);
    const inRole = { select: { kind: "ClusterRole", name: roleName }, fieldPaths: [`rules.${index}.resourceNames.0`] };
    const inDeployment = {
      select: { kind: "Deployment", name: "controller-manager" },
      fieldPaths: [`spec.template.spec.containers.[name=manager].env.[name=${variable}].value`],
    };
    return { source: { kind, name, fieldPath: "metadata.name" }, targets: [inDeployment, ...(index === -1 ? [] : [inRole])] };
  });
  return {
    told: names,
    flags: signer === undefined ? [] : [`--webhook-cert-source=csr:${signer}`],
    mounts: [],
    replacements,
    artefacts: [{ path: "config/rbac/webhook_certificates_role.yaml", text: emitRoles({ configurations, crds }, signer) }],
  };
}

/** What the operator may do to look after its certificates: of one Secret, and of what the API server knows its authority from. */
function emitRoles({ configurations, crds }: Served, signer: string | undefined): string {
  const role = (kind: string, rules: TreeMap[]): TreeMap => ({
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name: roleName }, rules },
  });
  const inject = (group: string, resource: string, names: readonly string[]): TreeMap => ({
    ...{ apiGroups: [group], resources: [resource], resourceNames: names, verbs: ["get", "list", "patch", "watch"] },
  });
  const documents = [
    role("ClusterRole", [
      ...configurations.map(({ resource, name }) => inject("admissionregistration.k8s.io", resource, [name])),
      ...(crds.length === 0 ? [] : [inject("apiextensions.k8s.io", "customresourcedefinitions", crds)]),
      ...(signer === undefined
        ? []
        : [{ apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests"], verbs: ["create", "get"] }]),
    ]),
    bindingOf(roleName, ""),
    role("Role", [
      // Nobody knows the name of what is created before it is.
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [secretName], verbs: ["get", "list", "update", "watch"] },
    ]),
    bindingOf(roleName, undefined),
  ];
  return toYamlDocuments(
    documents.map((tree) => ({ tree, comments: [] })),
    "Derived from the webhooks of the program by `scaffold generate`: what the operator may do to look after their certificates.",
  );
}

/** What cert-manager takes the place of the authority from, once it is put on what names the Service. */
const injectFrom = "cert-manager.io/inject-ca-from";

/** A self-signed authority of cert-manager's, its certificate, and the annotations by which it makes that known. */
function certManager({ configurations, crds }: Served): Pick<CertificateManifests, "replacements" | "artefacts"> {
  const apiVersion = "cert-manager.io/v1";
  const [issuer, certificate] = ["selfsigned-issuer", "serving-cert"];
  const documents: TreeMap[] = [
    { apiVersion, kind: "Issuer", metadata: { name: issuer }, spec: { selfSigned: {} } },
    {
      ...{ apiVersion, kind: "Certificate", metadata: { name: certificate } },
      spec: {
        dnsNames: ["SERVICE.NAMESPACE.svc", "SERVICE.NAMESPACE.svc.cluster.local"],
        issuerRef: { kind: "Issuer", name: issuer },
        secretName,
      },
    },
  ];
  const ofService = (field: string, index: number): TreeMap => ({
    source: { kind: "Service", name: webhookService.name, fieldPath: `metadata.${field}` },
    targets: [
      {
        select: { kind: "Certificate", name: certificate },
        fieldPaths: ["spec.dnsNames.0", "spec.dnsNames.1"],
        options: { delimiter: ".", index },
      },
    ],
  });
  const known = [...configurations.map(({ kind }) => ({ kind })), ...crds.map((name) => ({ kind: "CustomResourceDefinition", name }))];
  const ofCertificate = (field: string, index: number): TreeMap => ({
    source: { kind: "Certificate", name: certificate, fieldPath: `metadata.${field}` },
    targets: known.map((select) => ({
      ...{ select, fieldPaths: [`metadata.annotations.[${injectFrom}]`], options: { delimiter: "/", index, create: true } },
    })),
  });
  const replacements = [
    ...[ofService("name", 0), ofService("namespace", 1), ofCertificate("namespace", 0), ofCertificate("name", 1)],
    {
      source: { kind: "Issuer", name: issuer, fieldPath: "metadata.name" },
      targets: [{ select: { kind: "Certificate", name: certificate }, fieldPaths: ["spec.issuerRef.name"] }],
    },
  ];
  const header = "Derived from the webhooks of the program by `scaffold generate`: the certificate that cert-manager makes for them.";
  const text = toYamlDocuments(
    documents.map((tree) => ({ tree, comments: [] })),
    header,
  );
  return { replacements, artefacts: [{ path: "config/webhook/certificate.yaml", text }] };
}
