import { afterAll, beforeAll, expect } from "@jest/globals";
import { ControlPlane } from "../../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../../runtime/testing/controlplane/kubeconfig.ts";
import type { Endpoint } from "../../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../../runtime/testing/embedded/index.ts";
import { Side } from "./side.ts";

/** A real API server and the embedded one, for the tests of a block. */
export class BothServers {
  #clusters: readonly [ControlPlane, EmbeddedCluster] | undefined;

  /** To be called in the block itself: they start before its tests and stop after them. */
  static forTests(): BothServers {
    const both = new BothServers();
    beforeAll(async () => {
      both.#clusters = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
    }, 120_000);
    afterAll(() => Promise.all(both.clusters.map((cluster) => cluster.stop())));
    return both;
  }

  /** The real one first. */
  get clusters(): readonly [ControlPlane, EmbeddedCluster] {
    if (this.#clusters === undefined) throw new Error("the servers have not started");
    return this.#clusters;
  }

  /** Plays the same on both, in a namespace of its own, and expects the same answers. @param play told on which side it is: 0 is the real one */
  async expectSame(namespace: string, play: (side: Side, index: number) => Promise<unknown>): Promise<void> {
    const [real, embedded] = this.clusters;
    const endpoints: Endpoint[] = [await readKubeconfig(real.kubeconfig), { url: embedded.url }];
    const sides = endpoints.map((endpoint) => new Side(endpoint, namespace));
    await Promise.all(
      sides.map(async (side, index) => {
        await side.send("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
        await play(side, index);
      }),
    );
    const [wanted, actual] = sides;
    expect(wanted?.log.length).toBeGreaterThan(0);
    expect(actual?.log).toEqual(wanted?.log);
  }
}
