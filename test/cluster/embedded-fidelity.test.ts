import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlane, findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import type { Endpoint } from "../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
import { runKubectl } from "./fidelity/kubectl.ts";
import { SCENARIOS } from "./fidelity/scenarios.ts";
import { Side } from "./fidelity/side.ts";

/** The same requests go to the embedded API server and to a real kube-apiserver: what they answer is the same, or listed in DIFFERENCES.md. */
describe("the embedded API server answers as kube-apiserver does", () => {
  let real: ControlPlane;
  let embedded: EmbeddedCluster;
  let endpoints: readonly [Endpoint, Endpoint];
  beforeAll(async () => {
    [real, embedded] = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
    endpoints = [await readKubeconfig(real.kubeconfig), { url: embedded.url }];
  }, 120_000);
  afterAll(() => Promise.all([real.stop(), embedded.stop()]));

  test.each(Object.keys(SCENARIOS))(
    "%s",
    async (name) => {
      const namespace = `fidelity-${Object.keys(SCENARIOS).indexOf(name)}`;
      const sides = endpoints.map((endpoint) => new Side(endpoint, namespace));
      await Promise.all(
        sides.map(async (side) => {
          await side.send("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
          await SCENARIOS[name]?.(side);
        }),
      );
      const [wanted, actual] = sides;
      expect(wanted?.log.length).toBeGreaterThan(0);
      expect(actual?.log).toEqual(wanted?.log);
    },
    60_000,
  );

  test("kubectl", async () => {
    const { kubectl = "kubectl" } = await findBinaries();
    const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "kubescaffold-fidelity-"))));
    try {
      const [wanted, actual] = await Promise.all(
        [real, embedded].map((cluster, index) => runKubectl(kubectl, cluster.kubeconfig, folders[index] ?? "", "fidelity-kubectl")),
      );
      expect(actual).toEqual(wanted);
    } finally {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
    }
  }, 180_000);
});
