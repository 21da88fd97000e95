/**
 * Controllers: from an event to a reconcile. Uses `cache/`, `queue/`, `client/` and `object/`. Read reconciler.ts first, which is
 * what users implement; then builder.ts and wiring.ts (what is connected to what, and whether that can work), handlers.ts, predicates.ts, channel.ts
 * and ticker.ts (which event reconciles what), controller.ts (the run).
 */
export * from "./reconciler.ts";
export * from "./builder.ts";
export * from "./channel.ts";
export * from "./controller.ts";
export * from "./events.ts";
export * from "./handlers.ts";
export * from "./metrics.ts";
export type * from "./observer.ts";
export * from "./predicates.ts";
export type { References } from "./references.ts";
export type { TickContext, TickSettings } from "./ticker.ts";
export * from "./wiring.ts";
