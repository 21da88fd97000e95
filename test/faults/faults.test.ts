/** Operators between faults. README.md says what is done to them, and how to replay a run. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestCluster } from "@kubescaffold/runtime/testing";
import { runCrashes, runSeeds, seeds, startCluster, SUBJECTS } from "./suite.ts";

const unexpected: unknown[] = [];
const note = (error: unknown) => void unexpected.push(error);
let cluster: TestCluster;

beforeAll(async () => {
  process.on("unhandledRejection", note).on("uncaughtException", note);
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster.stop();
  process.off("unhandledRejection", note).off("uncaughtException", note);
});

test("whatever happens to its connections, its clock and its lease, an operator comes to the same end, and writes nothing in vain", async () => {
  await runSeeds(cluster, seeds(60));
  expect(unexpected).toEqual([]);
}, 3_600_000);

test.each(SUBJECTS)(
  "killed before and after any write, the operator of $name comes to the same end",
  async (subject) => {
    expect(await runCrashes(cluster, subject)).toBeGreaterThan(5);
    expect(unexpected).toEqual([]);
  },
  600_000,
);
