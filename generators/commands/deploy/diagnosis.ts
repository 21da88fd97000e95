import type { Connection, KubernetesObject } from "@kubescaffold/runtime";
import type { Metadata } from "./objects.ts";
import { containersOf, type ContainerStatus, type Pod } from "./pods.ts";
import type { RolloutFailure } from "./rollout.ts";
import type { WorkloadState } from "./workloads.ts";

/** An event, as far as it is shown. */
interface Event extends KubernetesObject {
  metadata: Metadata;
  involvedObject?: { kind?: string; name?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  series?: { count?: number; lastObservedTime?: string };
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

const eventKind = { apiVersion: "v1", kind: "Event" } as const;
const shownEvents = 12;
const shownLines = 20;

/**
 * Why a workload does not become available, in lines for people: its pods with their containers, the last events, the last lines of the logs.
 * What cannot be read is said in its place.
 */
export async function diagnose(connection: Connection, failure: RolloutFailure, signal: AbortSignal): Promise<string[]> {
  const { workload, pods } = failure;
  const lines = [`${workload.kind.toLowerCase()} ${workload.metadata.name}`];
  for (const { type, status, reason = "", message = "" } of workload.status?.conditions ?? []) {
    lines.push(`  ${type}=${status} ${reason}: ${message}`);
  }
  if (pods.length === 0) lines.push("  there is no pod of it");
  for (const pod of pods) lines.push(...podLines(pod));
  lines.push(...(await eventLines(connection, workload, signal)));
  const [worst] = [...pods].sort((a, b) => restarts(b) - restarts(a));
  for (const container of worst === undefined ? [] : containersOf(worst)) {
    if (worst !== undefined && hasLog(container)) lines.push(...(await logLines(connection, worst, container, signal)));
  }
  return lines;
}

function restarts(pod: Pod): number {
  return containersOf(pod).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function podLines(pod: Pod): string[] {
  const { phase = "Pending", conditions = [] } = pod.status ?? {};
  const lines = [`pod ${pod.metadata.name}: ${phase}${pod.spec.nodeName === undefined ? ", on no node" : ` on ${pod.spec.nodeName}`}`];
  for (const { type, status, reason = "", message = "" } of conditions) {
    if (status !== "True" && message !== "") lines.push(`  ${type}=${status} ${reason}: ${message}`);
  }
  for (const container of containersOf(pod)) lines.push(...containerLines(container));
  return lines;
}

function containerLines({ name, image = "", ready, restartCount, state, lastState }: ContainerStatus): string[] {
  const lines = [`  container ${name} (${image}): ${stateText(state, ready)}${restartCount > 0 ? `, ${restartCount} restarts` : ""}`];
  const ended = lastState?.terminated;
  if (ended !== undefined) lines.push(`    its last run ended with exit code ${ended.exitCode} (${ended.reason ?? "no reason given"})`);
  if (ended?.message !== undefined) lines.push(`    ${ended.message}`);
  return lines;
}

function stateText(state: ContainerStatus["state"], ready: boolean): string {
  if (state?.waiting) return [state.waiting.reason ?? "waiting", state.waiting.message].filter(Boolean).join(": ");
  if (state?.terminated) return `ended with exit code ${state.terminated.exitCode}`;
  return ready ? "running and ready" : "running, but its readiness probe does not succeed";
}

async function eventLines({ client }: Connection, { metadata }: WorkloadState, signal: AbortSignal): Promise<string[]> {
  const { name, namespace = "default" } = metadata;
  const all = (await client.list(eventKind, { namespace, signal })) as unknown as Event[];
  // ReplicaSets and pods have the name of their Deployment before their own.
  const own = all.filter(({ involvedObject }) => involvedObject?.name === name || involvedObject?.name?.startsWith(`${name}-`) === true);
  const last = own.sort((a, b) => time(a).localeCompare(time(b))).slice(-shownEvents);
  if (last.length === 0) return ["events: none"];
  return [
    "events",
    ...last.map(({ type = "", reason = "", message = "", involvedObject, series, count = series?.count ?? 1 }) => {
      const times = count > 1 ? ` (${count} times)` : "";
      return `  ${type.padEnd(7)} ${reason} ${involvedObject?.kind?.toLowerCase() ?? ""}/${involvedObject?.name ?? ""}: ${message.trim()}${times}`;
    }),
  ];
}

function time({ series, lastTimestamp, eventTime, metadata }: Event): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
}

function hasLog({ state, lastState }: ContainerStatus): boolean {
  return state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined;
}

async function logLines({ transport }: Connection, pod: Pod, { name, state }: ContainerStatus, signal: AbortSignal): Promise<string[]> {
  // What waits to be started again has said something in its last run only.
  const isPrevious = state?.waiting !== undefined;
  const query = new URLSearchParams({ container: name, tailLines: String(shownLines), ...(isPrevious && { previous: "true" }) });
  const { name: podName, namespace = "default" } = pod.metadata;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(podName)}/log?${query.toString()}`;
  const heading = `log of ${podName}, container ${name}${isPrevious ? ", its last run" : ""}`;
  try {
    const text = await transport.text({ method: "GET", path, accept: "*/*", signal });
    return text.trim() === ""
      ? [`${heading}: empty`]
      : [
          heading,
          ...text
            .trimEnd()
            .split("\n")
            .map((line) => `  ${line}`),
        ];
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    return [`${heading} cannot be read: ${error.message}`];
  }
}
