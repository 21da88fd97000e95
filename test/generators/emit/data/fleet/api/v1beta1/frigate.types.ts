import type { CustomResource, Int32 } from "@kubescaffold/runtime/api";

export interface FrigateSpec {
  /** How many sailors are on board. */
  crew?: Int32;
}

/** A ship of the fleet.
 *  @deprecatedVersion fleet.ships.io/v1beta1 Frigate is deprecated; use v1 */
export interface Frigate extends CustomResource<FrigateSpec> {}
