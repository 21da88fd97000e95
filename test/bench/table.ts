/** What `peers/bench.py converge --out` writes, as far as the table shows it. */
export interface Report {
  date: string;
  machine: { cpus: number; cpu: string };
  versions: Record<string, string>;
  results: Result[];
}

interface Phase {
  readySeconds?: number;
  seconds?: number;
  lagSeconds?: number;
  idleSeconds?: number;
  writes: number;
  cpu: { subject: number; apiserver: number; other: number };
  rssMiB: number;
  rssPeakMiB: number;
}

interface Result {
  subject: string;
  n: number;
  converge: Phase;
  steady: Phase;
  update: Phase;
  restart: Phase;
}

const rows: readonly (readonly [string, (result: Result) => number | undefined])[] = [
  ["converge, s", (result) => result.converge.seconds],
  ["converge: CPU s, subject", (result) => result.converge.cpu.subject],
  ["converge: CPU s, API server", (result) => result.converge.cpu.apiserver],
  ["converge: writes", (result) => result.converge.writes],
  ["converge: RSS, MiB", (result) => result.converge.rssMiB],
  ["converge: peak RSS, MiB", (result) => result.converge.rssPeakMiB],
  ["steady: writes", (result) => result.steady.writes],
  ["steady: CPU s, subject", (result) => result.steady.cpu.subject],
  ["update of all, s", (result) => result.update.seconds],
  ["update: lag after the last change, s", (result) => result.update.lagSeconds],
  ["update: CPU s, subject", (result) => result.update.cpu.subject],
  ["update: writes", (result) => result.update.writes],
  ["restart: READY, s", (result) => result.restart.readySeconds],
  ["restart: idle, s", (result) => result.restart.idleSeconds],
  ["restart: writes", (result) => result.restart.writes],
  ["restart: RSS, MiB", (result) => result.restart.rssMiB],
  ["CPU s of all else on the machine while converging", (result) => result.converge.cpu.other],
];

/** Medians of each subject, and in brackets their ratio to the first subject's, which is the yardstick. */
export function markdownTable(report: Report): string {
  const subjects = [...new Set(report.results.map((result) => result.subject))];
  const n = report.results[0]?.n ?? 0;
  const versions = Object.values(report.versions).join(", ");
  const lines = [
    `${report.date}; ${report.machine.cpus} × ${report.machine.cpu}; ${versions}; medians of ${report.results.length / subjects.length}; in brackets: ratio to ${subjects[0] ?? ""}`,
    "",
    `| N=${n} | ${subjects.join(" | ")} |`,
    `| --- |${" --: |".repeat(subjects.length)}`,
  ];
  for (const [label, value] of rows) {
    const values = subjects.map((subject) => median(report.results.filter((result) => result.subject === subject).map(value)));
    lines.push(`| ${label} | ${values.map((own, index) => cell(own, index === 0 ? undefined : values[0])).join(" | ")} |`);
  }
  return lines.join("\n");
}

function cell(own: number | undefined, yardstick: number | undefined): string {
  if (own === undefined) {
    return "-";
  }
  const figure = Number.isInteger(own) ? String(own) : own.toFixed(own < 10 ? 2 : 1);
  return yardstick === undefined || yardstick === 0 ? figure : `${figure} (${(own / yardstick).toFixed(2)})`;
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
