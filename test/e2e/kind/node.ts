import type { KindCluster } from "./cluster.ts";
import { run } from "./run.ts";

/** Runs a line of shell on the cluster's control plane, which is its only node, and returns what it prints. Throws when it fails. */
export function onNode({ name }: KindCluster, script: string): Promise<string> {
  return run("docker", ["exec", `${name}-control-plane`, "sh", "-c", script]);
}

/** A line of shell that does something with each process of a pod, `$process` being its folder in /proc, and with nothing of its sandbox. */
export function forProcesses(uid: string, command: string): string {
  // systemd's names of groups have no dashes.
  return `for group in $(grep -lE 'pod(${uid}|${uid.replaceAll("-", "_")})' /proc/[0-9]*/cgroup); do
    process=\${group%/cgroup}
    [ "$(cat $process/comm)" = pause ] || ${command}
  done`;
}

/** A line of shell that sends a signal to what runs in a pod. */
export function signalTo(uid: string, signal: string): string {
  return forProcesses(uid, `kill -${signal} \${process#/proc/}`);
}
