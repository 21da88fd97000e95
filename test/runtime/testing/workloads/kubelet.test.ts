import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { POD, TestWorkloads, type ContainerStatus } from "./cluster.ts";

describe("The kubelet stand-in", () => {
  let cluster: TestWorkloads;
  beforeAll(async () => {
    cluster = await TestWorkloads.start({ controllers: "kubelet" });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const conditions = async (name: string) =>
    Object.fromEntries(((await cluster.podStatus(name)).conditions ?? []).map(({ type, status }) => [type, status]));
  const states = (containers: readonly ContainerStatus[] = []) =>
    containers.map(({ state }) => state.waiting?.reason ?? state.terminated?.reason ?? "Running");

  test("binds a Pod to its node, and runs it", async () => {
    await cluster.createPod("plain", ["example.com/web:1", "example.com/side:1"]);
    await cluster.podBecomes("plain", ({ phase }) => expect(phase).toBe("Running"));
    const pod = await cluster.client.get(POD, { name: "plain" });
    expect(pod).toMatchObject({
      spec: { nodeName: "kubescaffold-node" },
      status: { hostIP: "10.0.0.1", podIPs: [{ ip: expect.any(String) }] },
    });
    expect(await conditions("plain")).toEqual({
      PodScheduled: "True",
      PodReadyToStartContainers: "True",
      Initialized: "True",
      ContainersReady: "True",
      Ready: "True",
    });
    await eventually(async () =>
      expect((await cluster.reasons("plain")).toSorted()).toEqual(["Created", "Pulled", "Pulled", "Scheduled", "Started"]),
    );
  });

  test("leaves a Pod of another scheduler, and one with scheduling gates", async () => {
    await cluster.createPod("theirs", ["example.com/web:1"], { schedulerName: "other" });
    await cluster.createPod("gated", ["example.com/web:1"], { schedulingGates: [{ name: "example.com/wait" }] });
    await cluster.createPod("ours", ["example.com/web:1"]);
    await cluster.podBecomes("ours", ({ phase }) => expect(phase).toBe("Running"));
    for (const name of ["theirs", "gated"]) expect((await cluster.client.get(POD, { name }))?.["spec"]).not.toHaveProperty("nodeName");
  });

  test("cannot pull an image that does not exist, and goes on when it is corrected", async () => {
    await cluster.createPod("typo", ["example.com/does-not-exist:1", "example.com/web:1"]);
    await cluster.podBecomes("typo", ({ phase, containerStatuses }) => {
      expect(phase).toBe("Pending");
      expect(states(containerStatuses)).toEqual(["ImagePullBackOff", "Running"]);
    });
    await eventually(async () => expect(await cluster.reasons("typo")).toEqual(expect.arrayContaining(["Pulling", "Failed", "BackOff"])));

    const spec = { containers: [{ name: "c0", image: "example.com/web:does-exist" }] };
    await cluster.client.patch(POD, { name: "typo" }, "strategic", { spec });
    await cluster.podBecomes("typo", ({ phase, containerStatuses }) => {
      expect(phase).toBe("Running");
      expect(containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0, image: "example.com/web:does-exist" });
    });
  });

  test("restarts a container whose image changes", async () => {
    await cluster.createPod("patched", ["example.com/web:1"]);
    await cluster.podBecomes("patched", ({ phase }) => expect(phase).toBe("Running"));
    await cluster.client.patch(POD, { name: "patched" }, "strategic", {
      spec: { containers: [{ name: "c0", image: "example.com/web:2" }] },
    });
    await cluster.podBecomes("patched", ({ containerStatuses: [container] = [] }) =>
      expect(container).toMatchObject({ image: "example.com/web:2", restartCount: 1, ready: true }),
    );
  });

  test("runs an image that is never ready, and one that ends, as their names say", async () => {
    await cluster.createPod("unready", ["example.com/never-ready"]);
    await cluster.createPod("crashing", ["example.com/web:exits-with-3"]);
    await cluster.podBecomes("unready", ({ phase }) => expect(phase).toBe("Running"));
    expect(await conditions("unready")).toMatchObject({ Ready: "False", ContainersReady: "False" });
    await cluster.podBecomes("crashing", ({ phase, containerStatuses }) => {
      expect(phase).toBe("Running");
      expect(states(containerStatuses)).toEqual(["CrashLoopBackOff"]);
      expect(containerStatuses?.[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 3 } } });
    });
  });

  test("lets a Pod that is not restarted come to its end", async () => {
    await cluster.createPod("good", ["example.com/task:1"], { restartPolicy: "Never" });
    await cluster.createPod("bad", ["example.com/task:1", "example.com/exits-with-1"], { restartPolicy: "Never" });
    await cluster.podBecomes("good", ({ phase }) => expect(phase).toBe("Succeeded"));
    await cluster.podBecomes("bad", ({ phase, containerStatuses }) => {
      expect(phase).toBe("Failed");
      expect(states(containerStatuses)).toEqual(["Completed", "Error"]);
    });
  });

  test("runs init containers first, and keeps sidecars", async () => {
    const initContainers = [
      { name: "setup", image: "example.com/setup:1" },
      { name: "proxy", image: "example.com/proxy:1", restartPolicy: "Always" },
    ];
    await cluster.createPod("prepared", ["example.com/web:1"], { initContainers });
    await cluster.podBecomes("prepared", ({ phase, initContainerStatuses }) => {
      expect(phase).toBe("Running");
      expect(states(initContainerStatuses)).toEqual(["Completed", "Running"]);
    });
    await cluster.createPod("unprepared", ["example.com/web:1"], { initContainers: [{ name: "setup", image: "does-not-exist" }] });
    await cluster.podBecomes("unprepared", ({ phase, initContainerStatuses, containerStatuses }) => {
      expect([phase, ...states(initContainerStatuses), ...states(containerStatuses)]).toEqual([
        "Pending",
        "ImagePullBackOff",
        "PodInitializing",
      ]);
    });
    expect(await conditions("unprepared")).toMatchObject({ Initialized: "False", Ready: "False" });
  });

  test("makes a Pod ready when its readiness gates are open", async () => {
    await cluster.createPod("gates", ["example.com/web:1"], { readinessGates: [{ conditionType: "example.com/ok" }] });
    await cluster.podBecomes("gates", ({ phase }) => expect(phase).toBe("Running"));
    expect(await conditions("gates")).toMatchObject({ Ready: "False", ContainersReady: "True" });
    const status = { conditions: [{ type: "example.com/ok", status: "True" }] };
    await cluster.client.status.patch(POD, { name: "gates" }, "strategic", { status });
    await eventually(async () => expect(await conditions("gates")).toMatchObject({ Ready: "True", "example.com/ok": "True" }));
  });

  test("confirms the deletion of a Pod, and shows that it ended where a finalizer keeps it", async () => {
    await cluster.createPod("leaves", ["example.com/web:1"]);
    await cluster.client.create({
      ...POD,
      metadata: { name: "held", finalizers: ["example.com/hold"] },
      spec: { containers: [{ name: "c0", image: "example.com/web:1" }] },
    });
    for (const name of ["leaves", "held"]) {
      await cluster.podBecomes(name, ({ phase }) => expect(phase).toBe("Running"));
      await cluster.client.delete(POD, { name }, { gracePeriodSeconds: 20 });
    }
    await eventually(async () => expect(await cluster.client.get(POD, { name: "leaves" })).toBeUndefined());
    await eventually(async () => expect(await cluster.reasons("leaves")).toContain("Killing"));
    await cluster.podBecomes("held", ({ phase }) => expect(phase).toBe("Succeeded"));
    await cluster.client.patch(POD, { name: "held" }, "merge", { metadata: { finalizers: null } });
    await eventually(async () => expect(await cluster.client.get(POD, { name: "held" })).toBeUndefined());
  });
});
