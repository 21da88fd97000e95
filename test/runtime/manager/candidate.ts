/**
 * An operator in a process of its own, whose event loop can be blocked for real: it writes into a ConfigMap all the time. The first argument
 * is its settings as JSON; a message `{ block }` blocks it for so many milliseconds in the middle of its next reconcile, right before its
 * write. It tells its ports, and when it is awake again.
 */
import { done, Manager, unstructured, type ManagerOptions } from "../../../runtime/index.ts";

export interface CandidateSettings extends Pick<ManagerOptions, "leaderElection" | "healthProbe"> {
  kubeconfig: string;
  namespace: string;
  identity: string;
}

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });

const { namespace, identity, ...options } = JSON.parse(process.argv[2] ?? "{}") as CandidateSettings;
let block = 0;
process.on("message", (message: { block: number }) => (block = message.block));
const orphaned = () => process.exit(2);
process.once("disconnect", orphaned);

const manager = await Manager.create({ namespaces: [namespace], ...options });
let written = 0;
manager.controller(ConfigMap).reconcileWith({
  async reconcile({ metadata }, { client }) {
    if (metadata.name !== "written") return done();
    await client.live.get(ConfigMap, { namespace, name: "written" });
    if (block > 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, block);
      block = 0;
      process.send?.("awake");
    }
    const data = { by: identity, count: String(++written) };
    await client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: "written" }, data });
    return { requeueAfter: 5 };
  },
});
manager.add({ runsWithoutLeading: true, start: () => Promise.resolve(void process.send?.(manager.ports)) });
await manager.run();
process.off("disconnect", orphaned).disconnect();
