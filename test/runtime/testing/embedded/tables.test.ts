import { expect, test } from "@jest/globals";
import { humanDuration } from "../../../../runtime/testing/embedded/table/age.ts";
import { compileJsonPath } from "../../../../runtime/testing/embedded/table/jsonpath.ts";
import { podCells } from "../../../../runtime/testing/embedded/table/pod.ts";
import type { JsonObject } from "../../../../runtime/schema/index.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, "0s"],
  [119 * SECOND, "119s"],
  [2 * MINUTE, "2m"],
  [5 * MINUTE + 30 * SECOND, "5m30s"],
  [10 * MINUTE + 30 * SECOND, "10m"],
  [179 * MINUTE, "179m"],
  [3 * HOUR + 5 * MINUTE, "3h5m"],
  [9 * HOUR + 5 * MINUTE, "9h"],
  [2 * DAY + HOUR, "2d1h"],
  [8 * DAY + HOUR, "8d"],
  [800 * DAY, "2y70d"],
  [3000 * DAY, "8y"],
])("%d ms are %s", (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

const OBJECT: JsonObject = {
  metadata: { name: "x", labels: { "app.kubernetes.io/name": "web" } },
  spec: {
    ports: [
      { name: "a", port: 1 },
      { name: "b", port: 2 },
    ],
  },
  status: {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Available", status: "False" },
    ],
  },
};

test.each([
  [".metadata.name", ["x"]],
  ["{.metadata.name}", ["x"]],
  [".metadata.labels['app.kubernetes.io/name']", ["web"]],
  [".metadata.labels.app\\.kubernetes\\.io/name", ["web"]],
  [".spec.ports[0].port", [1]],
  [".spec.ports[-1].name", ["b"]],
  [".spec.ports[*].port", [1, 2]],
  [".spec.ports[0:1].port", [1]],
  ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
  [".spec.ports[?(@.port>1)].name", ["b"]],
  ["..port", [1, 2]],
  [".nothing.at.all", []],
])("%s finds %j", (path, found) => {
  expect(compileJsonPath(path)(OBJECT)).toEqual(found);
});

test("a path that is none is a syntax error", () => {
  expect(() => compileJsonPath(".spec[0")).toThrow(SyntaxError);
});

const NOW = Date.parse("2026-01-01T01:00:00Z");

function podStatus(status: JsonObject, more: JsonObject = {}): unknown[] {
  const pod = {
    metadata: { name: "p", creationTimestamp: "2026-01-01T00:00:00Z", ...more },
    spec: { containers: [{ name: "c" }] },
    status,
  };
  return podCells(pod, NOW).slice(1, 4);
}

test.each<[string, JsonObject, JsonObject, unknown[]]>([
  ["a pod that waits for a node", { phase: "Pending" }, {}, ["0/1", "Pending", "0"]],
  [
    "a pod that cannot get its image",
    { phase: "Pending", containerStatuses: [{ name: "c", state: { waiting: { reason: "ImagePullBackOff" } } }] },
    {},
    ["0/1", "ImagePullBackOff", "0"],
  ],
  [
    "a pod that runs again",
    {
      phase: "Running",
      containerStatuses: [
        {
          name: "c",
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { finishedAt: "2026-01-01T00:50:00Z" } },
        },
      ],
    },
    {},
    ["1/1", "Running", "2 (10m ago)"],
  ],
  [
    "a pod that has ended",
    { phase: "Succeeded", containerStatuses: [{ name: "c", state: { terminated: { reason: "Completed", exitCode: 0 } } }] },
    {},
    ["0/1", "Completed", "0"],
  ],
  ["a pod that is being deleted", { phase: "Running" }, { deletionTimestamp: "2026-01-01T00:59:00Z" }, ["0/1", "Terminating", "0"]],
  [
    "a pod whose first container prepares the others",
    { phase: "Pending", initContainerStatuses: [{ name: "i", state: { waiting: { reason: "PodInitializing" } } }] },
    {},
    ["0/1", "Init:0/0", "0"],
  ],
])("%s is shown as kubectl shows it", (_, status, metadata, cells) => {
  expect(podStatus(status, metadata)).toEqual(cells);
});
