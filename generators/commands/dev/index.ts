/**
 * What `scaffold dev` is made of: the cluster (embedded or a real one), and the operator as a process of its
 * own. Read ../dev.ts first, which puts them together.
 */
export { embeddedCluster, realCluster, type DevCluster } from "./cluster.ts";
export { readable } from "./log-line.ts";
export { OperatorProcess } from "./operator.ts";
