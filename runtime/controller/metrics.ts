import type { QueueObserver } from "../queue/index.ts";

/** The `result` label of `controller_runtime_reconcile_total`. */
export type ReconcileOutcome = "success" | "error" | "requeue_after";

/** A `TerminalError`, a run that was given up for its time, or a fault of the program such as a `TypeError`. */
export type Failure = "terminal" | "timeout" | "panic";

/** Where a controller reports what it does. The manager fills it with Prometheus metrics. */
export interface ControllerMetrics {
  readonly queue: QueueObserver;
  depth(keys: number): void;
  active(workers: number): void;
  /** Whom to ask, at a scrape, how long each run under way has taken so far, in milliseconds. */
  runs(workTimes: () => readonly number[]): void;
  retried(): void;
  /** A run failed in a way that is counted by itself. */
  failed(how: Failure): void;
  /** @param seconds how long the reconcile took */
  reconciled(outcome: ReconcileOutcome, seconds: number): void;
}

export const NO_METRICS: ControllerMetrics = {
  queue: {},
  depth: () => undefined,
  active: () => undefined,
  runs: () => undefined,
  retried: () => undefined,
  failed: () => undefined,
  reconciled: () => undefined,
};
