import { runProgram } from "../../../generators/program.ts";
import type { KindCluster } from "./cluster.ts";

/** Runs a line of shell on the cluster's control plane, which is its only node, and returns what it prints. Throws when it fails. */
export async function onNode({ name }: KindCluster, script: string): Promise<string> {
  const { code, out, err } = await runProgram("docker", ["exec", `${name}-control-plane`, "sh", "-c", script]);
  if (code !== 0) throw new Error(`${script} (${code ?? "not found"}): ${err}`);
  return out.toString();
}

/** A line of shell that sends a signal to what runs in a pod, and to nothing of its sandbox. */
export function signalTo(uid: string, signal: string): string {
  // systemd's names of groups have no dashes.
  return `for group in $(grep -lE 'pod(${uid}|${uid.replaceAll("-", "_")})' /proc/[0-9]*/cgroup); do
    process=\${group%/cgroup}
    [ "$(cat $process/comm)" = pause ] || kill -${signal} \${process#/proc/}
  done`;
}
