/**
 * Calls from the API server to webhooks: JSON posted over TLS to a `clientConfig` (`url` or `service`, with its `caBundle`), with errors
 * worded as Go words them, since they end up in the answers of the API. Uses nothing of the other folders but the JSON types. Read
 * `call.ts` first.
 */
export { checkReview, type ReviewKind } from "./kind.ts";
export { callWebhook, type CallOptions, type ServiceReference, type ServiceResolver } from "./call.ts";
