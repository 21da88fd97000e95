import type { Api } from "../../api.ts";
import { callWebhook, checkReview } from "../../callout/index.ts";
import { badRequest, forbidden, internal, StatusFailure } from "../../errors.ts";
import type { Resource } from "../../resources/index.ts";
import { conditionsHold } from "../conditions.ts";
import type { Attributes } from "../attributes.ts";
import { matchedResource } from "../matching.ts";
import type { Webhook } from "./configurations.ts";
import { denial, readVerdict, reviewOf, type Verdict } from "./review.ts";
import { objectAtRequestVersion } from "./versions.ts";

/** A webhook that could not be asked, or whose answer makes no sense: what `failurePolicy` is for. */
export class CallFailure extends Error {
  constructor({ name }: Webhook, why: string) {
    super(`failed calling webhook ${JSON.stringify(name)}: ${why}`);
  }
}

/** The resource at whose version a webhook sees the request; `undefined` when it is not for this webhook. Throws StatusFailure 403. */
export async function shownTo(api: Api, webhook: Webhook, attributes: Attributes): Promise<Resource | undefined> {
  const shown = matchedResource(api, webhook, attributes);
  if (shown === undefined || webhook.matchConditions.length === 0) return shown;
  const object = await objectAtRequestVersion(api, attributes, attributes.object, shown);
  const oldObject = await objectAtRequestVersion(api, attributes, attributes.oldObject, shown);
  const outcome = conditionsHold(api, webhook.matchConditions, { ...attributes, object, oldObject }, shown);
  if (typeof outcome === "boolean") return outcome ? shown : undefined;
  // An evaluation that fails is a failure of the webhook: its policy decides.
  if (webhook.ignoresFailures) return undefined;
  throw forbidden(attributes.resource, attributes.name, outcome.message);
}

/** Asks one webhook. Throws CallFailure, or StatusFailure when it says no. */
export async function consult(api: Api, webhook: Webhook, attributes: Attributes, shown: Resource, mutating: boolean): Promise<Verdict> {
  if (attributes.dryRun && !webhook.supportsDryRun) {
    throw badRequest(`admission webhook ${JSON.stringify(webhook.name)} does not support dry run`);
  }
  const fail = (why: string) => new CallFailure(webhook, why);
  const version = webhook.reviewVersion;
  if (version === undefined)
    throw fail("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  const { uid, body } = await reviewOf(api, attributes, shown, version);
  let answer;
  try {
    answer = await callWebhook({
      clientConfig: webhook.clientConfig,
      body,
      timeout: webhook.timeout,
      resolveService: api.resolveService,
      signal: attributes.signal,
    });
    checkReview(answer, { group: "admission.k8s.io", version, kind: "AdmissionReview" });
  } catch (error) {
    throw fail(`failed to call webhook: ${error instanceof Error ? error.message : String(error)}`);
  }
  let verdict: Verdict;
  try {
    verdict = readVerdict(answer, uid, version, mutating);
  } catch (error) {
    throw fail(`received invalid webhook response: ${error instanceof Error ? error.message : String(error)}`);
  }
  attributes.warnings.push(...verdict.warnings);
  if (!verdict.allowed) throw denial(webhook.name, verdict.status);
  return verdict;
}

/** What the client is told of an error of a webhook. */
export function failureOf(error: unknown): StatusFailure {
  if (error instanceof StatusFailure) return error;
  return internal(error instanceof Error ? error.message : String(error));
}
