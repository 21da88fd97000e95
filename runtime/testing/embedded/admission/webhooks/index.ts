/**
 * Admission webhooks: which of the configured ones a request goes to, what they are sent, and what their answers mean
 * (kube-apiserver's `admission/plugin/webhook`). May use the store, the resources, `../matching.ts`, `../../cel` and `../../callout`.
 * Read `mutate.ts` first.
 */
export { Reinvocation, mutateByWebhooks } from "./mutate.ts";
export { validateByWebhooks } from "./validate.ts";
