import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@kubescaffold/runtime";
import { describe, keyOf, type Manifest } from "./objects.ts";
import { podsOf, troubleOf, type Pod } from "./pods.ts";
import { missingOf, refusalOf, type WorkloadState } from "./workloads.ts";

export interface RolloutOptions {
  readonly signal: AbortSignal;
  /** How long to wait for it to be available, in milliseconds. */
  readonly timeout: number;
  /** How long something has to be wrong until it is called a failure, in milliseconds: images are pulled again, containers start again. */
  readonly patience: number;
  /** Told each time that something has changed. */
  readonly onProgress: (text: string) => void;
}

const lookEvery = 250;

/** What runs pods does not become available. */
export class RolloutFailure extends Error {
  override readonly name = "RolloutFailure";
  readonly workload: WorkloadState;
  readonly pods: readonly Pod[];

  constructor(reason: string, workload: WorkloadState, pods: readonly Pod[]) {
    super(reason);
    this.workload = workload;
    this.pods = pods;
  }
}

/**
 * Waits until all pods of a Deployment, StatefulSet or DaemonSet are those that it asks for, and available, as `kubectl rollout status` does, or until a
 * Job is complete; but what does not mend by itself ends it at once.
 *
 * @throws RolloutFailure with what was seen last
 */
export async function awaitRollout(client: Client, workload: Manifest, options: RolloutOptions): Promise<void> {
  const { signal, timeout, patience, onProgress } = options;
  const began = performance.now();
  let shown = "";
  let troubleSince: number | undefined;
  for (;;) {
    const state = (await client.get(workload, keyOf(workload), { signal })) as WorkloadState | undefined;
    if (state === undefined) throw new Error(`the ${describe(workload)} was deleted while it was waited for`);
    const missing = missingOf(state);
    if (missing === undefined) return;
    const pods = await podsOf(client, state, signal);
    const text = refusalOf(state) ?? pods.map((pod) => troubleOf(pod)).find((each) => each !== undefined);
    const now = performance.now();
    // Not since these very words: an image that is not there is told of in turn as an error and as a pause until the next try.
    troubleSince = text === undefined ? undefined : (troubleSince ?? now);
    const line = text === undefined ? missing : `${missing}; ${text}`;
    if (line !== shown) onProgress(`${describe(workload)}: ${line}`);
    shown = line;
    if (text !== undefined && now - (troubleSince ?? now) >= patience) throw new RolloutFailure(text, state, pods);
    if (now - began >= timeout) throw new RolloutFailure(`${missing} after ${Math.round(timeout / 1000)} s`, state, pods);
    await pause(lookEvery, undefined, { signal });
  }
}
