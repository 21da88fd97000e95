/**
 * For tests: clusters that start in milliseconds or are the real thing, and what tests wait and look with. Nothing of the runtime
 * uses this. Read cluster.ts first; `embedded/` is the API server in this process, `controlplane/` the real one, `workloads/` makes
 * Deployments have pods that become ready.
 */
export * from "./cluster.ts";
export * from "./eventually.ts";
export * from "./identity.ts";
export * from "./manifests.ts";
export { testWebhooks, type TestWebhooks } from "./webhooks.ts";
export { expectRoundTrip, type RoundTripOptions } from "./round-trip.ts";
export { ControlPlane, findBinaries, type Binaries, type ControlPlaneOptions } from "./controlplane/index.ts";
export { EmbeddedCluster, type EmbeddedClusterOptions } from "./embedded/index.ts";
export { Workloads, type WorkloadsOptions } from "./workloads/index.ts";
