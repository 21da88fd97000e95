import type { Place } from "./diagnostic.ts";
import type { Json } from "./schema.ts";

/** Which requests a webhook is asked about: one `RuleWithOperations` of `admissionregistration.k8s.io/v1`. */
export interface WebhookRule {
  /** The core group is "", `*` is all. */
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  /** In the plural; `pods/status` for a subresource, `*` for all resources, `*` and a slash and `*` for all with their subresources. */
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope?: string;
}

/** A CEL expression that has to hold for a request to come to a webhook or a policy. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** How the API server reaches a webhook: at a path of a Service, or at a URL. */
export interface WebhookClient {
  /** Where nothing says the namespace, kustomize does. */
  readonly service?: { readonly name: string; readonly namespace?: string; readonly path?: string; readonly port?: number };
  readonly url?: string;
  readonly caBundle?: string;
}

/** The values of a webhook in the form of the API, as far as they were said; they may be wrong until `webhookProblems` has found nothing. */
export interface WebhookSettings {
  /** A domain with three labels at least, unique in its configuration. */
  readonly name: string;
  readonly clientConfig: WebhookClient;
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly reinvocationPolicy?: string;
  readonly admissionReviewVersions: readonly string[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly MatchCondition[];
}

export type WebhookSort = "mutating" | "validating";

/** One webhook of the program, and where in the code it comes from. */
export interface Webhook {
  readonly sort: WebhookSort;
  readonly settings: WebhookSettings;
  readonly place: Place;
}

/** A kind of the project whose objects the operator converts between versions. */
export interface ConvertedKind {
  /** The full API group. */
  readonly group: string;
  readonly kind: string;
  /** Of the registration. */
  readonly place: Place;
}

/** All webhooks of a project: what becomes a MutatingWebhookConfiguration, a ValidatingWebhookConfiguration, and the conversion of CRDs. */
export interface Webhooks {
  readonly webhooks: readonly Webhook[];
  readonly conversions: readonly ConvertedKind[];
  /** Names of the configurations themselves, where they are not the usual ones. */
  readonly names: { readonly [Sort in WebhookSort]?: string };
}

/** A rule that the API server evaluates by itself: one ValidatingAdmissionPolicy with the bindings that put it in force. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  /** `spec` of the ValidatingAdmissionPolicy. */
  readonly spec: { readonly [field: string]: Json };
  /** The bindings' names and `spec`s. */
  readonly bindings: readonly { readonly name: string; readonly spec: { readonly [field: string]: Json } }[];
  readonly place: Place;
}

/** The Service and its namespace before kustomize gives both their prefix, as controller-gen has them. */
export const webhookService = { name: "webhook-service", namespace: "system" } as const;

/**
 * Who looks after the certificate of the webhook server: the operator itself (`self`), it with a signer of the cluster (`csr:<signer>`),
 * cert-manager, or somebody else who keeps it in a Secret that is mounted (`files`).
 */
export type CertificateSource = "self" | "cert-manager" | "files" | `csr:${string}`;

/** Where the operator converts objects of all kinds. */
export const convertPath = "/convert";

/** Names of the configurations where nothing else is said, as controller-gen has them. */
export const configurationNames: { readonly [Sort in WebhookSort]: string } = {
  mutating: "mutating-webhook-configuration",
  validating: "validating-webhook-configuration",
};
