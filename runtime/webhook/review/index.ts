/**
 * What all reviews have in common, of whatever kind: a call with its deadline, a body that is decoded and checked, an endpoint that answers.
 * Uses `../json` and `object/`. Read endpoint.ts first.
 */
export { type ReviewEndpoint } from "./endpoint.ts";
export { CallEndedError, Calls, type Call } from "./call.ts";
export { NO_WEBHOOK_METRICS, type WebhookMetrics } from "./metrics.ts";
export { BadReviewError, decode, expectKind, isAbsent, objectIn, readHeader, shown, text, type ReviewHeader } from "./review.ts";
