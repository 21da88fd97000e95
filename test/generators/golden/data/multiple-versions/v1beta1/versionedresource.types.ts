import type { CustomResource } from "@kubescaffold/runtime/api";
import type { Outer } from "../outer.ts";

/** @subresource status */
export interface VersionedResource extends CustomResource<{ struct?: Outer }> {}
