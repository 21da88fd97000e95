import { expect, test } from "@jest/globals";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { rivals } from "../runtime/manager/rivals.ts";

test("on a real API server a leader whose event loop was blocked leads on, or ends without another write", async () => {
  await using cluster = await ControlPlane.start();
  await rivals(cluster.kubeconfig, "default");
  expect.hasAssertions();
}, 600_000);
