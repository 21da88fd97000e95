/**
 * `npm run bench [-- BENCH] [options]`: our operator, cache and webhooks, and their peers, do the same work one after the other; prints tables in
 * Markdown with each figure's ratio to the Go peer's. Needs Go, Python 3 and openssl.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benches, type BenchOptions } from "./benches/index.ts";
import { writePerformance } from "./performance.ts";
import { circumstances, markdownTable } from "./table.ts";

const usage = `npm run bench -- [BENCH] [options]
  BENCH       ${Object.keys(benches).join(", ")}, or all; converge when left out
              document: writes docs/performance.md from the results that are kept
  -n          how much: Memcacheds, objects, reviews, events
  --kind      of cache: Pod, Secret or ConfigMap
  --subjects  which of go, bare, ours (the default), ours-plain (converge, cache: without the start options),
              go-ryw (converge), go-strip (cache), go-direct (webhook)
  --repeat    rounds over all subjects; tables have the medians
  --quiet     seconds to wait at most for an otherwise idle machine, before each subject
  --steady    seconds of converge in which nothing is to be done
  --out       a folder to keep the results in, as JSON`;

/** What `all` runs: the figures of docs/performance.md. */
const everything: readonly (readonly [bench: string, options: Partial<BenchOptions>])[] = [
  ["converge", { n: 10_000 }],
  ["cache", { kind: "Pod", n: 10_000 }],
  ["cache", { kind: "Secret", n: 30_000 }],
  ["cache", { kind: "Pod", n: 100_000 }],
  ["webhook", {}],
  ["queue", {}],
  ["watch", {}],
  ["start", {}],
  ["references", {}],
  ["generate", {}],
  ["soak", {}],
];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: "string", short: "n" },
      kind: { type: "string" },
      subjects: { type: "string" },
      repeat: { type: "string", default: "1" },
      quiet: { type: "string", default: "0" },
      steady: { type: "string", default: "20" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [wanted = "converge"] = positionals;
  if (values.help) {
    console.log(usage);
    return;
  }
  if (wanted === "document") return writePerformance(values.out);
  const chosen: typeof everything = wanted === "all" ? everything : [[wanted, {}]];
  for (const [name, own] of chosen) {
    const options = {
      ...(values.n !== undefined && wanted !== "all" && { n: number("n", values.n) }),
      ...(values.kind !== undefined && { kind: values.kind }),
      ...(values.subjects !== undefined && { subjects: values.subjects.split(",") }),
      repeat: number("repeat", values.repeat),
      quiet: number("quiet", values.quiet),
      steady: number("steady", values.steady),
      ...own,
    };
    await measure(name, options, values.out);
  }
}

async function measure(name: string, options: Omit<BenchOptions, "work">, out: string | undefined): Promise<void> {
  const bench = benches[name];
  if (!bench) throw new Error(`there is no bench ${name}; see --help`);
  const work = await mkdtemp(join(tmpdir(), "kubescaffold-bench-"));
  const report = await bench({ ...options, work });
  console.log(`${circumstances(report)}\n\n${markdownTable(report)}\n`);
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    const file = [name, options.kind, options.n].filter((part) => part !== undefined).join("-");
    await writeFile(join(out, `${file}.json`), `${JSON.stringify(report, undefined, 1)}\n`);
  }
  // When a subject fails, the logs in this folder tell why; so it is removed only here.
  await rm(work, { recursive: true, force: true });
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${option} ${text} is not a whole number`);
  return value;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
