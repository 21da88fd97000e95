import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { machine, today, type Report } from "../../bench/report.ts";

const ARTIFACTS = join(import.meta.dirname, "../artifacts");
const [loadBefore = 0] = loadavg();

/** Leaves what was measured where `npm run bench -- document` can have it from: a copy in test/bench/results. */
export function writeReport(figures: Readonly<Record<string, object>>, size: string, kubernetes: string): void {
  const report: Report = {
    ...{ bench: "admission", size, date: today(), machine: machine(), loadBefore },
    versions: { kubernetes: `Kubernetes ${kubernetes}`, node: `Node ${process.versions.node}` },
    subjects: ["ours"],
    results: [{ subject: "ours", ...figures }],
  };
  mkdirSync(ARTIFACTS, { recursive: true });
  writeFileSync(join(ARTIFACTS, "admission.json"), `${JSON.stringify(report, undefined, 1)}\n`);
}
