import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from "../../../schema/index.ts";
import { humanDuration, since } from "./age.ts";

/** Marks of rows of pods that have ended. */
export function podConditions(pod: JsonObject): JsonArray | undefined {
  switch (stringAt(pod, "status", "phase")) {
    case "Succeeded":
      return [{ type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." }];
    case "Failed":
      return [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }];
    default:
      return undefined;
  }
}

/** What the rows of a pod's containers add up to. */
interface Tally {
  ready: number;
  restarts: number;
  lastRestart: number;
  reason: string;
}

/** Ready, status, restarts and age of a pod, then where it runs. */
export function podCells(pod: JsonObject, now: number): JsonArray {
  const initContainers = arrayAt(pod, "spec", "initContainers");
  const sidecars = new Set(
    initContainers.filter((each) => stringAt(each, "restartPolicy") === "Always").map((each) => stringAt(each, "name")),
  );
  const total = arrayAt(pod, "spec", "containers").length + sidecars.size;
  const phase = stringAt(pod, "status", "phase") ?? "";
  const gated = conditions(pod).some((each) => each["type"] === "PodScheduled" && each["reason"] === "SchedulingGated");
  const tally: Tally = { ready: 0, restarts: 0, lastRestart: 0, reason: stringAt(pod, "status", "reason") ?? phase };
  if (gated) tally.reason = "SchedulingGated";

  const sidecarTally: Tally = { ready: 0, restarts: 0, lastRestart: 0, reason: "" };
  const initializing = tallyInitContainers(pod, initContainers.length, sidecars, tally, sidecarTally);
  if (!initializing || conditions(pod).some((each) => each["type"] === "Initialized" && each["status"] === "True")) {
    tally.restarts = sidecarTally.restarts;
    tally.lastRestart = sidecarTally.lastRestart;
    tallyContainers(pod, tally);
  }
  const isDeleting = valueAt(pod, "metadata", "deletionTimestamp") !== undefined;
  if (isDeleting && stringAt(pod, "status", "reason") === "NodeLost") tally.reason = "Unknown";
  else if (isDeleting && phase !== "Succeeded" && phase !== "Failed") tally.reason = "Terminating";
  const restarts =
    tally.restarts !== 0 && tally.lastRestart !== 0
      ? `${tally.restarts} (${humanDuration(now - tally.lastRestart)} ago)`
      : String(tally.restarts);
  return [
    stringAt(pod, "metadata", "name") ?? "",
    `${tally.ready}/${total}`,
    tally.reason,
    restarts,
    since(stringAt(pod, "metadata", "creationTimestamp"), now),
    stringAt(arrayAt(pod, "status", "podIPs")[0], "ip") ?? "<none>",
    orNone(stringAt(pod, "spec", "nodeName")),
    orNone(stringAt(pod, "status", "nominatedNodeName")),
    readinessGates(pod),
  ];
}

function orNone(text: string | undefined): string {
  return text === undefined || text === "" ? "<none>" : text;
}

function conditions(pod: JsonObject): JsonObject[] {
  return arrayAt(pod, "status", "conditions").filter(isObject);
}

/** True while init containers have not all done their part. */
function tallyInitContainers(
  pod: JsonObject,
  count: number,
  sidecars: ReadonlySet<string | undefined>,
  tally: Tally,
  sidecarTally: Tally,
): boolean {
  for (const [index, container] of arrayAt(pod, "status", "initContainerStatuses").entries()) {
    addRestarts(container, tally);
    const isSidecar = sidecars.has(stringAt(container, "name"));
    if (isSidecar) addRestarts(container, sidecarTally);
    const terminated = objectAt(container, "state", "terminated");
    if (terminated !== undefined && (numberAt(terminated, "exitCode") ?? 0) === 0) continue;
    if (isSidecar && valueAt(container, "started") === true) {
      if (valueAt(container, "ready") === true) tally.ready++;
      continue;
    }
    const waiting = stringAt(container, "state", "waiting", "reason") ?? "";
    if (terminated !== undefined) tally.reason = `Init:${terminationReason(terminated)}`;
    else if (waiting !== "" && waiting !== "PodInitializing") tally.reason = `Init:${waiting}`;
    else tally.reason = `Init:${index}/${count}`;
    return true;
  }
  return false;
}

function tallyContainers(pod: JsonObject, tally: Tally): void {
  let hasRunning = false;
  let errorReason = "";
  for (const container of arrayAt(pod, "status", "containerStatuses").toReversed()) {
    addRestarts(container, tally);
    const waiting = stringAt(container, "state", "waiting", "reason") ?? "";
    const terminated = objectAt(container, "state", "terminated");
    if (waiting !== "") {
      tally.reason = waiting;
    } else if (terminated !== undefined) {
      tally.reason = terminationReason(terminated);
      if ((numberAt(terminated, "exitCode") ?? 0) !== 0) errorReason = tally.reason;
    } else if (valueAt(container, "ready") === true && objectAt(container, "state", "running") !== undefined) {
      hasRunning = true;
      tally.ready++;
    }
  }
  if (tally.reason !== "Completed") return;
  const isReady = conditions(pod).some((each) => each["type"] === "Ready" && each["status"] === "True");
  if (hasRunning && isReady) tally.reason = "Running";
  else if (errorReason !== "") tally.reason = errorReason;
  else if (hasRunning) tally.reason = "NotReady";
}

function addRestarts(container: JsonValue, tally: Tally): void {
  tally.restarts += numberAt(container, "restartCount") ?? 0;
  const finished = Date.parse(stringAt(container, "lastState", "terminated", "finishedAt") ?? "");
  if (!Number.isNaN(finished)) tally.lastRestart = Math.max(tally.lastRestart, finished);
}

function terminationReason(terminated: JsonObject): string {
  const reason = stringAt(terminated, "reason") ?? "";
  if (reason !== "") return reason;
  const signal = numberAt(terminated, "signal") ?? 0;
  return signal === 0 ? `ExitCode:${numberAt(terminated, "exitCode") ?? 0}` : `Signal:${signal}`;
}

function readinessGates(pod: JsonObject): string {
  const gates = arrayAt(pod, "spec", "readinessGates");
  if (gates.length === 0) return "<none>";
  const isTrue = (gate: JsonValue) =>
    conditions(pod).find((each) => each["type"] === stringAt(gate, "conditionType"))?.["status"] === "True";
  return `${gates.filter(isTrue).length}/${gates.length}`;
}
