/**
 * Objects as plain data: keys and kinds, metadata, owner references, finalizers, conditions, selectors, quantities,
 * durations and time. Pure functions; uses nothing but the types of `api/`. Read types.ts first.
 */
export * from "./types.ts";
export * from "./clock.ts";
export * from "./signals.ts";
export * from "./duration.ts";
export * from "./owner.ts";
export * from "./conditions.ts";
export * from "./selector.ts";
export * from "./field-selector.ts";
export * from "./finalizers.ts";
export * from "./quantity.ts";
export * from "./hashed-name.ts";
export * from "./log.ts";
export * from "./legible.ts";
export * from "./json.ts";
export * from "./reason.ts";
