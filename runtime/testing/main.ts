/**
 * The embedded cluster as a process of its own: the API server, and workloads whose pods become ready.
 *
 *   node main.ts [--port N] [--kubeconfig FILE] [--crds PATH…] [--no-workloads] [--pod-start-delay 300ms]
 *
 * Prints one line when it serves; ends on SIGTERM and SIGINT. Code that was compiled once is kept in the temporary folder, for starting
 * must be quick.
 */
import { copyFile } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { parseArgs } from "node:util";
import type { Workloads } from "./workloads/index.ts";

enableCompileCache();
const { EmbeddedCluster } = await import("./embedded/index.ts");

const { values } = parseArgs({
  allowNegative: true,
  options: {
    port: { type: "string", default: "0" },
    kubeconfig: { type: "string" },
    crds: { type: "string", multiple: true, default: [] },
    workloads: { type: "boolean", default: true },
    "pod-start-delay": { type: "string", default: "5ms" },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port ${values.port} is not a port; give a number from 0 (any free port) to 65535\n`);
  process.exit(1);
}

const cluster = await EmbeddedCluster.start({ port, crds: values.crds });
const workloads = values.workloads ? await startWorkloads(cluster.kubeconfig) : undefined;
if (values.kubeconfig !== undefined) await copyFile(cluster.kubeconfig, values.kubeconfig);
process.stdout.write(`serving on ${cluster.url}, kubeconfig ${values.kubeconfig ?? cluster.kubeconfig}\n`);

let stopping = false;
const stop = async () => {
  if (stopping) process.exit(1); // asked twice
  stopping = true;
  await workloads?.stop();
  await cluster.stop();
};
process.on("SIGTERM", () => void stop()).on("SIGINT", () => void stop());

async function startWorkloads(kubeconfig: string): Promise<Workloads> {
  const { Workloads: simulation } = await import("./workloads/index.ts");
  return simulation.start({ kubeconfig, podStartDelay: values["pod-start-delay"] });
}
