import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Pod } from "kubernetes-models/v1/Pod";
import { Service } from "kubernetes-models/v1/Service";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import {
  enqueueByLabel,
  isAlreadyExists,
  type AnyReconciler,
  type Client,
  type KindToken,
  type KubernetesObject,
  type Manager,
} from "@kubescaffold/runtime";
import { Memcached, type IMemcached } from "../../examples/memcached-operator/api/v1alpha1/memcached.ts";
import { INSTANCE_LABEL, MemcachedReconciler } from "../../examples/memcached-operator/controllers/memcached.controller.ts";
import { SITE, SiteReconciler, type Site, type SiteSpec } from "./site.ts";

/** Puts something around a reconciler. */
export type Wrap = <T extends KubernetesObject>(reconciler: AnyReconciler<T>) => AnyReconciler<T>;

/** One change, as a user makes it. */
type Step = (client: Client, namespace: string) => Promise<unknown>;

/** An operator, and what its users do with it. */
export interface Subject {
  name: string;
  wire(manager: Manager, wrap: Wrap): void;
  /** Each makes one change, as a user would; together they lead to the same end whatever happens in between. */
  steps: readonly Step[];
  /** A short life of one object, for the runs that crash at each write. */
  shortSteps: readonly Step[];
  /** The kinds whose objects are compared in the end, the one that the operator is for first. */
  kinds: readonly KindToken[];
  /** True when an object of the first kind says that it is done. */
  isSettled(object: KubernetesObject): boolean;
}

function memcached(name: string, spec: { size: number; containerPort?: number }) {
  return (client: Client, namespace: string) =>
    client.create({ apiVersion: Memcached.apiVersion, kind: Memcached.kind, metadata: { namespace, name }, spec });
}

function site(name: string, spec: SiteSpec) {
  return (client: Client, namespace: string) =>
    client.create({ apiVersion: SITE.apiVersion, kind: SITE.kind, metadata: { namespace, name }, spec });
}

function change(kind: KindToken, name: string, spec: object) {
  return (client: Client, namespace: string) => client.patch(kind, { namespace, name }, "merge", { spec });
}

function remove(kind: KindToken, name: string) {
  return (client: Client, namespace: string) => client.delete(kind, { namespace, name });
}

/** Creates an object once the one that had its name is gone. */
function recreate(create: Step): Step {
  return async (client, namespace) => {
    for (;;) {
      try {
        return await create(client, namespace);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
}

export const memcachedSubject: Subject = {
  name: "memcached",
  wire(manager, wrap) {
    manager
      .controller(Memcached)
      .owns(Deployment)
      .watches(Pod, enqueueByLabel(INSTANCE_LABEL))
      .reconcileWith(wrap(new MemcachedReconciler("memcached:1.6")));
  },
  steps: [
    memcached("a", { size: 2 }),
    memcached("b", { size: 1 }),
    change(Memcached, "a", { size: 3 }),
    change(Memcached, "a", { containerPort: 11222 }),
    remove(Memcached, "b"),
    memcached("c", { size: 1 }),
    recreate(memcached("b", { size: 2, containerPort: 11300 })),
    remove(Deployment, "a"),
    change(Memcached, "a", { size: 1 }),
    remove(Memcached, "c"),
  ],
  shortSteps: [
    memcached("a", { size: 1 }),
    change(Memcached, "a", { size: 2 }),
    remove(Memcached, "a"),
    recreate(memcached("a", { size: 1 })),
  ],
  kinds: [Memcached, Deployment],
  isSettled(object) {
    const { spec, status } = object as IMemcached;
    const available = status?.conditions?.find(({ type }) => type === "Available");
    return (
      available?.status === "True" && available.observedGeneration === object.metadata?.generation && status?.nodes?.length === spec.size
    );
  },
};

export const siteSubject: Subject = {
  name: "site",
  wire(manager, wrap) {
    const controller = manager.controller(SITE).owns(ConfigMap).owns(Deployment).owns(Service);
    controller.reconcileWith(wrap(new SiteReconciler()));
  },
  steps: [
    site("a", { text: "one", image: "web:1", replicas: 1, exposed: true }),
    site("b", { text: "two", image: "web:1", replicas: 2 }),
    change(SITE, "a", { image: "web:2", replicas: 2 }),
    change(SITE, "b", { exposed: true }),
    remove(SITE, "a"),
    remove(ConfigMap, "b"),
    recreate(site("a", { text: "three", image: "web:3", replicas: 1 })),
    change(SITE, "b", { text: "four" }),
    site("c", { text: "five", image: "web:1", replicas: 1, exposed: true }),
    remove(SITE, "c"),
  ],
  shortSteps: [
    site("a", { text: "one", image: "web:1", replicas: 1, exposed: true }),
    change(SITE, "a", { image: "web:2", exposed: false }),
    remove(SITE, "a"),
    recreate(site("a", { text: "two", image: "web:1", replicas: 1, exposed: true })),
  ],
  kinds: [SITE, ConfigMap, Deployment, Service],
  isSettled(object) {
    const { spec, status } = object as Site;
    return status?.ready === spec.replicas && status.text === spec.text;
  },
};
