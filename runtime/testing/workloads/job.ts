import { done, isBeingDeleted, requeueAfter, type Clock, type ObjectKey, type Result } from "../../index.ts";
import { formatTime } from "../../object/index.ts";
import { change } from "./change.ts";
import { claim } from "./claim.ts";
import type { Dependents } from "./dependents.ts";
import { Job, Pod, type JobObject, type PodObject } from "./kinds.ts";
import { createPod, isActive, isReady } from "./pods.ts";
import { messageOf, type Context } from "./reconciler.ts";

type JobStatus = NonNullable<JobObject["status"]>;
type Outcome = { type: "Complete" | "Failed"; target: "SuccessCriteriaMet" | "FailureTarget"; reason: string; message: string };

/** Milliseconds before a failed Pod is replaced, doubled with each failure, 6 minutes at most. */
const BACKOFF = 10_000;
const LONGEST_BACKOFF = 360_000;

/**
 * Runs the Pods of a Job until enough have succeeded or too many failed; after kube-controller-manager's job controller, for Jobs without
 * indexes, failure policies and success policies. Ended Pods are counted as long as they are there, without the finalizer that the
 * real controller holds them with.
 */
export async function reconcileJob(key: ObjectKey, context: Context, dependents: Dependents, clock: Clock): Promise<Result> {
  const { client } = context;
  const job: unknown = await client.get(Job, key);
  const selector = Job.is(job) ? job.spec.selector : undefined;
  if (!Job.is(job) || selector === undefined) {
    dependents.forget(key);
    return done();
  }
  dependents.select(key, job.metadata.uid, selector);
  if (isBeingDeleted(job) || outcomeIn(job) !== undefined) return done();
  const pods = await claim(client, { kind: Job, object: job, selector }, Pod, dependents);
  const run = new Run(job, pods, context, clock.now());
  const wait = await run.step();
  await change(client, Job, job, { ...job, status: run.status() }, "status");
  run.tell();
  return wait === undefined ? done() : requeueAfter(wait);
}

function outcomeIn({ status }: JobObject) {
  return status?.conditions?.find(({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True");
}

class Run {
  readonly #job: JobObject;
  readonly #context: Context;
  readonly #now: number;
  #active: PodObject[];
  readonly #terminating: number;
  readonly #succeeded: number;
  readonly #failed: PodObject[];
  #outcome: Outcome | undefined;

  constructor(job: JobObject, pods: readonly PodObject[], context: Context, now: number) {
    this.#job = job;
    this.#context = context;
    this.#now = now;
    this.#active = pods.filter(isActive);
    this.#terminating = pods.filter(
      (pod) => isBeingDeleted(pod) && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed",
    ).length;
    this.#succeeded = pods.filter(({ status }) => status?.phase === "Succeeded").length;
    this.#failed = pods.filter(({ status }) => status?.phase === "Failed");
  }

  /** Creates or deletes Pods, or finds that the Job is over. Returns the milliseconds until it has to look again. */
  async step(): Promise<number | undefined> {
    const { parallelism = 1, completions, backoffLimit = 6, activeDeadlineSeconds, suspend = false } = this.#job.spec;
    const deadline =
      activeDeadlineSeconds === undefined || this.#job.status?.startTime === undefined
        ? undefined
        : Date.parse(this.#job.status.startTime) + activeDeadlineSeconds * 1000 - this.#now;
    if (this.#failed.length > backoffLimit) {
      await this.#fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
      return undefined;
    }
    if (deadline !== undefined && deadline <= 0) {
      await this.#fail("DeadlineExceeded", "Job was active longer than specified deadline");
      return undefined;
    }
    const isDone = completions === undefined ? this.#succeeded > 0 && this.#active.length === 0 : this.#succeeded >= completions;
    if (isDone) {
      await this.#deleteActive(this.#active.length);
      const message = "Reached expected number of succeeded pods";
      if (this.#terminating === 0)
        this.#outcome = { type: "Complete", target: "SuccessCriteriaMet", reason: "CompletionsReached", message };
      return undefined;
    }
    // Without a number of completions, the first success ends the creation of more.
    const open = completions === undefined ? (this.#succeeded > 0 ? this.#active.length : parallelism) : completions - this.#succeeded;
    const wanted = suspend ? 0 : Math.min(parallelism, open);
    if (this.#active.length > wanted) await this.#deleteActive(this.#active.length - wanted);
    const missing = wanted - this.#active.length;
    const wait = missing > 0 ? this.#backoff() : 0;
    if (wait === 0) for (let created = 0; created < missing; created++) await this.#create();
    return wait > 0 ? Math.min(wait, deadline ?? wait) : deadline;
  }

  status(): JobStatus {
    const { status = {}, spec } = this.#job;
    const time = formatTime(this.#now);
    const counts = { active: this.#active.length, succeeded: this.#succeeded, failed: this.#failed.length };
    const { active: _, succeeded: __, failed: ___, ...before } = status;
    const isStarted = status.startTime !== undefined || spec.suspend !== true;
    return {
      ...before,
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      ready: this.#active.filter(isReady).length,
      terminating: this.#terminating,
      uncountedTerminatedPods: {},
      ...(isStarted && { startTime: status.startTime ?? time }),
      ...(this.#outcome && { conditions: [...(status.conditions ?? []), ...this.#conditions(this.#outcome, time)] }),
      ...(this.#outcome?.type === "Complete" && { completionTime: time }),
    };
  }

  /** Once the end of the Job is written. */
  tell(): void {
    if (this.#outcome === undefined) return;
    const { events } = this.#context;
    if (this.#outcome.type === "Complete") events.normal(this.#job, "Completed", "Job completed");
    else events.warning(this.#job, this.#outcome.reason, this.#outcome.message);
  }

  #conditions({ type, target, reason, message }: Outcome, time: string) {
    const condition = { status: "True", reason, message, lastProbeTime: time, lastTransitionTime: time };
    return [
      { type: target, ...condition },
      { type, ...condition },
    ];
  }

  async #fail(reason: string, message: string): Promise<void> {
    await this.#deleteActive(this.#active.length);
    if (this.#terminating === 0) this.#outcome = { type: "Failed", target: "FailureTarget", reason, message };
  }

  /** How long the next Pod waits, counted from the last failure. */
  #backoff(): number {
    const ends = this.#failed.map(({ status }) => Date.parse(status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? ""));
    const last = Math.max(0, ...ends.filter((end) => !Number.isNaN(end)));
    const backoff = Math.min(BACKOFF * 2 ** (this.#failed.length - 1), LONGEST_BACKOFF);
    return this.#failed.length === 0 ? 0 : Math.max(0, last + backoff - this.#now);
  }

  async #create(): Promise<void> {
    const { client, events } = this.#context;
    try {
      const pod = await createPod(client, this.#job, this.#job.spec.template);
      this.#active.push(pod);
      events.normal(this.#job, "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      events.warning(this.#job, "FailedCreate", `Error creating: ${messageOf(error)}`);
      throw error;
    }
  }

  async #deleteActive(count: number): Promise<void> {
    const { client, events } = this.#context;
    for (const { metadata } of this.#active.slice(0, count)) {
      await client.delete(Pod, metadata, { preconditions: { uid: metadata.uid } });
      events.normal(this.#job, "SuccessfulDelete", `Deleted pod: ${metadata.name}`);
    }
    this.#active = this.#active.slice(count);
  }
}
