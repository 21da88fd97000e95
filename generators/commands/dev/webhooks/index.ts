/**
 * Webhooks of an operator that runs on this machine: the API server's calls are led here while it runs, and afterwards where they went before.
 * Read dev-webhooks.ts first, which puts it together; record.ts is the idea by which nothing stays behind, redirection.ts does it to the cluster's
 * objects, holder.ts tells who has died, front.ts is what the API server calls, address.ts and probe.ts find out how it gets here.
 */
export { parseAddress, type Address } from "./address.ts";
export { DevWebhooks, restoreWebhooks, type DevWebhooksOptions } from "./dev-webhooks.ts";
