import { test } from "@jest/globals";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { rivals } from "./rivals.ts";

test("a leader whose event loop was blocked leads on, or ends without another write: two never write at the same time", async () => {
  await using cluster = await EmbeddedCluster.start();
  await rivals(cluster.kubeconfig, "default");
}, 120_000);
