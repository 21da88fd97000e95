import type { Api } from "../../api.ts";
import type { Resource } from "../../resources/index.ts";
import { cloneJson } from "../../../../schema/index.ts";
import type { Attributes } from "../attributes.ts";
import { isExempt } from "../matching.ts";
import { webhooksOf, type Webhook } from "./configurations.ts";
import { CallFailure, consult, failureOf, shownTo } from "./invoke.ts";

/** Calls the validating webhooks that a request matches, all at once. Throws the StatusFailure of the first in order that refuses. */
export async function validateByWebhooks(api: Api, attributes: Attributes): Promise<void> {
  if (isExempt(attributes)) return;
  const matching: { webhook: Webhook; shown: Resource }[] = [];
  for (const webhook of webhooksOf(api, "validatingwebhookconfigurations")) {
    const shown = await shownTo(api, webhook, attributes);
    if (shown !== undefined) matching.push({ webhook, shown });
  }
  const object = attributes.object === undefined ? undefined : cloneJson(attributes.object);
  const called = matching.map(async ({ webhook, shown }) => {
    try {
      await consult(api, webhook, { ...attributes, object }, shown, false);
    } catch (error) {
      if (!(error instanceof CallFailure) || !webhook.ignoresFailures || attributes.signal.aborted) throw error;
    }
  });
  for (const outcome of await Promise.allSettled(called)) if (outcome.status === "rejected") throw failureOf(outcome.reason);
}
