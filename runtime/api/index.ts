/**
 * Types for the files that define an API (`api/<version>/<kind>.types.ts`): number and string formats, metadata,
 * conditions, and {@link CustomResource}, which every kind extends. Types only: importing this costs nothing at run time.
 * It uses nothing; the generator recognises these names by their declaration here.
 */

/** A whole number of 32 bits: `type: integer, format: int32`. */
export type Int32 = number & { readonly __int32?: never };
/** A whole number of 64 bits: `type: integer, format: int64`. Beyond 2^53 a `number` loses digits. */
export type Int64 = number & { readonly __int64?: never };
/** `type: number, format: float`. The API conventions advise against floating point in a spec. */
export type Float = number & { readonly __float?: never };
/** `type: number, format: double`. */
export type Double = number & { readonly __double?: never };
/** A resource quantity such as `500m` or `1Gi`; a number is accepted too (`x-kubernetes-int-or-string`). */
export type Quantity = (string | number) & { readonly __quantity?: never };
/** A Go duration such as `1h30m`, as `metav1.Duration` is written. */
export type Duration = string & { readonly __duration?: never };
/** A whole number or a string, for example a port by number or by name (`x-kubernetes-int-or-string`). */
export type IntOrString = (number | string) & { readonly __intOrString?: never };
/** Bytes in base64: `type: string, format: byte`. */
export type Base64 = string & { readonly __base64?: never };
/** A time as RFC 3339 writes it: `type: string, format: date-time`. */
export type DateTime = string & { readonly __dateTime?: never };

/** A reference from a dependent object to its owner (`metav1.OwnerReference`). */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** One manager's fields of an object (`metav1.ManagedFieldsEntry`, KEP-555). */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: unknown;
  subresource?: string;
}

/** What every object carries (`metav1.ObjectMeta`). Times are RFC 3339 strings. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
  selfLink?: string;
}

/** One aspect of an object's state, after `metav1.Condition` of the API conventions. */
export interface Condition {
  /** Type of the condition in CamelCase, such as Available.
   *  @pattern ^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$
   *  @maxLength 316 */
  type: string;
  /** Whether the condition holds: True, False or Unknown. */
  status: "True" | "False" | "Unknown";
  /** The metadata.generation that the condition was set upon.
   *  @minimum 0 */
  observedGeneration?: Int64;
  /** When the condition last went from one status to another. */
  lastTransitionTime: DateTime;
  /** Why the condition has this status, a word in CamelCase.
   *  @minLength 1
   *  @maxLength 1024
   *  @pattern ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$ */
  reason: string;
  /** Details for people; may be empty.
   *  @maxLength 32768 */
  message: string;
}

/**
 * The shape of every custom resource. `apiVersion` and `kind` come from the API folder and the interface's name.
 *
 * @example
 * export interface Memcached extends CustomResource<MemcachedSpec, MemcachedStatus> {}
 */
export interface CustomResource<Spec, Status = undefined> {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
}

export type { AdmissionPolicy, PolicyBinding, PolicyMatch, PolicyRule, PolicySelector } from "./policy.ts";
