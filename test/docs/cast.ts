/**
 * Who appears in the examples of the documentation without being introduced there. Each example may use these names, and everything that the front
 * door of the runtime exports.
 */
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { ConditionInput, Converter, KubernetesObject, Manager, ReconcileContext } from "../../runtime/index.ts";
import type { Memcached as MemcachedObject } from "../../examples/memcached-operator/api/v1alpha1/memcached.types.ts";

export { Deployment, type IDeployment };
export { Pod, type IPod } from "kubernetes-models/v1/Pod";
export { ConfigMap, type IConfigMap } from "kubernetes-models/v1/ConfigMap";
export { Secret } from "kubernetes-models/v1/Secret";
export { Memcached } from "../../examples/memcached-operator/api/v1alpha1/memcached.ts";
export { MemcachedReconciler } from "../../examples/memcached-operator/controllers/memcached.controller.ts";

export { test } from "@jest/globals";
export { expectRoundTrip } from "../../runtime/testing/round-trip.ts";

export interface Frigate extends KubernetesObject {
  spec: { guns: { count: number } };
}
export interface FrigateV1beta1 extends KubernetesObject {
  spec: { guns: number };
}
export declare const Frigate: { apiVersion: "ships.io/v1"; kind: "Frigate"; is: (object: unknown) => object is Frigate };
export declare const frigateConverter: Converter<Frigate>;

export declare const manager: Manager;
export declare const memcached: MemcachedObject;
export declare const context: ReconcileContext<MemcachedObject>;
export declare const client: ReconcileContext<MemcachedObject>["client"];
export declare const status: ReconcileContext<MemcachedObject>["status"];
export declare const namespace: string;
export declare const name: string;
export declare const key: { namespace: string; name: string };
export declare function deploymentFor(memcached: MemcachedObject): IDeployment;
export declare function availability(deployment: IDeployment): ConditionInput;
