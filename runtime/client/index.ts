/**
 * The way to the API server: kubeconfig, connections, discovery, the typed client, server-side apply, errors. Uses `object/` only.
 * Read types.ts first, which is the {@link Client} as users see it; then client.ts, transport.ts, and apply-memory.ts
 * for how an apply that would change nothing is left out.
 */
export * from "./types.ts";
export { describeRule } from "./access-rule.ts";
export type { Scale, ScaleClient, ScaleOptions } from "./scale.ts";
export * from "./errors.ts";
export type { AccessRule } from "./access-rule.ts";
export * from "./connect.ts";
export * from "./create-or-update.ts";
export * from "./client.ts";
export type { ClientParts } from "./scope.ts";
export { creatorsManager } from "./creation.ts";
export * from "./discovery.ts";
export * from "./finalizers.ts";
export * from "./kubeconfig.ts";
export type * from "./observer.ts";
export * from "./transport.ts";
export * from "./watch.ts";
