import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { machine, today, type Report } from "../../bench/report.ts";
import { circumstances, markdownTable } from "../../bench/table.ts";

const FOLDER = join(import.meta.dirname, "..", "artifacts");

/** Figures of one run, as a report for docs/performance.md. */
export class Figures {
  readonly #figures: Record<string, number> = {};
  readonly #loadBefore = loadavg()[0] ?? 0;

  /** @param name of a row of `kind` in test/bench/table.ts */
  add(name: string, value: number): number {
    this.#figures[name] = value;
    return value;
  }

  /** Prints the table, and leaves the report in `test/e2e/artifacts`. */
  print(kubernetes: string): void {
    const report: Report = {
      bench: "kind",
      size: "memcached operator",
      date: today(),
      machine: machine(),
      loadBefore: this.#loadBefore,
      versions: { kubernetes: `Kubernetes ${kubernetes}`, node: `Node ${process.versions.node}` },
      subjects: ["ours"],
      results: [{ subject: "ours", ...this.#figures }],
    };
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, "kind.json"), `${JSON.stringify(report, undefined, 2)}\n`);
    process.stdout.write(`\n${circumstances(report)}\n\n${markdownTable(report)}\n\n`);
  }
}
