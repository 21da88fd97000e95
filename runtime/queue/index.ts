/**
 * The work queue between events and reconciles, and how long a failed key waits. Uses `object/` only. Read work-queue.ts first:
 * the comment over the class is the whole idea.
 */
export * from "./work-queue.ts";
export * from "./rate-limiter.ts";
export * from "./rate-window.ts";
