import {
  ApiError,
  done,
  isConflict,
  isNotFound,
  requeueAfter,
  type KubernetesObject,
  type ObjectKey,
  type ReconcileContext,
  type RequestReconciler,
  type Result,
} from "../../index.ts";

/** What a controller of this folder is given for one run. Status is written by {@link change}, not by apply: its fields come and go. */
export type Context = Omit<ReconcileContext<KubernetesObject>, "status">;

/** Milliseconds until a decision that was overtaken by somebody's write is made anew; by then the watch has brought the write. */
const OVERTAKEN = 5;

/**
 * A reconciler of keys. These controllers work on objects that are being deleted too, which a `Reconciler` is shown only when it has
 * a finalizer. A conflict is no failure here, only an object that was read too early, and neither is one that has been deleted meanwhile.
 */
export function reconcileKeys(reconcile: (key: ObjectKey & { namespace: string }, context: Context) => Promise<Result>): RequestReconciler {
  return {
    async reconcileRequest(key, context) {
      try {
        return await reconcile({ namespace: key.namespace ?? "", name: key.name }, context);
      } catch (error) {
        if (error instanceof ApiError && isNotFound(error) && error.details.name === key.name) return done(); // the watch will say so
        if (!isConflict(error)) throw error;
        context.log.debug("the object has changed since it was read", { error: String(error) });
        return requeueAfter(OVERTAKEN);
      }
    },
  };
}

/** What went wrong, in the API server's own words where they are its words, as conditions and events of Kubernetes say it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The client puts the request, which has no such separator, before the server's message.
  return error instanceof ApiError ? error.message.slice(error.message.indexOf(": ") + 2) : error.message;
}
