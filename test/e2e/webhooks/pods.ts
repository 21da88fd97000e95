import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:tls";
import type { IPod } from "kubernetes-models/v1/Pod";
import { runProgram } from "../../../generators/program.ts";
import type { KindCluster } from "../kind/cluster.ts";

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

/** Kills what runs in pods, as the kernel does that is out of memory: nothing of it is told before. What holds their sandboxes is left. */
export async function killProcesses(pods: readonly IPod[]): Promise<void> {
  for (const { metadata, spec } of pods) {
    const uid = metadata?.uid ?? "";
    // systemd's names of groups have no dashes.
    const script = `for group in $(grep -lE 'pod(${uid}|${uid.replaceAll("-", "_")})' /proc/[0-9]*/cgroup); do
      process=\${group%/cgroup}
      [ "$(cat $process/comm)" = pause ] || kill -KILL \${process#/proc/}
    done`;
    const { code, err } = await runProgram("docker", ["exec", spec?.nodeName ?? "", "sh", "-c", script]);
    if (code !== 0) throw new Error(`the processes of ${metadata?.name ?? ""} could not be killed: ${err}`);
  }
}
