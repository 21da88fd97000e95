/**
 * The operator of the `converge` bench, as a user of the SDK writes it, and no more than its peers do: one Deployment a Memcached,
 * Available once that exists; no events, no election, no finalizer. Prints READY when its caches are in sync and its controllers run.
 */
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import {
  controllerReference,
  done,
  jsonLogger,
  keyOf,
  Manager,
  type ReconcileContext,
  type Reconciler,
  type Result,
} from "@kubescaffold/runtime";
import type { Condition, CustomResource, Int32 } from "@kubescaffold/runtime/api";

interface Memcached extends CustomResource<{ size: Int32; containerPort?: Int32 }, { conditions?: Condition[] }> {}

/** What the generated class of a project says about its kind. */
const MemcachedKind = {
  apiVersion: "cache.example.com/v1alpha1",
  kind: "Memcached",
  is: (object: unknown): object is Memcached =>
    typeof object === "object" && object !== null && "kind" in object && object.kind === "Memcached",
};

class MemcachedReconciler implements Reconciler<Memcached> {
  async reconcile(memcached: Memcached, { client, status }: ReconcileContext<Memcached>): Promise<Result> {
    await client.apply(deploymentFor(memcached));
    const message = `Deployment for custom resource (${keyOf(memcached).name}) created successfully`;
    await status.apply({ conditions: [{ type: "Available", status: "True", reason: "Reconciling", message }] });
    return done();
  }
}

function deploymentFor(memcached: Memcached): IDeployment {
  const { size, containerPort = 11211 } = memcached.spec;
  const key = keyOf(memcached);
  const labels = {
    "app.kubernetes.io/name": "memcached",
    "app.kubernetes.io/instance": key.name,
    "app.kubernetes.io/managed-by": "memcached-operator",
  };
  const command = ["memcached", "--memory-limit=64", "-o", "modern", "-v"];
  const ports = [{ name: "memcached", containerPort, protocol: "TCP" as const }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...key, ownerReferences: [controllerReference(memcached)] },
    spec: {
      replicas: size,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "memcached", image: "memcached:1.6", command, ports }] } },
    },
  };
}

const manager = await Manager.create({ log: jsonLogger("warn") });
manager.controller(MemcachedKind).owns(Deployment).reconcileWith(new MemcachedReconciler());
manager.add({
  start() {
    process.stdout.write("READY\n");
    return Promise.resolve();
  },
});
await manager.run();
