import type { LabelSelector } from "../object/index.ts";
import type { Operation } from "./admission/index.ts";

/** A CEL expression that has to hold for a request to come to the webhook. */
export interface WebhookMatchCondition {
  name: string;
  /** Of `object`, `oldObject`, `request`, `authorizer` and `namespaceObject`. */
  expression: string;
}

/**
 * How the API server is to ask a webhook. `scaffold generate` writes the webhook's configuration from these options, so they have to be
 * known without running the program: literals, or constants made of them. At run time nothing reads them.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export interface WebhookOptions {
  /** A domain with three labels at least. Default such as `validate.ships.v1.fleet.example.com`. */
  name?: string;
  /** Where it is served when not by the operator's own Service: `https://host:port/path`. */
  url?: string;
  /** Another Service than the operator's own, `webhook-service` in its namespace. */
  service?: { name?: string; namespace?: string; port?: number };
  /** Which operations it is asked about. Default: of a validator those that it has a method for, else CREATE and UPDATE. */
  operations?: readonly (Operation | "*")[];
  /** The names of its resources, for others than the kind's own: `["pods/ephemeralcontainers"]`. */
  resources?: readonly string[];
  /** Default: objects of both sorts. */
  scope?: "Namespaced" | "Cluster" | "*";
  /** What becomes of a request when the webhook cannot be asked. Default `Fail`, which refuses it. */
  failurePolicy?: "Fail" | "Ignore";
  /** Whether it is asked about the same objects in other versions too, converted to this one. Default `Equivalent`, which asks. */
  matchPolicy?: "Equivalent" | "Exact";
  /** Default `None`: it changes nothing but the object, and so is asked in dry runs too. */
  sideEffects?: "None" | "NoneOnDryRun";
  /** How long it may take, from 1 to 30 seconds. Default: the API server's, 10. */
  timeoutSeconds?: number;
  /** Default `["v1"]`. */
  admissionReviewVersions?: readonly ("v1" | "v1beta1")[];
  /** Only objects in namespaces with these labels. */
  namespaceSelector?: LabelSelector;
  /** Only objects with these labels; who may set labels can get around it. */
  objectSelector?: LabelSelector;
  /** All have to hold. Up to 64. */
  matchConditions?: readonly WebhookMatchCondition[];
}

export interface MutatingWebhookOptions extends WebhookOptions {
  /** Whether it is asked again when a later webhook has changed the object. Default `Never`. */
  reinvocationPolicy?: "Never" | "IfNeeded";
}
