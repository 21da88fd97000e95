/**
 * The embedded API server as a process of its own: `node main.ts --port N --kubeconfig FILE [--crds PATH…]`. Prints one line when it
 * serves, stops on SIGTERM and SIGINT. Code that has been compiled once is kept in the temporary folder, since starting must be quick.
 */
import { enableCompileCache } from "node:module";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

enableCompileCache();
const { EmbeddedCluster, kubeconfigText } = await import("./cluster.ts");

const { values } = parseArgs({
  options: { port: { type: "string" }, kubeconfig: { type: "string" }, crds: { type: "string", multiple: true } },
});
const port = Number(values.port ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`--port ${values.port ?? ""} is not a port; give a number from 0 (any free port) to 65535`);
  process.exit(1);
}
const cluster = await EmbeddedCluster.start({ port, crds: values.crds ?? [] });
if (values.kubeconfig !== undefined) await writeFile(values.kubeconfig, kubeconfigText(cluster.url), { mode: 0o600 });
console.log(`embedded Kubernetes API server on ${cluster.url}, kubeconfig ${values.kubeconfig ?? cluster.kubeconfig}`);

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    void cluster.stop();
  });
}
