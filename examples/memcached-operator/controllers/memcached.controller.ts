// yours: what the operator does for each Memcached.
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod, type IPod } from "kubernetes-models/v1/Pod";
import {
  type ConditionInput,
  controllerReference,
  done,
  findCondition,
  keyOf,
  type ReconcileContext,
  type Reconciler,
  type Result,
} from "@kubescaffold/runtime";
import type { Memcached } from "../api/v1alpha1/memcached.types.ts";

/** Names the Memcached that a pod belongs to. Owning the Deployment does not show its pods, so they are watched by this label. */
export const INSTANCE_LABEL = "app.kubernetes.io/instance";

/** Brings the cluster to what each Memcached asks for: a Deployment of the same name, with as many pods as its size. */
export class MemcachedReconciler implements Reconciler<Memcached> {
  readonly #image: string;

  constructor(image = process.env["MEMCACHED_IMAGE"] ?? "memcached:1.6") {
    this.#image = image;
  }

  async reconcile(memcached: Memcached, context: ReconcileContext<Memcached>): Promise<Result> {
    const { client, events, status } = context;
    try {
      const before = await client.get(Deployment, keyOf(memcached));
      const deployment = await client.apply(deploymentFor(memcached, this.#image));
      reportChange(memcached, before, deployment, context);

      const pods = await client.list(Pod, { ...namespaceOf(memcached), labelSelector: { matchLabels: labelsFor(memcached) } });
      const nodes = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
      const degraded = degradation(deployment, nodes);
      reportDegradation(memcached, degraded, context);
      await status.apply({
        nodes: nodes.map((pod) => keyOf(pod).name).sort(),
        conditions: observed(memcached, availability(deployment), degraded),
      });
      return done();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      events.warning(memcached, "ReconcileFailed", message);
      await status.apply({
        ...(memcached.status?.nodes && { nodes: memcached.status.nodes }),
        conditions: observed(memcached, findCondition(memcached.status?.conditions, "Available") ?? UNKNOWN, {
          type: "Degraded",
          status: "True",
          reason: "ReconcileFailed",
          message,
        }),
      });
      throw error; // to be tried again, later and later
    }
  }

  /** Deletes the Deployment before the Memcached goes, and says so. */
  async finalize(memcached: Memcached, { client, events, log }: ReconcileContext<Memcached>): Promise<void> {
    const deleted = await client.delete(Deployment, keyOf(memcached));
    log.info("cleaned up", { deployment: deleted ? "deleted" : "was gone" });
    events.normal(memcached, "Deleted", `Deleted Deployment ${keyOf(memcached).name}`, { action: "Delete" });
  }
}

function labelsFor(memcached: Memcached) {
  return { "app.kubernetes.io/name": "memcached", [INSTANCE_LABEL]: keyOf(memcached).name };
}

function namespaceOf(memcached: Memcached) {
  const { namespace } = keyOf(memcached);
  return namespace === undefined ? {} : { namespace };
}

/** The Deployment as it should be. The API server fills in the size and the port where the Memcached names none. */
function deploymentFor(memcached: Memcached, image: string): IDeployment {
  const { size = 3, containerPort = 11211 } = memcached.spec;
  const labels = labelsFor(memcached);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...keyOf(memcached),
      labels: { ...labels, "app.kubernetes.io/managed-by": "memcached-operator" },
      ownerReferences: [controllerReference(memcached)],
    },
    spec: {
      replicas: size,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "memcached",
              image,
              imagePullPolicy: "IfNotPresent",
              args: ["-m", "64", "-o", "modern", "-v", "-p", String(containerPort)],
              ports: [{ name: "memcached", containerPort, protocol: "TCP" }],
              readinessProbe: { tcpSocket: { port: "memcached" } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
    },
  };
}

/** Tells in an event what this reconcile did to the Deployment, if anything. */
function reportChange(
  memcached: Memcached,
  before: IDeployment | undefined,
  after: IDeployment,
  { events }: ReconcileContext<Memcached>,
): void {
  const name = keyOf(memcached).name;
  const [was, is] = [before?.spec?.replicas, after.spec?.replicas ?? 0];
  if (before === undefined) events.normal(memcached, "Created", `Created Deployment ${name} with ${is} pods`, { action: "Create" });
  else if (was !== is) events.normal(memcached, "Scaled", `Scaled Deployment ${name} from ${was ?? 0} to ${is} pods`, { action: "Scale" });
  else if (before.metadata?.generation !== after.metadata?.generation) {
    events.normal(memcached, "Updated", `Updated Deployment ${name}`, { action: "Update" });
  }
}

/** Tells in an event and in the log, once for each reason, why the pods do not come. */
function reportDegradation(memcached: Memcached, { status, reason, message }: ConditionInput, { events, log }: ReconcileContext<Memcached>): void {
  if (status !== "True" || findCondition(memcached.status?.conditions, "Degraded")?.reason === reason) return;
  log.warn("degraded", { reason, message });
  events.warning(memcached, reason, message);
}

const UNKNOWN: ConditionInput = {
  type: "Available",
  status: "Unknown",
  reason: "ReconcileFailed",
  message: "The Deployment could not be brought up to date.",
};

/** The conditions, as they are for this generation of the Memcached. */
function observed(memcached: Memcached, ...conditions: ConditionInput[]): ConditionInput[] {
  const { generation } = memcached.metadata;
  return generation === undefined ? conditions : conditions.map((condition) => ({ ...condition, observedGeneration: generation }));
}

/** Available when every pod that was asked for is ready and up to date. */
function availability(deployment: IDeployment): ConditionInput {
  const wanted = deployment.spec?.replicas ?? 0;
  const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  const observed = observedGeneration >= (deployment.metadata?.generation ?? 0);
  const ready = observed ? Math.min(updatedReplicas, readyReplicas) : 0;
  return ready >= wanted
    ? { type: "Available", status: "True", reason: "PodsReady", message: `${wanted} of ${wanted} pods are ready.` }
    : { type: "Available", status: "False", reason: "PodsNotReady", message: `${ready} of ${wanted} pods are ready.` };
}

/** Degraded when the Deployment gets nowhere, or a pod's container cannot start. */
function degradation(deployment: IDeployment, pods: readonly IPod[]): ConditionInput {
  for (const pod of pods) {
    for (const { state } of pod.status?.containerStatuses ?? []) {
      const { reason = "", message = "" } = state?.waiting ?? {};
      if (FAILURES.has(reason))
        return { type: "Degraded", status: "True", reason, message: `Pod ${keyOf(pod).name}: ${message || reason}` };
    }
  }
  const stuck = deployment.status?.conditions?.find(
    ({ type, status }) => (type === "Progressing" || type === "ReplicaFailure") && status === (type === "Progressing" ? "False" : "True"),
  );
  return stuck
    ? { type: "Degraded", status: "True", reason: stuck.reason ?? "DeploymentFailed", message: stuck.message ?? "" }
    : { type: "Degraded", status: "False", reason: "AsExpected", message: "" };
}

/** Why a container waits, where waiting longer does not help by itself. */
const FAILURES = new Set([
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "ErrImageNeverPull",
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "RunContainerError",
]);
