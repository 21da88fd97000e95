import type { CustomResource } from "@kubescaffold/runtime/api";

/** A place for ships, for the whole cluster.
 *  @resource scope=Cluster plural=harbours singular=harbour */
export interface Harbour extends CustomResource<{
  /** @pattern ^[A-Z]{2}$ */
  country: string;
  depth: number;
  open: boolean;
}> {}
