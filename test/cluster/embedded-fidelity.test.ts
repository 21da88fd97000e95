import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import type { Endpoint } from "../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
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
});
