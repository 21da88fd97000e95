import type { Place } from "./diagnostic.ts";
import type { Json, Schema } from "./schema.ts";

/** A column of `kubectl get` (`additionalPrinterColumns`). */
export interface PrintColumn {
  readonly name: string;
  readonly type: "integer" | "number" | "string" | "boolean" | "date";
  /** From the object's root, `.spec.size`. */
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority?: number;
}

/** Where `kubectl scale` and autoscalers find the numbers (`subresources.scale`). */
export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** One version of a kind, as one interface says it. */
export interface ResourceVersion {
  /** `v1alpha1` */
  readonly name: string;
  readonly served: boolean;
  /** Exactly one version of a resource has it. */
  readonly storage: boolean;
  /** Present when the version is deprecated; the warning is what clients get to read, the server has a default one. */
  readonly deprecated?: { readonly warning?: string };
  /** Of the whole object: apiVersion, kind, metadata, spec, status. */
  readonly schema: Schema;
  readonly printColumns: readonly PrintColumn[];
  /** JSON paths of fields that field selectors may use. */
  readonly selectableFields: readonly string[];
  readonly status: boolean;
  readonly scale?: ScaleSubresource;
  /** The whole-object example of the interface's own `@example`, if it is an object. */
  readonly example?: Json;
  /** The file with the interface, relative to the project: `api/v1alpha1/memcached.types.ts`. */
  readonly typesFile: string;
  /** Where the interface's name stands. */
  readonly place: Place;
}

/** A kind with all of its versions: what becomes one CustomResourceDefinition. */
export interface Resource {
  /** The full API group, `cache.example.com`. */
  readonly group: string;
  readonly kind: string;
  readonly listKind: string;
  readonly singular: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  /** In the order of Kubernetes' version priority: v2, v1, v1beta1, v1alpha1. */
  readonly versions: readonly ResourceVersion[];
  /** Labels and annotations of the CustomResourceDefinition itself (`@metadata`). */
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
}
