import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "..", "artifacts");

/** Figures of one run, as a table for docs/performance.md. */
export class Figures {
  readonly #rows: [string, string][] = [];

  add(what: string, value: number, digits: number): number {
    this.#rows.push([what, value.toFixed(digits)]);
    return value;
  }

  /** Prints the table, and writes it beside what failed tests leave. */
  print(): void {
    const [cpu] = cpus();
    const machine = `${availableParallelism()} × ${cpu?.model ?? "unknown"}; Node ${process.versions.node}`;
    const rows = this.#rows.map(([what, value]) => `| ${what} | ${value} |`);
    const text = [machine, "", "| memcached operator on kind | ours |", "| --- | --: |", ...rows, ""].join("\n");
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, "figures.md"), text);
    process.stdout.write(`\n${text}\n`);
  }
}
