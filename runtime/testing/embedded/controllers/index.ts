/**
 * The controllers without which an API server's objects would not behave as in a cluster: definitions of custom resources, garbage
 * collection, namespaces, service accounts, aggregated roles. Each observes the store and does its work shortly after the change
 * (`work.ts`), by writing to the store. They stop with the server. Read `work.ts` first, then `garbage.ts`.
 */
import type { Api } from "../api.ts";
import { runRoleAggregation } from "./clusterroles.ts";
import { runCustomResourceDefinitions } from "./crds.ts";
import { runGarbageCollector } from "./garbage.ts";
import { runNamespaces } from "./namespaces.ts";
import { runNamespaceDefaults } from "./namespacedefaults.ts";
import { Work } from "./work.ts";

export { putCondition } from "./conditions.ts";
export { storeStatus } from "./status.ts";

export function startControllers(api: Api): void {
  const work = new Work((error) => process.emitWarning(error instanceof Error ? error : new Error(String(error))));
  api.signal.addEventListener("abort", () => work.stop(), { once: true });
  runCustomResourceDefinitions(api, work);
  runGarbageCollector(api, work);
  runNamespaces(api, work);
  runNamespaceDefaults(api, work);
  runRoleAggregation(api, work);
}
