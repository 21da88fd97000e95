/**
 * A Kubernetes API server in this process, for tests and for developing without a cluster: real HTTP on a loopback port, objects in
 * memory, data (discovery, OpenAPI schemas, tables, roles) taken from a real kube-apiserver. May use `runtime/object`, nothing else of
 * the runtime. Read `cluster.ts` first, then `pipeline.ts`, which has the order in which a request is worked on; DIFFERENCES.md lists
 * what the real server does otherwise.
 */
export { EmbeddedCluster } from "./cluster.ts";
export type { EmbeddedClusterOptions } from "./cluster.ts";
export type { ServiceReference, ServiceResolver } from "./callout/index.ts";
