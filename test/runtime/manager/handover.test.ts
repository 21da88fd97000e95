import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { join } from "node:path";
import { Manager } from "../../../runtime/manager/index.ts";
import { eventually, operatorKubeconfig, startTestCluster, type TestCluster } from "../../../runtime/testing/index.ts";
import { recorder } from "../recorder.ts";

const rbac = join(import.meta.dirname, "../../../examples/memcached-operator/config/rbac");

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTestCluster();
}, 600_000);
afterEach(() => cluster.stop());

test("a candidate with the access rules of a scaffolded operator leads as soon as the leader has given the lease up", async () => {
  const kubeconfig = await operatorKubeconfig(cluster, rbac);
  // Longer than this test may take: it is not by asking from time to time that the second knows.
  const times = { leaseDuration: "1h", renewDeadline: "50m", retryPeriod: "40m" };
  const candidate = async (identity: string) => {
    const { log, lines } = recorder();
    const leaderElection = { id: "handover", identity, ...times };
    const manager = await Manager.create({ kubeconfig, log, leaderElection, metrics: false });
    return { manager, started: manager.start(), said: () => JSON.stringify(lines) };
  };
  const first = await candidate("first");
  await first.started;
  const second = await candidate("second");
  await eventually(() => expect(second.said()).toContain('"holder":"first"'));
  await first.manager.stop();
  await second.started;
  expect(second.said()).toContain("successfully acquired lease");
  await second.manager.stop();
});
