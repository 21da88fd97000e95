import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { createInterface } from "node:readline";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Secret } from "kubernetes-models/v1/Secret";
import { connect, type Client } from "../../../runtime/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { ours, type Program } from "../programs.ts";
import { machine, today, versions, type Measured, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

const NAMESPACE = "default";
const AT_ONCE = 50;
const BYTES = 1500;
/** What an operator refers to, by the name of the subject. */
const SUBJECTS = { none: "0", "ten-referenced": "10", "all-cached": "all" };

/** What it costs an operator to read ten Secrets among many, beside one that reads none, and one that caches all. */
export async function references({ work, n = 30_000, repeat }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  await using cluster = await EmbeddedCluster.start();
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  await fill(connection.client, n);
  const program = await ours("references", work, ["--expose-gc"]);
  const results: Measured[] = [];
  for (let round = 0; round < repeat; round++) {
    for (const [subject, wanted] of Object.entries(SUBJECTS)) {
      results.push({ subject, ...(await memoryOf(program, { KUBECONFIG: cluster.kubeconfig, BENCH_REFERENCES: wanted })) });
    }
  }
  const size = `${n.toLocaleString("en-US")} Secrets`;
  const head = { bench: "references", size, date: today(), machine: machine(), loadBefore, versions: versions() };
  return { ...head, subjects: Object.keys(SUBJECTS), results };
}

async function fill(client: Client, n: number): Promise<void> {
  const data = { value: Buffer.alloc((BYTES * 3) / 4, "x").toString("base64") };
  let next = 0;
  const create = async () => {
    while (next < n) {
      const name = `secret-${next++}`;
      await client.create(new Secret({ metadata: { namespace: NAMESPACE, name }, data }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, create));
  await client.create(new ConfigMap({ metadata: { namespace: NAMESPACE, name: "owner" } }));
}

async function memoryOf([command, ...args]: Program, environment: Record<string, string>): Promise<object> {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  try {
    for await (const line of createInterface(child.stdout)) return JSON.parse(line) as object;
    throw new Error("the operator ended before it had read what it refers to");
  } finally {
    child.kill();
    await exit;
  }
}
