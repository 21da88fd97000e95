import { hash } from "node:crypto";
import { formatTime } from "../../../object/index.ts";
import type { PodObject } from "../kinds.ts";
import { behaviourOf } from "./images.ts";

type PodStatus = NonNullable<PodObject["status"]>;
export type ContainerStatus = NonNullable<PodStatus["containerStatuses"]>[number];
type Container = PodObject["spec"]["containers"][number];

/** The containers of a Pod, after a step. */
export interface Containers {
  init: ContainerStatus[];
  app: ContainerStatus[];
}

export interface Step {
  containers: Containers;
  events: { type: "normal" | "warning"; reason: string; note: string }[];
}

const CRASH_LOOP = "CrashLoopBackOff";
const PULL_BACK_OFF = "ImagePullBackOff";

/** The first step: the Pod is on the node, and nothing of it runs. */
export function acceptContainers({ spec }: PodObject): Step {
  const init = spec.initContainers ?? [];
  const reason = init.length > 0 ? "PodInitializing" : "ContainerCreating";
  const accept = (container: Container) => waiting(container, undefined, { reason });
  return { containers: { init: init.map(accept), app: spec.containers.map(accept) }, events: [] };
}

/** Each container goes on to its next state; app containers begin when the init containers have ended. */
export function stepContainers(pod: PodObject, now: number): Step {
  const { initContainers = [], containers } = pod.spec;
  const events: Step["events"] = [];
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const before = (container: Container) => all.find(({ name }) => name === container.name);
  const init = initContainers.map((container) => stepContainer(pod, container, before(container), { isInit: true, now, events }));
  const app = isInitialized(pod, init)
    ? containers.map((container) => stepContainer(pod, container, before(container), { isInit: false, now, events }))
    : containers.map((container) => before(container) ?? waiting(container, undefined, { reason: "PodInitializing" }));
  return { containers: { init, app }, events };
}

/** Init containers have ended well; those that run along with the app (sidecars) have started. */
export function isInitialized({ spec }: PodObject, init: readonly ContainerStatus[]): boolean {
  return (spec.initContainers ?? []).every((container) => {
    const state = init.find(({ name }) => name === container.name)?.state;
    return isSidecar(container) ? state?.running !== undefined : state?.terminated?.exitCode === 0;
  });
}

/** Nothing more happens by itself. */
export function isSettled({ spec }: PodObject, status: PodStatus): boolean {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const isStuck = ({ state }: ContainerStatus) => state?.waiting?.reason === PULL_BACK_OFF || state?.waiting?.reason === CRASH_LOOP;
  if ((status.initContainerStatuses ?? []).some((each) => isStuck(each))) return true;
  return all.every((each) => {
    const container = [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === each.name);
    if (container === undefined || each.image !== container.image) return false;
    return isStuck(each) || each.state?.terminated !== undefined || (each.state?.running !== undefined && !willEnd(spec, container));
  });
}

/** How a container that was never started, or runs, is stopped with its Pod. */
export function stopped(before: ContainerStatus, now: number): ContainerStatus {
  if (before.state?.terminated) return before;
  const startedAt = before.state?.running?.startedAt;
  const terminated = { exitCode: 0, reason: "Completed", ...(startedAt !== undefined && { startedAt }), finishedAt: formatTime(now) };
  return { ...before, ready: false, started: false, state: { terminated } };
}

interface StepContext {
  isInit: boolean;
  now: number;
  events: Step["events"];
}

function stepContainer(pod: PodObject, container: Container, before: ContainerStatus | undefined, context: StepContext): ContainerStatus {
  const { image = "" } = container;
  const { now, events } = context;
  const behaviour = behaviourOf(image);
  const isNewImage = before !== undefined && before.image !== image;
  if (before?.state?.terminated && !isNewImage) return before;
  if (behaviour.name === "missing") return stepPull(container, before, events);

  if (before?.state?.running === undefined || isNewImage) {
    if (before?.state?.waiting?.reason === CRASH_LOOP && !isNewImage) return before;
    events.push({ type: "normal", reason: "Pulled", note: `Container image "${image}" already present on machine` });
    events.push(
      { type: "normal", reason: "Created", note: "Container created" },
      { type: "normal", reason: "Started", note: "Container started" },
    );
    const restartCount = before?.state?.running && isNewImage ? before.restartCount + 1 : (before?.restartCount ?? 0);
    const status = { ...identity(pod, container, restartCount), state: { running: { startedAt: formatTime(now) } } };
    const ready = behaviour.name !== "never-ready";
    // An init container ends within its step, so that a Pod with many starts no later than others.
    if (context.isInit && !isSidecar(container)) return end(pod, container, status, context);
    return { ...status, ready, started: true };
  }
  return willEnd(pod.spec, container) ? end(pod, container, before, context) : before;
}

function stepPull(container: Container, before: ContainerStatus | undefined, events: Step["events"]): ContainerStatus {
  const { image = "" } = container;
  const failure = `failed to pull and unpack image "${image}": not found`;
  const reason = before?.image === image ? before.state?.waiting?.reason : undefined;
  if (before !== undefined && reason === PULL_BACK_OFF) return before;
  if (reason === "ErrImagePull") {
    const message = `Back-off pulling image "${image}": ErrImagePull: ${failure}`;
    events.push({ type: "normal", reason: "BackOff", note: `Back-off pulling image "${image}"` });
    events.push({ type: "warning", reason: "Failed", note: `Error: ${PULL_BACK_OFF}` });
    return waiting(container, before, { reason: PULL_BACK_OFF, message });
  }
  events.push({ type: "normal", reason: "Pulling", note: `Pulling image "${image}"` });
  events.push({ type: "warning", reason: "Failed", note: `Failed to pull image "${image}": ${failure}` });
  events.push({ type: "warning", reason: "Failed", note: "Error: ErrImagePull" });
  return waiting(container, before, { reason: "ErrImagePull", message: failure });
}

/** The container has ended; where the restart policy wants it again, it waits for that. */
function end(pod: PodObject, container: Container, before: ContainerStatus, { isInit, now, events }: StepContext): ContainerStatus {
  const behaviour = behaviourOf(container.image ?? "");
  const exitCode = behaviour.name === "exits" ? behaviour.code : 0;
  const startedAt = before.state?.running?.startedAt ?? formatTime(now);
  const { containerID } = before;
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
    startedAt,
    finishedAt: formatTime(now),
    ...(containerID !== undefined && { containerID }),
  };
  const { restartPolicy = "Always" } = pod.spec;
  const restarts = (isInit ? exitCode !== 0 : restartPolicy === "Always") || (restartPolicy === "OnFailure" && exitCode !== 0);
  if (!restarts || (isInit && restartPolicy === "Never"))
    return { ...before, ready: isInit && exitCode === 0, started: false, state: { terminated } };
  events.push({
    type: "warning",
    reason: "BackOff",
    note: `Back-off restarting failed container ${container.name} in pod ${pod.metadata.name}`,
  });
  const message = `back-off 10s restarting failed container=${container.name} pod=${pod.metadata.name}`;
  const restartCount = before.restartCount + 1;
  return {
    ...before,
    ready: false,
    started: false,
    restartCount,
    state: { waiting: { reason: CRASH_LOOP, message } },
    lastState: { terminated },
  };
}

function waiting(container: Container, before: ContainerStatus | undefined, state: { reason: string; message?: string }): ContainerStatus {
  const { name, image = "" } = container;
  return { name, image, imageID: "", ready: false, restartCount: before?.restartCount ?? 0, started: false, state: { waiting: state } };
}

function identity({ metadata }: PodObject, { name, image = "" }: Container, restartCount: number): ContainerStatus {
  const digest = (text: string) => hash("sha256", text, "hex");
  const imageID = image.includes("@") ? image : `${image.replace(/:[^/:]*$/, "")}@sha256:${digest(image)}`;
  const containerID = `containerd://${digest(`${metadata.uid}/${name}/${restartCount}`)}`;
  return { name, image, imageID, containerID, ready: false, restartCount };
}

/** A container whose Pod is not restarted for ever does its work and ends. */
function willEnd({ restartPolicy = "Always" }: PodObject["spec"], container: Container): boolean {
  return !isSidecar(container) && (restartPolicy !== "Always" || behaviourOf(container.image ?? "").name === "exits");
}

function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === "Always";
}
