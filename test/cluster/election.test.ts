import { afterAll, beforeAll, test } from "@jest/globals";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { probesOfABlockedOperator } from "../runtime/manager/blocked-operator.ts";
import { rivals } from "../runtime/manager/rivals.ts";
import { connect } from "../../runtime/client/index.ts";

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await ControlPlane.start();
}, 600_000);
afterAll(() => cluster.stop());

test("a leader whose event loop was blocked leads on, or ends without another write: two never write at the same time", async () => {
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  await connection.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "rivals" } });
  await rivals(cluster.kubeconfig, "rivals");
}, 120_000);

test("a blocked event loop fails every probe, which says what was being reconciled, and so does one line a time", async () => {
  await probesOfABlockedOperator(cluster.kubeconfig);
}, 60_000);
