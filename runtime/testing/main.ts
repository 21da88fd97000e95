/**
 * The embedded cluster as a process of its own: API server, and workloads that become ready.
 *
 *   node main.ts --kubeconfig FILE [--port N] [--crds PATH…] [--pod-start-delay 300ms]
 */
import { copyFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { EmbeddedCluster } from "./embedded/index.ts";
import { Workloads } from "./workloads/index.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    kubeconfig: { type: "string" },
    crds: { type: "string", multiple: true, default: [] },
    "pod-start-delay": { type: "string", default: "5ms" },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port ${values.port} is no port; give a number from 0 (any free port) to 65535\n`);
  process.exit(1);
}

const cluster = await EmbeddedCluster.start({ port, crds: values.crds });
const workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, podStartDelay: values["pod-start-delay"] });
if (values.kubeconfig !== undefined) await copyFile(cluster.kubeconfig, values.kubeconfig);
process.stdout.write(`serving on ${cluster.url}, kubeconfig ${values.kubeconfig ?? cluster.kubeconfig}\n`);

let stopping = false;
const stop = () => {
  if (stopping) process.exit(1); // asked twice
  stopping = true;
  void workloads.stop().then(() => cluster.stop());
};
process.on("SIGTERM", stop).on("SIGINT", stop);
