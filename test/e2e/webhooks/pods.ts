import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { KindCluster } from "../kind/cluster.ts";
import { onNode, signalTo } from "../kind/node.ts";

/** The certificate that a pod of a Deployment serves webhooks with, by its fingerprint. */
export async function servedCertificate(
  { kubeconfig }: KindCluster,
  { namespace, name }: { namespace: string; name: string },
): Promise<string> {
  const forward = spawn("kubectl", ["--kubeconfig", kubeconfig, "-n", namespace, "port-forward", `deployment/${name}`, ":webhook-server"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(forward, "exit");
  try {
    const [text] = (await Promise.race([once(forward.stdout, "data"), ended])) as [unknown];
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(String(text)) ?? [];
    if (port === undefined) throw new Error(`kubectl port-forward: ${String(text)}`);
    const socket = connect({ host: "127.0.0.1", port: Number(port), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  } finally {
    forward.kill("SIGTERM");
    await ended;
  }
}

/** Kills what runs in pods, as the kernel does that is out of memory: nothing of it is told before. */
export async function killProcesses(cluster: KindCluster, pods: readonly IPod[]): Promise<void> {
  for (const { metadata } of pods) await onNode(cluster, signalTo(metadata?.uid ?? "", "KILL"));
}
