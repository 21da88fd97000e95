import { createServer, type AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findBinaries } from "../../../runtime/testing/controlplane/index.ts";
import { bareNode, buildPeers, ours, oursPlain, run, type Program } from "../programs.ts";
import { versions, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

/** Objects from nothing to their desired state, an update of all, a restart: on a real control plane. */
export async function converge(options: BenchOptions): Promise<Report> {
  const peers = await buildPeers();
  const subjects = {
    go: [join(peers, "operator")],
    "go-ryw": [join(peers, "operator"), "--read-your-writes"],
    bare: bareNode("operator"),
    ours: await ours("operator", options.work),
    "ours-plain": await oursPlain("operator", options.work),
  } satisfies Record<string, Program>;
  const n = options.n ?? 10_000;
  const args = ["-n", String(n), "--steady", String(options.steady)];
  return drive("converge", `${count(n)} Memcacheds`, chosen(subjects, options), args, options);
}

/** Memory and time to keep all objects of a kind. */
export async function cache(options: BenchOptions): Promise<Report> {
  const peers = await buildPeers();
  const go: Program = [join(peers, "cache"), "--kind", "{kind}"];
  const subjects = {
    go,
    "go-strip": [...go, "--strip-managed-fields"],
    bare: bareNode("cache", ["--expose-gc"]),
    ours: await ours("cache", options.work, ["--expose-gc"]),
    "ours-plain": await oursPlain("cache", options.work, ["--expose-gc"]),
  } satisfies Record<string, Program>;
  const { kind = "Pod", n = 10_000 } = options;
  return drive("cache", `${count(n)} ${kind}s`, chosen(subjects, options), ["-n", String(n), "--kind", kind], options);
}

/** Admission reviews: how many a second, how quick, at what cost. */
export async function webhook(options: BenchOptions): Promise<Report> {
  const peers = await buildPeers();
  const places = ["--cert", "{cert}", "--key", "{key}", "--port", "{port}"];
  const subjects = {
    go: [join(peers, "webhook"), ...places],
    "go-direct": [join(peers, "webhook"), "--patch", "direct", ...places],
    bare: [...bareNode("webhook"), "{cert}", "{key}", "{port}"],
    ours: [...(await ours("webhook", options.work)), ...places],
  } satisfies Record<string, Program>;
  const n = options.n ?? 20_000;
  const args = ["-n", String(n), "--loadgen", join(peers, "loadgen"), "--port", String(await freePort())];
  return drive("webhook", `${count(n)} reviews`, chosen(subjects, options), args, options);
}

async function drive(
  bench: string,
  size: string,
  subjects: Readonly<Record<string, Program>>,
  args: readonly string[],
  options: BenchOptions,
): Promise<Report> {
  const out = join(options.work, `${bench}.json`);
  const common = ["--repeat", String(options.repeat), "--quiet", String(options.quiet), "--out", out, "--work", options.work];
  const ports = bench === "webhook" ? [] : ["--api-port", String(await freePort()), "--etcd-port", String(await freePort(2))];
  const named = Object.entries(subjects).flatMap(([name, program]) => ["--subject", `${name}=${program.join(" ")}`]);
  const driver = join(import.meta.dirname, "..", "peers", "bench.py");
  const environment = { KUBEBUILDER_ASSETS: (await findBinaries()).folder };
  await run(["python3", driver, bench, ...common, ...ports, ...args, ...named], { environment });
  const report = JSON.parse(await readFile(out, "utf8")) as Report;
  return { ...report, size, versions: { ...report.versions, ...versions() } };
}

/** The subjects that are asked for, the Go peer first: it is the yardstick. */
function chosen(all: Readonly<Record<string, Program>>, { subjects = ["go", "bare", "ours"] }: BenchOptions): Record<string, Program> {
  const unknown = subjects.filter((name) => !(name in all));
  if (unknown.length > 0) throw new Error(`no subject ${unknown.join(", ")}; there are ${Object.keys(all).join(", ")}`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => subjects.includes(name)));
}

/** A port that is free, with as many after it. */
async function freePort(several = 1): Promise<number> {
  for (;;) {
    const first = await listenOnce(0);
    const next = Array.from({ length: several - 1 }, (_, index) => listenOnce((first ?? 0) + index + 1));
    const free = await Promise.all(next);
    if (first !== undefined && !free.includes(undefined)) return first;
  }
}

function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: own } = server.address() as AddressInfo;
      server.close(() => resolve(own));
    });
  });
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
