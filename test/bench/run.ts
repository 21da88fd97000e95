/**
 * `npm run bench [-- options]`: our operator, the Go peer and the bare Node peer do the same work, one after the other, each on a
 * fresh control plane; prints a table in Markdown with each figure's ratio to the Go peer's. Needs Go, Python 3 and openssl.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { markdownTable, type Report } from "./table.ts";

const usage = `npm run bench -- [-n 2000] [--repeat 1] [--subjects go,bare,ours] [--quiet 0] [--steady 20] [--out FILE]
  -n          Memcacheds
  --repeat    rounds over all subjects; the table has the medians
  --subjects  which of go, go-ryw (reads its own writes), bare, ours
  --quiet     seconds to wait at most for an otherwise idle machine, before each subject
  --steady    seconds in which nothing is to be done
  --out       keeps the results as JSON`;

const here = import.meta.dirname;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      n: { type: "string", short: "n", default: "2000" },
      repeat: { type: "string", default: "1" },
      subjects: { type: "string", default: "go,bare,ours" },
      quiet: { type: "string", default: "0" },
      steady: { type: "string", default: "20" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const wanted = values.subjects.split(",");
  const work = await mkdtemp(join(tmpdir(), "kubescaffold-bench-"));
  const out = values.out ?? join(work, "converge.json");
  const commands = await commandsOf(wanted);
  await run(
    "python3",
    [
      join(here, "peers", "bench.py"),
      "converge",
      ...["-n", values.n, "--repeat", values.repeat, "--quiet", values.quiet, "--steady", values.steady],
      ...["--out", out, "--work", work],
      ...wanted.flatMap((name) => ["--subject", `${name}=${commands[name] ?? ""}`]),
    ],
    here,
    { KUBEBUILDER_ASSETS: (await findBinaries()).folder },
  );
  console.log(markdownTable(JSON.parse(await readFile(out, "utf8")) as Report));
  // When a subject fails, the logs in this folder tell why; so it is removed only here.
  await rm(work, { recursive: true, force: true });
}

/** The command line of each subject; builds the Go peer when it is wanted. */
async function commandsOf(wanted: readonly string[]): Promise<Record<string, string>> {
  const go = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubescaffold", "bench", "operator");
  const commands: Record<string, string> = {
    go,
    "go-ryw": `${go} --read-your-writes`,
    bare: `${process.execPath} --max-semi-space-size=1 ${join(here, "peers", "bare-node", "operator.mjs")}`,
    ours: `${process.execPath} ${join(here, "subjects", "operator.ts")}`,
  };
  const unknown = wanted.filter((name) => !(name in commands));
  if (unknown.length > 0) {
    throw new Error(`No subject ${unknown.join(", ")}; there are ${Object.keys(commands).join(", ")}`);
  }
  if (wanted.some((name) => name.startsWith("go"))) {
    await mkdir(join(go, ".."), { recursive: true });
    await run(
      "go",
      ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", go, "./cmd/operator"],
      join(here, "peers", "controller-runtime"),
      {
        CGO_ENABLED: "0",
      },
    );
  }
  return commands;
}

/** Runs a program whose output goes to standard error, so that standard output has the table alone. */
async function run(command: string, args: readonly string[], folder: string, environment: Record<string, string>): Promise<void> {
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...environment }, stdio: ["ignore", 2, 2] });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => child.kill(signal));
  }
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code !== 0) {
    throw new Error(`${command} ended with ${code ?? signal ?? "nothing"}, see above`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
