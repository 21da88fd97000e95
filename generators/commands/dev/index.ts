/**
 * What `scaffold dev` is made of: the cluster (embedded or a real one), the operator as a process of its own, and in `webhooks/` how the API
 * server's calls come to it, which is loaded when it is needed. Read ../dev.ts first, which puts them together.
 */
export { embeddedCluster, realCluster, type DevCluster } from "./cluster.ts";
export { otherLeader } from "./leader.ts";
export { readable } from "./log-line.ts";
export { OperatorProcess } from "./operator.ts";
