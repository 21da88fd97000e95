import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import type { Endpoint } from "../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
import { AggregatedServer } from "../runtime/testing/embedded/aggregated-server.ts";
import { AGGREGATION } from "./fidelity/aggregation.ts";
import { Side } from "./fidelity/side.ts";

/** Both servers get the same APIServices and requests: what the aggregated server is asked and what clients are answered is the same. */
describe("the embedded API server aggregates others as kube-apiserver does", () => {
  let real: ControlPlane;
  let embedded: EmbeddedCluster;
  let endpoints: readonly [Endpoint, Endpoint];
  beforeAll(async () => {
    [real, embedded] = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
    endpoints = [await readKubeconfig(real.kubeconfig), { url: embedded.url }];
  }, 120_000);
  afterAll(() => Promise.all([real.stop(), embedded.stop()]));

  test.each(Object.keys(AGGREGATION))(
    "%s",
    async (name) => {
      const index = Object.keys(AGGREGATION).indexOf(name);
      const namespace = `aggregation-${index}`;
      const group = `g${index}.example.com`;
      const sides = endpoints.map((endpoint) => new Side(endpoint, namespace));
      await Promise.all(
        sides.map(async (side) => {
          const server = await AggregatedServer.start(namespace, group);
          try {
            await side.send("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
            await AGGREGATION[name]?.(side, server, group);
          } finally {
            await server.stop();
          }
        }),
      );
      const [wanted, actual] = sides;
      expect(wanted?.log.length).toBeGreaterThan(0);
      expect(actual?.log).toEqual(wanted?.log);
    },
    90_000,
  );
});
