import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { ours, run } from "../programs.ts";
import { machine, today, versions, type Measured, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

/** Changes of 2 kB that an informer hands to its handler, from a server that sends them as fast as it can. */
export async function watch({ work, n = 500_000, repeat }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const reader = await ours("watch", work);
  const events = Math.ceil(n / 1000) * 1000;
  const results: Measured[] = [];
  for (let round = 0; round < repeat; round++) {
    results.push({
      subject: "ours",
      events,
      counting: await deliver(events, false, reader, work),
      reading: await deliver(events, true, reader, work),
    });
  }
  const size = `${events.toLocaleString("en-US")} events of 2,000 bytes`;
  return { bench: "watch", size, date: today(), machine: machine(), loadBefore, versions: versions(), subjects: ["ours"], results };
}

async function deliver(events: number, reads: boolean, reader: Awaited<ReturnType<typeof ours>>, work: string): Promise<object> {
  const [TLS_CERT_FILE, TLS_KEY_FILE] = [join(work, "tls.crt"), join(work, "tls.key")];
  const request = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  ];
  await run(["openssl", ...request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", TLS_KEY_FILE, "-out", TLS_CERT_FILE]);
  const environment = { BENCH_EVENTS: String(events), BENCH_READS: String(reads), TLS_CERT_FILE, TLS_KEY_FILE };
  const server = spawn(process.execPath, [join(import.meta.dirname, "..", "feed.ts")], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(createInterface(server.stdout), "line")) as [string];
    const KUBECONFIG = join(work, "feed.kubeconfig");
    await writeFile(
      KUBECONFIG,
      stringify({
        "current-context": "feed",
        contexts: [{ name: "feed", context: { cluster: "feed" } }],
        clusters: [{ name: "feed", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": TLS_CERT_FILE } }],
      }),
    );
    const output = await run(reader, { environment: { ...environment, KUBECONFIG }, returns: true });
    const { seconds, cpuSeconds } = JSON.parse(output) as { seconds: number; cpuSeconds: number };
    return { perSecond: events / seconds, perCpuSecond: events / cpuSeconds };
  } finally {
    server.kill();
    await once(server, "exit");
  }
}
