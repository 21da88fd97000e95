import { cpus, release, totalmem } from "node:os";
import { execFileSync } from "node:child_process";

/** What a bench has measured: what `peers/bench.py --out` writes, and the benches here too. */
export interface Report {
  readonly bench: string;
  /** The size of the run, for the head of the table: `10,000 Pods`. */
  readonly size: string;
  readonly date: string;
  readonly machine: { readonly cpus: number; readonly cpu: string; readonly memoryGiB: number; readonly kernel: string };
  /** The load of the machine in the minute before. */
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
  /** In the order of the table; the first one is the yardstick. */
  readonly subjects: readonly string[];
  readonly results: readonly Measured[];
}

/** The figures of one run of one subject, in groups. */
export interface Measured {
  readonly subject: string;
  readonly [figure: string]: unknown;
}

export function machine(): Report["machine"] {
  const [first] = cpus();
  return { cpus: cpus().length, cpu: first?.model ?? "unknown", memoryGiB: Math.floor(totalmem() / 2 ** 30), kernel: release() };
}

export function versions(): Record<string, string> {
  const go = execFileSync("go", ["version"], { encoding: "utf8" }).split(" ")[2] ?? "";
  return { node: `Node ${process.versions.node}`, go: go.replace(/^go/, "Go ") };
}

export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
