import type { Api } from "../../api.ts";
import { arrayAt, isObject, numberAt, objectAt, stringAt, type JsonObject } from "../../../../schema/index.ts";

/** One entry of a webhook configuration. */
export interface Webhook {
  /** Distinguishes webhooks of one name in several configurations. */
  readonly id: string;
  readonly name: string;
  readonly rules: readonly JsonObject[];
  readonly equivalent: boolean;
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
  readonly matchConditions: readonly JsonObject[];
  readonly ignoresFailures: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  readonly supportsDryRun: boolean;
  readonly reinvokes: boolean;
  readonly clientConfig: JsonObject;
  /** The first of its review versions that a server has. */
  readonly reviewVersion: "v1" | "v1beta1" | undefined;
}

const read = new WeakMap<JsonObject, readonly Webhook[]>();

/** All webhooks in the order in which they are called: configurations by name, and in each as listed. */
export function webhooksOf(api: Api, plural: "mutatingwebhookconfigurations" | "validatingwebhookconfigurations"): Webhook[] {
  const entries = api.store.collection(`${plural}.admissionregistration.k8s.io`).list();
  return entries.flatMap(({ name, object }) => {
    let webhooks = read.get(object);
    if (webhooks === undefined) {
      webhooks = arrayAt(object, "webhooks")
        .filter(isObject)
        .map((webhook, index) => readWebhook(webhook, `${name}/${index}`));
      read.set(object, webhooks);
    }
    return webhooks;
  });
}

function readWebhook(webhook: JsonObject, id: string): Webhook {
  const sideEffects = stringAt(webhook, "sideEffects");
  const version = arrayAt(webhook, "admissionReviewVersions").find((each) => each === "v1" || each === "v1beta1");
  return {
    id,
    name: stringAt(webhook, "name") ?? "",
    rules: arrayAt(webhook, "rules").filter(isObject),
    equivalent: stringAt(webhook, "matchPolicy") === "Equivalent",
    namespaceSelector: objectAt(webhook, "namespaceSelector") ?? {},
    objectSelector: objectAt(webhook, "objectSelector") ?? {},
    matchConditions: arrayAt(webhook, "matchConditions").filter(isObject),
    ignoresFailures: stringAt(webhook, "failurePolicy") === "Ignore",
    timeout: (numberAt(webhook, "timeoutSeconds") ?? 10) * 1000,
    supportsDryRun: sideEffects === "None" || sideEffects === "NoneOnDryRun",
    reinvokes: stringAt(webhook, "reinvocationPolicy") === "IfNeeded",
    clientConfig: objectAt(webhook, "clientConfig") ?? {},
    reviewVersion: version === "v1" || version === "v1beta1" ? version : undefined,
  };
}
