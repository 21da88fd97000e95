/**
 * A small simulation of what runs in a cluster beside the API server: the controllers of Deployments, ReplicaSets, StatefulSets, Jobs and
 * Services, a scheduler, and a kubelet on one node whose Pods have no containers. Operators can so be tested and shown without any of
 * the real ones, whose behaviour, reasons and messages these follow. Written with the runtime like any operator: it uses the front door
 * of `runtime/`, and nothing of the embedded API server. Read workloads.ts first (the wiring), then replicaset.ts, then deployment/ and kubelet/.
 */
export { Workloads, type WorkloadsOptions } from "./workloads.ts";
