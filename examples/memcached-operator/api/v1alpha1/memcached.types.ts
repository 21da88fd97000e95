// yours: the API of Memcached. After a change, `npm run generate` derives the class, the CRD and the roles from it.
import type { Condition, CustomResource, Int32 } from "@kubescaffold/runtime/api";

/** What is asked for. */
export interface MemcachedSpec {
  /** Number of memcached pods.
   *  @minimum 1
   *  @maximum 5
   *  @default 3 */
  size?: Int32;
  /** Port that memcached listens on in its pods.
   *  @minimum 1
   *  @maximum 65535
   *  @default 11211 */
  containerPort?: Int32;
}

/** What the operator has seen. */
export interface MemcachedStatus {
  /** Names of the pods that run memcached.
   *  @listType set */
  nodes?: string[];
  /** The state of the Memcached, one condition for each aspect of it: Available and Degraded.
   *  @listType map
   *  @listMapKey type */
  conditions?: Condition[];
}

/** Memcached is a group of memcached servers.
 *  @resource shortName=mc scope=Namespaced
 *  @subresource status
 *  @printColumn name=Size type=integer jsonPath=.spec.size
 *  @printColumn name=Available type=string jsonPath=.status.conditions[?(@.type=="Available")].status
 *  @printColumn name=Age type=date jsonPath=.metadata.creationTimestamp */
export interface Memcached extends CustomResource<MemcachedSpec, MemcachedStatus> {}
