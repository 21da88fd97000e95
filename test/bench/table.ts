import type { Measured, Report } from "./report.ts";

/** A line of a table: what it says, and where the figure is in a result. */
type Row = readonly [label: string, path: string];

const converge: readonly Row[] = [
  ["converge, s", "converge.seconds"],
  ["converge: CPU s, subject", "converge.cpu.subject"],
  ["converge: CPU s, API server", "converge.cpu.apiserver"],
  ["converge: writes", "converge.writes"],
  ["converge: failed writes", "converge.failedWrites"],
  ["converge: RSS, MiB", "converge.rssMiB"],
  ["converge: peak RSS, MiB", "converge.rssPeakMiB"],
  ["steady: writes", "steady.writes"],
  ["steady: CPU s, subject", "steady.cpu.subject"],
  ["update of all, s", "update.seconds"],
  ["update: lag after the last change, s", "update.lagSeconds"],
  ["update: CPU s, subject", "update.cpu.subject"],
  ["update: writes", "update.writes"],
  ["update: peak RSS, MiB", "update.rssPeakMiB"],
  ["restart: READY, s", "restart.readySeconds"],
  ["restart: idle, s", "restart.idleSeconds"],
  ["restart: writes", "restart.writes"],
  ["restart: RSS, MiB", "restart.rssMiB"],
  ["CPU s of all else on the machine while converging", "converge.cpu.other"],
];

const cache: readonly Row[] = [
  ["sync, s", "own.syncSeconds"],
  ["start to in sync and reported, s", "wallSeconds"],
  ["CPU s", "end.cpuSeconds"],
  ["RSS before objects, MiB", "own.rssStartMiB"],
  ["RSS in sync, MiB", "own.rssBeforeGCMiB"],
  ["RSS after a forced collection, MiB", "own.rssMiB"],
  ["RSS after another one 5 s later, MiB", "again.rssMiB"],
  ["peak RSS, MiB", "end.rssPeakMiB"],
];

const webhook: readonly Row[] = [
  ["start to READY, s", "readySeconds"],
  ["RSS at READY, MiB", "rssReadyMiB"],
  ...["mutate", "deny", "allow", "pod"].flatMap((scenario): Row[] => [
    [`${scenario}: reviews/s`, `${scenario}.reqPerSecond`],
    [`${scenario}: CPU µs a review`, `${scenario}.cpuMicrosPerRequest`],
    [`${scenario}: p50, ms`, `${scenario}.p50ms`],
    [`${scenario}: p99, ms`, `${scenario}.p99ms`],
    [`${scenario}: peak RSS, MiB`, `${scenario}.rssPeakMiB`],
  ]),
];

const queue: readonly Row[] = [
  ["add, take, done, ms", "onePriority"],
  ["the same with two priorities, ms", "twoPriorities"],
];

const watch: readonly Row[] = [
  ["events/s, the handler counts", "counting.perSecond"],
  ["events a CPU s, the handler counts", "counting.perCpuSecond"],
  ["events/s, the handler reads the object", "reading.perSecond"],
  ["events a CPU s, the handler reads the object", "reading.perCpuSecond"],
];

const start: readonly Row[] = [
  ["process start to READY, ms", "readyMs"],
  ["process start to the first write seen, ms", "firstWriteMs"],
];

const references: readonly Row[] = [
  ["RSS when they are read, after a collection, MiB", "rssMiB"],
  ["peak RSS, MiB", "rssPeakMiB"],
];

const soak: readonly Row[] = [
  ["distinct keys", "keys"],
  ["events/s", "perSecond"],
  ["RSS at start, MiB", "start.rssMiB"],
  ["RSS after the first fifth, MiB", "warm.rssMiB"],
  ["RSS at the end, MiB", "end.rssMiB"],
  ["peak RSS, MiB", "rssPeakMiB"],
  ["slope of RSS after the first fifth, MiB in 100,000 events", "slopeMiB"],
  ["heap in use after the first fifth, MiB", "warm.heapMiB"],
  ["heap in use at the end, MiB", "end.heapMiB"],
  ["outside the heap after the first fifth, MiB", "warm.externalMiB"],
  ["outside the heap at the end, MiB", "end.externalMiB"],
];

const admission: readonly Row[] = [
  ...["exchange of the certificates", "kubectl rollout restart", "scaffold deploy of a new image"].flatMap((change): Row[] => [
    [`${change}: creations`, `${change}.creations`],
    [`${change}: lost`, `${change}.lost`],
    [`${change}: p50, ms`, `${change}.p50ms`],
    [`${change}: p99, ms`, `${change}.p99ms`],
    [`${change}: longest, ms`, `${change}.longestMs`],
  ]),
];

const generate: readonly Row[] = [
  ["everything for the first time, s", "first.seconds"],
  ["again, with nothing to change, s", "again.seconds"],
  ["peak RSS, MiB", "again.rssPeakMiB"],
];

const kind: readonly Row[] = [
  ["image, compressed, MB", "imageMB"],
  ["scaffold deploy to a new cluster until the operator is ready, s", "deploySeconds"],
  ["process start in the pod to caches in step, s", "startSeconds"],
  ["Memcached of size 3 created to available, s", "availableSeconds"],
  ["CPU idle, thousandths of a core", "idleMillicores"],
  ["RSS idle, MiB", "idleMiB"],
  ["RSS with 1,000 Memcacheds of size 1, MiB", "manyMiB"],
  ["SIGTERM of the leader to the next leader, s", "SIGTERM"],
  ["SIGKILL of the leader to the next leader, s", "SIGKILL"],
];

const rows: Readonly<Record<string, readonly Row[]>> = {
  converge,
  cache,
  webhook,
  queue,
  watch,
  start,
  references,
  soak,
  generate,
  admission,
  kind,
};

/** Medians of each subject, and in brackets their ratio to the first subject's, which is the yardstick. */
export function markdownTable({ bench, size, subjects, results }: Report): string {
  const [yardstick] = subjects;
  const lines = [`| ${bench}, ${size} | ${subjects.join(" | ")} |`, `| --- |${" --: |".repeat(subjects.length)}`];
  for (const [label, path] of rows[bench] ?? []) {
    const medianOf = (subject: string): number | undefined =>
      median(results.filter((result) => result.subject === subject).map((result) => figureAt(result, path)));
    const first = yardstick === undefined ? undefined : medianOf(yardstick);
    lines.push(
      `| ${label} | ${subjects.map((subject) => cell(medianOf(subject), subject === yardstick ? undefined : first)).join(" | ")} |`,
    );
  }
  return lines.join("\n");
}

/** One line: when and on what it was measured, and how to read the table below it. */
export function circumstances({ date, machine, versions, loadBefore, subjects, results }: Report): string {
  const runs = results.length / subjects.length;
  return [
    date,
    `${machine.cpus} × ${machine.cpu}, ${machine.memoryGiB} GiB`,
    Object.values(versions).join(", "),
    `load before ${loadBefore.toFixed(1)}`,
    runs > 1 ? `medians of ${runs} runs` : "one run",
    ...(subjects.length > 1 ? [`in brackets the ratio to ${subjects[0] ?? ""}`] : []),
  ].join("; ");
}

/** A figure, or the sum of a group of figures. */
function figureAt(result: Measured, path: string): number | undefined {
  let value: unknown = result;
  for (const name of path.split(".")) value = isGroup(value) ? value[name] : undefined;
  if (isGroup(value)) return Object.values(value).reduce<number>((sum, each) => sum + (typeof each === "number" ? each : 0), 0);
  return typeof value === "number" ? value : undefined;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function cell(own: number | undefined, yardstick: number | undefined): string {
  if (own === undefined) return "-";
  return yardstick === undefined || yardstick === 0 ? figure(own) : `${figure(own)} (${(own / yardstick).toFixed(2)})`;
}

function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
