import { expect, test } from "@jest/globals";
import { missingOf, refusalOf, type WorkloadState } from "../../../generators/commands/deploy/workloads.ts";

type Parts = Partial<Pick<WorkloadState, "spec" | "status">>;

function state(kind: string, { spec, status }: { spec?: object; status?: object }): WorkloadState {
  const parts: Parts = { spec: { selector: {}, ...spec }, ...(status && { status: { observedGeneration: 2, ...status } }) };
  return { apiVersion: "apps/v1", kind, metadata: { name: "any", generation: 2 }, spec: { selector: {} }, ...parts };
}

test.each([
  ["Deployment", { replicas: 2 }, undefined, "not looked at yet"],
  ["Deployment", { replicas: 2 }, { observedGeneration: 1, updatedReplicas: 2, availableReplicas: 2 }, "not looked at yet"],
  ["Deployment", { replicas: 2 }, { updatedReplicas: 1, availableReplicas: 2 }, "1 of 2 pods are there"],
  ["Deployment", { replicas: 2 }, { updatedReplicas: 2, availableReplicas: 1 }, "1 of 2 pods are available"],
  ["Deployment", { replicas: 2 }, { replicas: 3, updatedReplicas: 2, availableReplicas: 2 }, "1 old pods are still to end"],
  ["Deployment", { replicas: 2 }, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }, undefined],
  ["StatefulSet", { replicas: 2 }, { updatedReplicas: 1, availableReplicas: 2 }, "1 of 2 pods are there"],
  ["StatefulSet", { replicas: 2, updateStrategy: { type: "OnDelete" } }, { updatedReplicas: 1, availableReplicas: 2 }, undefined],
  ["DaemonSet", {}, { desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3 }, "1 of 3 pods are there"],
  ["DaemonSet", {}, { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }, "2 of 3 pods are available"],
  ["DaemonSet", {}, { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }, undefined],
  ["DaemonSet", {}, { desiredNumberScheduled: 0 }, undefined],
  ["Job", { completions: 4 }, { succeeded: 3 }, "3 of 4 pods have succeeded"],
  ["Job", {}, { succeeded: 1, conditions: [{ type: "Complete", status: "True" }] }, undefined],
  ["Job", { suspend: true }, {}, undefined],
])("%s %j with the status %j: %s", (kind, spec, status, missing) => {
  expect(missingOf(state(kind, { spec, ...(status && { status }) }))).toBe(missing);
});

test("a Job that has failed says why", () => {
  const conditions = [{ type: "Failed", status: "True", message: "Job has reached the specified backoff limit" }];
  expect(refusalOf(state("Job", { status: { conditions } }))).toBe("Job has reached the specified backoff limit");
});
