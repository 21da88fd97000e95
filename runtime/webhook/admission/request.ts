import type { KubernetesObject, Logger, UnstructuredObject } from "../../object/index.ts";
import type { Call } from "../review/index.ts";
import type { GroupVersionKind, GroupVersionResource, Operation, ReviewRequest, UserInfo } from "./review.ts";

/**
 * One request to the API server that a webhook is asked about (`admission.k8s.io/v1 AdmissionRequest`), and what a handler may want
 * besides. Of a `v1beta1` review it is the same.
 */
export interface AdmissionRequest<T = UnstructuredObject> {
  /** Names this review, not the object. */
  readonly uid: string;
  /** The object's kind as the webhook's rules ask for it; the client may have sent another version, see `requestKind`. */
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** For instance `status` or `scale`; empty for the object itself. */
  readonly subResource: string;
  readonly requestKind: GroupVersionKind;
  readonly requestResource: GroupVersionResource;
  readonly requestSubResource: string;
  /** Empty when an object is created by `generateName`. */
  readonly name: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly operation: Operation;
  readonly userInfo: UserInfo;
  /** Absent on DELETE. */
  readonly object: T | undefined;
  /** The object as it was; absent on CREATE and CONNECT. */
  readonly oldObject: T | undefined;
  /** Nothing will be stored: a handler must not change anything outside of the answer. */
  readonly dryRun: boolean;
  /** `CreateOptions` and so on. */
  readonly options: UnstructuredObject | undefined;
  /** Aborts when the API server waits no longer for the answer. */
  readonly signal: AbortSignal;
  /** Carries the webhook's path, the request's uid, operation, kind, namespace and name. */
  readonly log: Logger;
  /** Shows the client a warning; the API server cuts it at 256 characters. */
  warn(text: string): void;
  /** Writes something into the audit log; the API server puts the webhook's name before the key. */
  annotate(key: string, value: string): void;
}

/** A request as it came in; collects what handlers say besides yes and no. */
export class IncomingRequest implements AdmissionRequest {
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subResource: string;
  readonly requestKind: GroupVersionKind;
  readonly requestResource: GroupVersionResource;
  readonly requestSubResource: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly operation: Operation;
  readonly userInfo: UserInfo;
  readonly object: UnstructuredObject | undefined;
  readonly oldObject: UnstructuredObject | undefined;
  readonly dryRun: boolean;
  readonly options: UnstructuredObject | undefined;
  readonly #call: Call;
  #log: Logger | undefined;
  #warnings: string[] | undefined;
  #annotations: Map<string, string> | undefined;

  constructor(request: ReviewRequest, call: Call) {
    this.#call = call;
    this.uid = request.uid;
    this.kind = request.kind;
    this.resource = request.resource;
    this.subResource = request.subResource;
    this.requestKind = request.requestKind;
    this.requestResource = request.requestResource;
    this.requestSubResource = request.requestSubResource;
    this.name = request.name;
    this.namespace = request.namespace;
    this.operation = request.operation;
    this.userInfo = request.userInfo;
    this.object = asObject(request.object);
    this.oldObject = asObject(request.oldObject);
    this.dryRun = request.dryRun;
    this.options = asObject(request.options);
  }

  // Made when they are asked for: most handlers need neither, and both cost more than the rest of a request.
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  get log(): Logger {
    const { uid, operation, namespace, name } = this;
    return (this.#log ??= this.#call.log.child({ uid, operation, kind: this.kind.kind, namespace, name }));
  }

  get warnings(): readonly string[] {
    return this.#warnings ?? [];
  }

  get annotations(): ReadonlyMap<string, string> | undefined {
    return this.#annotations;
  }

  warn(text: string): void {
    (this.#warnings ??= []).push(text);
  }

  annotate(key: string, value: string): void {
    (this.#annotations ??= new Map<string, string>()).set(key, value);
  }
}

/** The API server has decoded it, so it is an object of Kubernetes; what else it is, its kind's own handlers know. */
function asObject(value: KubernetesObject | undefined): UnstructuredObject | undefined {
  return value as UnstructuredObject | undefined;
}
