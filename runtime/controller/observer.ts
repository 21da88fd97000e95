import type { CallObserver } from "../client/index.ts";
import type { KindToken, ObjectKey } from "../object/index.ts";
import type { ReconcileOutcome } from "./metrics.ts";

/** One run of a reconciler, as its log lines name it. */
export interface RunIdentity {
  readonly controller: string;
  readonly kind: KindToken;
  readonly key: ObjectKey;
  readonly reconcileId: string;
}

/** Told of every run of every reconciler. */
export interface RunObserver {
  began(run: RunIdentity): ObservedRun;
}

export interface ObservedRun {
  /** Told of what the run's client sends. */
  readonly calls: CallObserver;
  /** Does the work of the run, perhaps in a context of its own. */
  within<T>(work: () => T): T;
  /** @param error what the run failed with, if it did */
  ended(outcome: ReconcileOutcome, error?: unknown): void;
}
