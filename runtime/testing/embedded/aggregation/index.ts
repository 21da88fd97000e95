/**
 * Versions of groups that other servers serve (APIServices with a `service`): whether they answer, what they have, and requests handed on to them, as
 * kube-aggregator does it. Uses the store, `controllers/` to write conditions, and `callout/`'s words for what goes wrong. Read aggregation.ts first.
 */
export { Aggregation } from "./aggregation.ts";
export { allGroups } from "./groups.ts";
export { proxy } from "./proxy.ts";
