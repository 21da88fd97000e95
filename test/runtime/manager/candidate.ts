/**
 * A candidate for a lease in a process of its own, which can be blocked for real: while it leads it writes into a ConfigMap all the time.
 * The first argument is its settings as JSON; a message `{ block }` blocks it in the middle of its next reconcile, right before its write.
 */
import { done, Manager, unstructured } from "../../../runtime/index.ts";

export interface CandidateSettings {
  kubeconfig: string;
  namespace: string;
  identity: string;
  leaseDuration: string;
  renewDeadline: string;
  retryPeriod: string;
}

const { kubeconfig, ...election } = JSON.parse(process.argv[2] ?? "{}") as CandidateSettings;
let block = 0;
process.on("message", (message: { block: number }) => (block = message.block));
const orphaned = () => process.exit(2);
process.once("disconnect", orphaned);

const manager = await Manager.create({ kubeconfig, namespaces: [election.namespace], leaderElection: { id: "test", ...election } });
let written = 0;
manager.controller(unstructured({ apiVersion: "v1", kind: "ConfigMap" })).reconcileWith({
  async reconcile({ metadata }, { client }) {
    if (metadata.name !== "written") return done();
    await client.live.get(unstructured({ apiVersion: "v1", kind: "ConfigMap" }), { namespace: election.namespace, name: "written" });
    if (block > 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block);
      block = 0;
      process.send?.("awake");
    }
    const data = { by: election.identity, count: String(++written) };
    await client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: election.namespace, name: "written" }, data });
    return { requeueAfter: 5 };
  },
});
await manager.run();
process.off("disconnect", orphaned).disconnect();
