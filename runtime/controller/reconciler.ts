import type { Client } from "../client/index.ts";
import {
  milliseconds,
  type ConditionInput,
  type Data,
  type DurationLike,
  type KubernetesObject,
  type Logger,
  type ObjectKey,
} from "../object/index.ts";
import type { EventRecorder } from "./events.ts";
import type { References } from "./references.ts";

/** What a reconcile decided: nothing more to do until something changes, or to come back after a time. */
export interface Result {
  /** Milliseconds; `undefined` when only an event shall bring the key back. */
  readonly requeueAfter?: number;
}

const DONE: Result = Object.freeze({});

/** Everything is as it should be; the next event brings the object back. */
export function done(): Result {
  return DONE;
}

/** Everything that could be done is done; look again after this time. Not a failure: it does not back off. */
export function requeueAfter(duration: DurationLike): Result {
  return { requeueAfter: milliseconds(duration) };
}

/** Thrown when trying again cannot help. It is logged and counted, and the key waits for the next event. */
export class TerminalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TerminalError";
  }
}

/** Thrown when the time of the next try is known. */
export class TemporaryError extends Error {
  /** Milliseconds. */
  readonly after: number;

  constructor(message: string, options: ErrorOptions & { after: DurationLike }) {
    super(message, options);
    this.name = "TemporaryError";
    this.after = milliseconds(options.after);
  }
}

/** The status of a custom resource's interface. */
export type StatusOf<T> = T extends { status?: infer S } ? NonNullable<S> : never;

/** A status as a reconciler applies it: every field may be left out, and conditions come without their times. */
export type StatusInput<S> = { [K in keyof S]?: K extends "conditions" ? readonly ConditionInput[] : S[K] };

/** Writes the status of the object that is being reconciled. */
export interface StatusWriter<T> {
  /**
   * Server-side apply of the status: exactly these fields are this controller's; those it applied before and leaves out now are removed.
   * A condition that comes without `lastTransitionTime` keeps it while its status is the same. Sends nothing when nothing would change.
   */
  apply(status: StatusInput<StatusOf<T>>): Promise<Data<T>>;
}

/** What one run of a reconciler is given. All of it belongs to this run: when the run is timed out, its client takes no more calls. */
export interface ReconcileContext<T> {
  /** Reads declared kinds from the cache, writes with the controller's name as field manager. */
  readonly client: Client;
  readonly status: StatusWriter<T>;
  readonly events: EventRecorder;
  /** Objects that the reconciled one names, watched one by one. */
  readonly references: References;
  /** Carries controller, kind, namespace, name and reconcileID. */
  readonly log: Logger;
  /** Aborts when the run is timed out, leadership is lost or the process stops at once. */
  readonly signal: AbortSignal;
  readonly reconcileId: string;
  /** How often this object has failed in a row. */
  readonly failures: number;
}

/** Brings the world in line with an object. Called with the object as it is now, for every change of it or of what it owns. */
export interface Reconciler<T> {
  reconcile(object: T, context: ReconcileContext<T>): Promise<Result>;
  /**
   * Called instead of `reconcile` once the object is being deleted, until it succeeds. When a reconciler has it, the runtime keeps
   * a finalizer on every object; when a later version has it no more, the runtime takes that finalizer off.
   */
  finalize?(object: T, context: ReconcileContext<T>): Promise<void>;
}

/** A reconciler that is called with a key alone, also when there is no object of that name. */
export interface RequestReconciler {
  reconcileRequest(key: ObjectKey, context: Omit<ReconcileContext<KubernetesObject>, "status">): Promise<Result>;
}

export type AnyReconciler<T> = Reconciler<T> | RequestReconciler;
