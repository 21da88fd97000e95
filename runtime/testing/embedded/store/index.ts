/**
 * The cluster's data in memory: collections of immutable entries under one global counter of resource versions, with the changes that
 * watches and paged lists look back at. Knows nothing of kinds or HTTP. May use `../schema`. Read `entry.ts` first, then `store.ts`.
 */
export type { Collection } from "./collection.ts";
export { Entry, entryKey } from "./entry.ts";
export type { Change } from "./entry.ts";
export { Store } from "./store.ts";
