import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { loadavg } from "node:os";
import { join } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { connect, unstructured, type Client } from "../../../runtime/index.ts";
import { ControlPlane, installCrds, readManifests } from "../../../runtime/testing/index.ts";
import { bareNode, buildPeers, ours, type Program } from "../programs.ts";
import { machine, today, versions, type Measured, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const NAMESPACE = "default";
const ROUNDS = 5;

/** From the start of the process until the Deployment of the one Memcached that there is has been seen: that is the first reconcile and its write. */
export async function start({ work, repeat }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const peers = await buildPeers();
  const subjects: Readonly<Record<string, Program>> = {
    go: [join(peers, "operator")],
    bare: bareNode("operator"),
    ours: await ours("operator", work),
    "ours-unbundled": [process.execPath, join(import.meta.dirname, "..", "subjects", "operator.ts")],
  };
  const results: Measured[] = [];
  await using cluster = await ControlPlane.start();
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const { client } = connection;
  await installCrds(client, await readManifests([join(import.meta.dirname, "..", "peers", "memcached-crd.yaml")]));
  await client.create({ ...Memcached, metadata: { namespace: NAMESPACE, name: "first" }, spec: { size: 1 } });
  for (let round = 0; round < ROUNDS * repeat; round++) {
    for (const [subject, program] of Object.entries(subjects)) {
      results.push({ subject, ...(await startOnce(program, cluster.kubeconfig, client, join(work, `${subject}.log`))) });
      await client.delete(Deployment, { namespace: NAMESPACE, name: "first" });
    }
  }
  const head = { bench: "start", size: "1 Memcached", date: today(), machine: machine(), loadBefore, versions: versions() };
  return { ...head, subjects: Object.keys(subjects), results };
}

async function startOnce(
  [command, ...args]: Program,
  KUBECONFIG: string,
  client: Client,
  log: string,
): Promise<{ readyMs: number; firstWriteMs: number }> {
  const watching = new AbortController();
  const seen = firstDeployment(client, watching.signal);
  const began = performance.now();
  const child = spawn(command, args, { env: { ...process.env, KUBECONFIG }, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pipe(createWriteStream(log, { flags: "a" }));
  const ready = once(createInterface(child.stdout), "line").then(() => performance.now() - began);
  const written = seen.then(() => performance.now() - began);
  const exit = once(child, "exit");
  const died = exit.then(([code, signal]: unknown[]) => {
    throw new Error(`${command} ended with ${String(code ?? signal)} before it had reconciled`);
  });
  try {
    const [readyMs, firstWriteMs] = await Promise.race([Promise.all([ready, written]), died]);
    return { readyMs, firstWriteMs };
  } finally {
    watching.abort();
    died.catch(() => undefined);
    child.kill();
    await exit;
  }
}

async function firstDeployment(client: Client, signal: AbortSignal): Promise<void> {
  for await (const { type } of client.watch(Deployment, { namespace: NAMESPACE, signal })) {
    if (type === "ADDED") return;
  }
  throw new Error("the watch of the Deployments ended");
}
