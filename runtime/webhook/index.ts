/**
 * What is served over HTTPS: so far the certificates; the webhook server comes here too. Uses `cache/`, `queue/`, `client/` and `object/`.
 * Read certificates/index.ts first.
 */
export * from "./certificates/index.ts";
