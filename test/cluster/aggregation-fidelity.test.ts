import { describe, test } from "@jest/globals";
import { AggregatedServer } from "../runtime/testing/embedded/aggregated-server.ts";
import { AGGREGATION } from "./fidelity/aggregation.ts";
import { BothServers } from "./fidelity/both.ts";

/** Both servers get the same APIServices and requests: what the aggregated server is asked and what clients are answered is the same. */
describe("the embedded API server aggregates others as kube-apiserver does", () => {
  const both = BothServers.forTests();

  test.each(Object.keys(AGGREGATION))(
    "%s",
    async (name) => {
      const index = Object.keys(AGGREGATION).indexOf(name);
      const namespace = `aggregation-${index}`;
      const group = `g${index}.example.com`;
      await both.expectSame(namespace, async (side) => {
        const server = await AggregatedServer.start(namespace, group);
        try {
          await AGGREGATION[name]?.(side, server, group);
        } finally {
          await server.stop();
        }
      });
    },
    90_000,
  );
});
