/**
 * The manager, which holds and runs everything of one operator: controllers, cache, leader election, health, metrics, logs, flags,
 * shutdown. Uses all the folders below it. Read options.ts first (what can be set), then manager.ts.
 */
export * from "./manager.ts";
export * from "./flags.ts";
export * from "./health.ts";
export * from "./leader-election.ts";
export * from "./log.ts";
export * from "./options.ts";
export type { TracingApi, TracingSpan } from "./tracing.ts";
