/**
 * Local copies of collections that follow the API server: reflector → store → informer → cache. Uses `client/` and `object/`.
 * Read reflector.ts first (the state machine that no fault stops), then store.ts, own-writes.ts (how a read sees our own writes), references.ts (single objects)
 * and cache.ts.
 */
export * from "./cache.ts";
export * from "./indexer.ts";
export * from "./informer.ts";
export { Informers, type InformersOptions } from "./informers.ts";
export * from "./own-writes.ts";
export * from "./references.ts";
export * from "./reflector.ts";
export { matcherOf, selectionOf } from "./selection.ts";
export * from "./store.ts";
