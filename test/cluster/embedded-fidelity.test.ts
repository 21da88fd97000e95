import { describe, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { BothServers } from "./fidelity/both.ts";
import { runKubectl } from "./fidelity/kubectl.ts";
import { SCENARIOS } from "./fidelity/scenarios.ts";

/** The same requests go to the embedded API server and to a real kube-apiserver: what they answer is the same, or listed in DIFFERENCES.md. */
describe("the embedded API server answers as kube-apiserver does", () => {
  const both = BothServers.forTests();

  test.each(Object.keys(SCENARIOS))(
    "%s",
    async (name) => {
      await both.expectSame(`fidelity-${Object.keys(SCENARIOS).indexOf(name)}`, async (side) => SCENARIOS[name]?.(side));
    },
    60_000,
  );

  test("kubectl", async () => {
    const { kubectl = "kubectl" } = await findBinaries();
    const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "kubescaffold-fidelity-"))));
    try {
      const [wanted, actual] = await Promise.all(
        both.clusters.map((cluster, index) => runKubectl(kubectl, cluster.kubeconfig, folders[index] ?? "", "fidelity-kubectl")),
      );
      expect(actual).toEqual(wanted);
    } finally {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
    }
  }, 180_000);
});
