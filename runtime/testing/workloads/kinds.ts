import type { IControllerRevision } from "kubernetes-models/apps/v1/ControllerRevision";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IReplicaSet } from "kubernetes-models/apps/v1/ReplicaSet";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IJob } from "kubernetes-models/batch/v1/Job";
import type { IEndpointSlice } from "kubernetes-models/discovery.k8s.io/v1/EndpointSlice";
import type { INode } from "kubernetes-models/v1/Node";
import type { IPersistentVolume } from "kubernetes-models/v1/PersistentVolume";
import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { IService } from "kubernetes-models/v1/Service";
import type { ObjectMeta } from "../../api/index.ts";
import type { KindToken, KubernetesObject } from "../../index.ts";

/** Metadata as the API server returns it. */
type StoredMetadata = ObjectMeta & { name: string; uid: string; resourceVersion: string; creationTimestamp: string };

/** The metadata of an object that lives in a namespace. */
export type NamespacedMetadata = StoredMetadata & { namespace: string };

/** An object as the API server returns it: named, versioned, and with a spec where its kind has one. */
type Stored<T extends { spec?: unknown }, M = NamespacedMetadata> = Omit<T, "metadata" | "spec"> & {
  metadata: M;
  spec: NonNullable<T["spec"]>;
};

type StoredWithoutSpec<T> = Omit<T, "metadata"> & { metadata: NamespacedMetadata };

export type DeploymentObject = Stored<IDeployment>;
export type ReplicaSetObject = Stored<IReplicaSet>;
export type StatefulSetObject = Stored<IStatefulSet>;
export type JobObject = Stored<IJob>;
export type PodObject = Stored<IPod>;
export type ServiceObject = Stored<IService>;
export type ClaimObject = Stored<IPersistentVolumeClaim>;
export type VolumeObject = Stored<IPersistentVolume, StoredMetadata>;
export type NodeObject = Stored<INode, StoredMetadata>;
export type EndpointSliceObject = StoredWithoutSpec<IEndpointSlice>;
export type ControllerRevisionObject = StoredWithoutSpec<IControllerRevision>;

export type PodTemplate = DeploymentObject["spec"]["template"];

/** A kind token that types what the client returns, and checks it, without loading the kind's class and its schema. */
export interface Kind<T> extends KindToken {
  is(value: unknown): value is T;
}

function kind<T extends KubernetesObject>(apiVersion: string, name: string): Kind<T> {
  const is = (value: unknown): value is T => {
    const object = value as KubernetesObject | undefined;
    return object?.apiVersion === apiVersion && object.kind === name && object.metadata?.resourceVersion !== undefined;
  };
  return { apiVersion, kind: name, is };
}

export const Deployment = kind<DeploymentObject>("apps/v1", "Deployment");
export const ReplicaSet = kind<ReplicaSetObject>("apps/v1", "ReplicaSet");
export const StatefulSet = kind<StatefulSetObject>("apps/v1", "StatefulSet");
export const ControllerRevision = kind<ControllerRevisionObject>("apps/v1", "ControllerRevision");
export const Job = kind<JobObject>("batch/v1", "Job");
export const Pod = kind<PodObject>("v1", "Pod");
export const Service = kind<ServiceObject>("v1", "Service");
export const EndpointSlice = kind<EndpointSliceObject>("discovery.k8s.io/v1", "EndpointSlice");
export const PersistentVolumeClaim = kind<ClaimObject>("v1", "PersistentVolumeClaim");
export const PersistentVolume = kind<VolumeObject>("v1", "PersistentVolume");
export const Node = kind<NodeObject>("v1", "Node");
