import type { UnstructuredObject } from "@kubescaffold/runtime";

/** What every object has that is on a cluster or is to be. */
export type Metadata = UnstructuredObject["metadata"] & { name: string };

/** An object of a manifest. */
export interface Manifest extends UnstructuredObject {
  metadata: Metadata;
}

/** A CRD, as far as it is looked into. */
export interface CustomResourceDefinition extends Manifest {
  spec?: { group: string; names: { kind: string }; versions: { name: string; storage: boolean }[] };
}

/** How an object is called in messages: `deployment memcached-operator-system/controller-manager`. */
export function describe({ kind, metadata }: UnstructuredObject): string {
  const { namespace, name = "" } = metadata;
  return `${kind.toLowerCase()} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

export function keyOf({ metadata }: Manifest): { name: string; namespace?: string } {
  const { name, namespace } = metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

export function isCrd(object: UnstructuredObject): boolean {
  return object.kind === "CustomResourceDefinition" && object.apiVersion === "apiextensions.k8s.io/v1";
}

export function isDeployment(object: UnstructuredObject): boolean {
  return object.kind === "Deployment" && object.apiVersion === "apps/v1";
}
