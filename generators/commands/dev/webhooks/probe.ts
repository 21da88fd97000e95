import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { unstructured, type Client } from "@kubescaffold/runtime";
import { reasonOf } from "../../../errors.ts";

/** Whether the API server reaches this machine: `unknown` says why it could not be found out. */
export type Reach = { readonly reached: true } | { readonly reached: false; readonly why: string } | { readonly unknown: string };

const Validating = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" });

/** On the configuration and the object of a try, with a value of its own each time. */
const label = "kubescaffold.dev/dev-probe";
const webhookName = "probe.dev.kubescaffold.dev";
/** How long the API server may wait for an answer, in seconds. */
const callTimeout = 5;
/** How long the API server may take to follow a new configuration, in milliseconds. */
const followedWithin = 15_000;
const tryEvery = 100;

/**
 * Has the API server call a URL, and changes nothing in the cluster: a webhook that is asked about nothing but objects with a label of its own, one
 * such object created in a dry run, and the webhook is gone again.
 *
 * @param reached whether the call has come
 */
export async function probe(
  client: Client,
  target: { readonly url: string; readonly caBundle: string; readonly namespace: string; readonly reached: () => boolean },
  signal: AbortSignal,
): Promise<Reach> {
  const id = randomUUID();
  const metadata = { name: `scaffold-dev-probe-${id}`, labels: { [label]: id } };
  try {
    await client.create(
      {
        ...Validating,
        metadata,
        webhooks: [
          {
            name: webhookName,
            clientConfig: { url: target.url, caBundle: target.caBundle },
            rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["CREATE"], scope: "Namespaced" }],
            objectSelector: { matchLabels: { [label]: id } },
            failurePolicy: "Fail",
            sideEffects: "None",
            timeoutSeconds: callTimeout,
            admissionReviewVersions: ["v1"],
          },
        ],
      },
      { signal },
    );
    return await answer(client, { ...metadata, namespace: target.namespace }, target.reached, signal);
  } finally {
    // Without the signal: it must be gone also after Ctrl-C.
    await client.delete(Validating, { name: metadata.name });
  }
}

async function answer(
  client: Client,
  metadata: { readonly name: string; readonly namespace: string },
  reached: () => boolean,
  signal: AbortSignal,
): Promise<Reach> {
  for (let waited = 0; waited < followedWithin; waited += tryEvery) {
    const refusal = await client
      .dryRun()
      .create({ apiVersion: "v1", kind: "ConfigMap", metadata }, { signal })
      .then(() => undefined, reasonOf);
    if (reached()) return { reached: true };
    signal.throwIfAborted();
    if (refusal !== undefined) {
      const isOurs = refusal.includes(`failed calling webhook "${webhookName}"`);
      return isOurs ? { reached: false, why: reasonIn(refusal) } : { unknown: refusal };
    }
    await pause(tryEvery, undefined, { signal });
  }
  return { unknown: `the API server did not follow a new webhook configuration in ${followedWithin / 1000} s` };
}

/** Removes what tries that were cut off have left. */
export async function removeProbes(client: Client, signal: AbortSignal): Promise<void> {
  await client.deleteAll(Validating, { labelSelector: label, signal });
}

/** `dial tcp 192.0.2.1:9443: i/o timeout`, of all that the API server says around it. */
function reasonIn(message: string): string {
  return /: Post "[^"]*": (.*)$/s.exec(message)?.[1] ?? message;
}
