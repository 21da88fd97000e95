import type { Place } from "./diagnostic.ts";

/** What code may do on the API server: one RBAC PolicyRule, and where in the code it comes from. */
export interface AccessRule {
  /** API groups; the core group is "". Empty for rules on URLs. */
  readonly groups: readonly string[];
  /** Resources in plural, with a subresource after a slash (`deployments/status`). */
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  /** Non-resource URLs such as `/healthz`; then groups and resources are empty. */
  readonly urls?: readonly string[];
  readonly verbs: readonly string[];
  /** The rule becomes part of a Role in this namespace; without it, of the ClusterRole. */
  readonly namespace?: string;
  /** The name of the Role or ClusterRole that the rule becomes part of; without it, the manager's. */
  readonly roleName?: string;
  readonly place: Place;
}
