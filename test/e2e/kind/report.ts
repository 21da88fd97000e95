import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { machine, today, type Measured, type Report } from "../../bench/report.ts";
import { circumstances, markdownTable } from "../../bench/table.ts";

const ARTIFACTS = join(import.meta.dirname, "../artifacts");
const [loadBefore = 0] = loadavg();

/**
 * Prints what was measured, and leaves it in `test/e2e/artifacts`: `npm run bench -- document` has it from a copy in `test/bench/results`.
 *
 * @param bench its rows are in test/bench/table.ts
 * @param kubernetes the cluster's version: `v1.35.4`
 */
export function report(bench: string, size: string, kubernetes: string, figures: Omit<Measured, "subject">): void {
  const found: Report = {
    ...{ bench, size, date: today(), machine: machine(), loadBefore },
    versions: { kubernetes: `Kubernetes ${kubernetes}`, node: `Node ${process.versions.node}` },
    subjects: ["ours"],
    results: [{ subject: "ours", ...figures }],
  };
  mkdirSync(ARTIFACTS, { recursive: true });
  writeFileSync(join(ARTIFACTS, `${bench}.json`), `${JSON.stringify(found, undefined, 1)}\n`);
  process.stdout.write(`\n${circumstances(found)}\n\n${markdownTable(found)}\n\n`);
}
