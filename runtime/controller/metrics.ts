import type { QueueObserver } from "../queue/index.ts";

/** The `result` label of `controller_runtime_reconcile_total`. */
export type ReconcileOutcome = "success" | "error" | "requeue_after";

/** Where a controller reports what it does. The manager fills it with Prometheus metrics. */
export interface ControllerMetrics {
  readonly queue: QueueObserver;
  depth(keys: number): void;
  active(workers: number): void;
  retried(): void;
  /** @param seconds how long the reconcile took */
  reconciled(outcome: ReconcileOutcome, seconds: number): void;
}

export const NO_METRICS: ControllerMetrics = {
  queue: {},
  depth: () => undefined,
  active: () => undefined,
  retried: () => undefined,
  reconciled: () => undefined,
};
