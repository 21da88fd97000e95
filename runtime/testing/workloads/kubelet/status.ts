import { formatTime } from "../../../object/index.ts";
import type { PodObject } from "../kinds.ts";
import { podCondition } from "../pods.ts";
import { isInitialized, stopped, type Containers, type ContainerStatus } from "./containers.ts";
import { NODE_ADDRESS } from "./node.ts";

type PodStatus = NonNullable<PodObject["status"]>;
type Condition = NonNullable<PodStatus["conditions"]>[number];

/** The status of a Pod that is on the node; its containers are as they were unless `containers` says otherwise. */
export function podStatus(pod: PodObject, containers: Containers | undefined, address: string | undefined, now: number): PodStatus {
  const { status = {}, metadata } = pod;
  const init = containers?.init ?? status.initContainerStatuses ?? [];
  const app = containers?.app ?? status.containerStatuses ?? [];
  const podIP = address ?? NODE_ADDRESS;
  const phase = phaseOf(app, isInitialized(pod, init));
  // Addresses come with the sandbox, whose making is the first step.
  const hasSandbox = status.containerStatuses !== undefined;
  return {
    ...status,
    observedGeneration: metadata.generation ?? 1,
    phase,
    conditions: conditionsOf(pod, { init, app }, phase, hasSandbox, now),
    hostIP: NODE_ADDRESS,
    hostIPs: [{ ip: NODE_ADDRESS }],
    ...(hasSandbox && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: status.startTime ?? formatTime(now),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: app,
  };
}

/** The status of a Pod all of whose containers were stopped. */
export function stoppedStatus(pod: PodObject, now: number): PodStatus {
  const { status = {} } = pod;
  const init = (status.initContainerStatuses ?? []).map((each) => stopped(each, now));
  const app = (status.containerStatuses ?? []).map((each) => stopped(each, now));
  const phase = status.phase === "Failed" || app.some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0) ? "Failed" : "Succeeded";
  return {
    ...status,
    phase,
    conditions: conditionsOf(pod, { init, app }, phase, false, now),
    ...(init.length > 0 && { initContainerStatuses: init }),
    ...(app.length > 0 && { containerStatuses: app }),
  };
}

function phaseOf(app: readonly ContainerStatus[], initialized: boolean): NonNullable<PodStatus["phase"]> {
  if (!initialized) return "Pending";
  if (app.every(({ state }) => state?.terminated !== undefined))
    return app.every(({ state }) => state?.terminated?.exitCode === 0) ? "Succeeded" : "Failed";
  const wasNeverStarted = ({ state, lastState }: ContainerStatus) => state?.waiting !== undefined && lastState?.terminated === undefined;
  return app.some(wasNeverStarted) ? "Pending" : "Running";
}

function conditionsOf(pod: PodObject, { init, app }: Containers, phase: string, hasSandbox: boolean, now: number): Condition[] {
  const initialized = isInitialized(pod, init);
  const unready = app.filter(({ ready }) => !ready).map(({ name }) => name);
  const notReady =
    phase === "Succeeded" || phase === "Failed"
      ? { reason: phase === "Failed" ? "PodFailed" : "PodCompleted" }
      : unready.length > 0
        ? { reason: "ContainersNotReady", message: `containers with unready status: [${unready.join(" ")}]` }
        : undefined;
  const gates = (pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const closed = gates.filter((type) => podCondition(pod, type)?.status !== "True");
  const gated =
    closed.length > 0
      ? {
          reason: "ReadinessGatesNotReady",
          message: closed.map((type) => `the status of pod readiness gate "${type}" is not "True"`).join(", "),
        }
      : undefined;
  const pending = (pod.spec.initContainers ?? []).filter(({ name }) => !init.some((each) => each.name === name && each.state?.terminated));
  const uninitialized = {
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${pending.map(({ name }) => name).join(" ")}]`,
  };
  const conditions = [
    condition(pod, "PodReadyToStartContainers", hasSandbox ? undefined : {}, now),
    condition(pod, "Initialized", initialized ? undefined : uninitialized, now),
    condition(pod, "Ready", notReady ?? gated, now),
    condition(pod, "ContainersReady", notReady, now),
    condition(pod, "PodScheduled", undefined, now),
  ];
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !conditions.some((each) => each.type === type));
  return [...others, ...conditions];
}

/** True unless there is something in the way; the time is that of the last change from True to False or back. */
function condition(pod: PodObject, type: string, obstacle: { reason?: string; message?: string } | undefined, now: number): Condition {
  const status = obstacle === undefined ? "True" : "False";
  const before = podCondition(pod, type);
  const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? formatTime(now)) : formatTime(now);
  return {
    ...(before?.lastProbeTime !== undefined && { lastProbeTime: before.lastProbeTime }),
    type,
    status,
    lastTransitionTime,
    ...obstacle,
  };
}
