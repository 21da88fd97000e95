import { timestamp, type Api } from "../api.ts";
import { trackUpdate } from "../apply/index.ts";
import { equalJson, type JsonObject } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import { commitUpdate } from "../write.ts";

/** Writes a new state, if it is one, as the server's own doing. */
export function storeStatus(api: Api, collection: string, entry: Entry, object: JsonObject): void {
  if (equalJson(object, entry.object)) return;
  const now = timestamp(api.clock.now());
  const strategy = api.registry.ofCollection(collection)?.strategy();
  if (strategy !== undefined) trackUpdate(strategy, entry.object, object, { manager: "kube-apiserver", subresource: "status", now });
  commitUpdate(api, api.store.collection(collection), entry, object);
}
