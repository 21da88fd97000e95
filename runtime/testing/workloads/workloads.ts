import { connect, jsonLogger, Manager, milliseconds, systemClock, type Clock, type DurationLike, type Logger } from "../../index.ts";
import { deploymentOfPod, reconcileDeployment } from "./deployment/index.ts";
import { Dependents } from "./dependents.ts";
import { reconcileEndpoints } from "./endpoints.ts";
import {
  ControllerRevision,
  Deployment,
  EndpointSlice,
  Job,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from "./kinds.ts";
import { Kubelet } from "./kubelet/index.ts";
import { ensureNode } from "./kubelet/node.ts";
import { reconcileJob } from "./job.ts";
import { reconcileKeys } from "./reconciler.ts";
import { reconcileReplicaSet } from "./replicaset.ts";
import { schedule } from "./scheduler.ts";
import { reconcileStatefulSet } from "./statefulset/index.ts";
import { claimOfVolume, claimsOf, reconcileClaim } from "./volumes.ts";

export interface WorkloadsOptions {
  /** Path of a kubeconfig file for somebody who may do everything. */
  kubeconfig: string;
  /** Default: the machine's time. */
  clock?: Clock;
  /** How long each step of a Pod takes: creating its containers, then starting them; and stopping them. Default 5 ms. */
  podStartDelay?: DurationLike;
  /** Default: warnings and errors, as JSON lines on standard error. */
  log?: Logger;
  /**
   * `all`: controllers, scheduler, kubelet and volumes. `kubelet`: without the controllers, for a cluster whose kube-controller-manager runs.
   * Default `all`.
   */
  controllers?: "all" | "kubelet";
}

/**
 * Makes Deployments, StatefulSets, Jobs, Services and claims act, and Pods start, in a cluster that has an API server and nothing else: what
 * kube-controller-manager, kube-scheduler and a kubelet would do, with one node and no containers. Not for a cluster that has these.
 *
 * @example
 * await using cluster = await EmbeddedCluster.start();
 * await using workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig });
 */
export class Workloads {
  readonly #manager: Manager;

  private constructor(manager: Manager) {
    this.#manager = manager;
  }

  /**
   * Resolves when the node is Ready and everything runs.
   *
   * @throws KubeconfigError, ConnectionError
   */
  static async start(options: WorkloadsOptions): Promise<Workloads> {
    const { kubeconfig, clock = systemClock, podStartDelay = 5, log = jsonLogger("warn"), controllers = "all" } = options;
    const manager = await Manager.create({ kubeconfig, clock, log });
    wirePods(manager, clock, milliseconds(podStartDelay));
    if (controllers === "all") wireControllers(manager, clock);
    const connection = await connect({ kubeconfig, clock });
    try {
      await ensureNode(connection.client.withFieldManager("kubelet"), clock.now());
    } finally {
      connection.close();
    }
    await manager.start();
    return new Workloads(manager);
  }

  /** Everything stays as it is, and nothing acts any more. May be called again. */
  stop(): Promise<void> {
    return this.#manager.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function wirePods(manager: Manager, clock: Clock, delay: number): void {
  const kubelet = new Kubelet({ clock, delay });
  manager
    .controller(Pod, {
      name: "default-scheduler",
      predicates: [(event) => !Pod.is(event.object) || event.object.spec.nodeName === undefined],
    })
    .reconcileWith(reconcileKeys((key, context) => schedule(key, context)));
  manager
    .controller(Pod, { name: "kubelet", predicates: [(event) => Pod.is(event.object) && event.object.spec.nodeName !== undefined] })
    .reconcileWith(reconcileKeys((key, context) => kubelet.reconcile(key, context)));
  manager
    .controller(PersistentVolumeClaim, { name: "persistentvolume-controller" })
    .watches(Pod, claimsOf, { predicates: [({ type }) => type === "DELETED"] })
    .watches(PersistentVolume, claimOfVolume)
    .reconcileWith(reconcileKeys((key, context) => reconcileClaim(key, context)));
}

function wireControllers(manager: Manager, clock: Clock): void {
  const replicaSets = new Dependents(Deployment.kind);
  manager
    .controller(Deployment, { name: "deployment-controller" })
    .owns(ReplicaSet)
    .watches(ReplicaSet, replicaSets.observe)
    .watches(Pod, deploymentOfPod, { predicates: [({ type }) => type === "DELETED"] })
    .reconcileWith(reconcileKeys((key, context) => reconcileDeployment(key, context, replicaSets, clock)));

  const podsOfReplicaSets = new Dependents(ReplicaSet.kind);
  manager
    .controller(ReplicaSet, { name: "replicaset-controller" })
    .owns(Pod)
    .watches(Pod, podsOfReplicaSets.observe)
    .reconcileWith(reconcileKeys((key, context) => reconcileReplicaSet(key, context, podsOfReplicaSets, clock)));

  const podsOfStatefulSets = new Dependents(StatefulSet.kind);
  manager
    .controller(StatefulSet, { name: "statefulset-controller" })
    .owns(Pod)
    .owns(ControllerRevision)
    .watches(Pod, podsOfStatefulSets.observe)
    .reconcileWith(reconcileKeys((key, context) => reconcileStatefulSet(key, context, podsOfStatefulSets, clock)));

  const podsOfJobs = new Dependents(Job.kind);
  manager
    .controller(Job, { name: "job-controller" })
    .owns(Pod)
    .watches(Pod, podsOfJobs.observe)
    .reconcileWith(reconcileKeys((key, context) => reconcileJob(key, context, podsOfJobs, clock)));

  const services = new Dependents(Service.kind);
  manager
    .controller(Service, { name: "endpointslice-controller" })
    .owns(EndpointSlice)
    .watches(Pod, (pod) => services.selecting(pod))
    .reconcileWith(reconcileKeys((key, context) => reconcileEndpoints(key, context, services)));
}
