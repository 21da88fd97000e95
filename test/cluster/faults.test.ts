/** The runs of test/faults on a real kube-apiserver: fewer of them, for each costs more. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestCluster } from "@kubescaffold/runtime/testing";
import { runCrashes, runSeeds, seeds, startCluster, SUBJECTS } from "../faults/suite.ts";

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(() => cluster.stop());

test("an operator between faults comes to the same end as an undisturbed one", async () => {
  await runSeeds(cluster, seeds(10));
}, 600_000);

test.each(SUBJECTS)(
  "killed before and after every third write, the operator of $name comes to the same end",
  async (subject) => {
    expect(await runCrashes(cluster, subject, 3)).toBeGreaterThan(5);
  },
  600_000,
);
