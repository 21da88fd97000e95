import { expect, test } from "@jest/globals";
import { performanceDocument } from "./performance.ts";
import type { Report } from "./report.ts";
import { circumstances, markdownTable } from "./table.ts";

const report: Report = {
  bench: "queue",
  size: "1,000 keys",
  date: "2026-01-31",
  machine: { cpus: 2, cpu: "Fast One", memoryGiB: 16, kernel: "6.1" },
  loadBefore: 0.25,
  versions: { node: "Node 24.1.0", go: "Go 1.26.0" },
  subjects: ["go", "ours"],
  results: [
    { subject: "go", onePriority: 2, twoPriorities: 3 },
    { subject: "ours", onePriority: 0.4, twoPriorities: 0.2 },
    { subject: "go", onePriority: 4 },
    { subject: "ours", onePriority: 0.2 },
    { subject: "go", onePriority: 2.5 },
    { subject: "ours", onePriority: 0.25 },
  ],
};

test("a table has the median of each subject, and beside it the ratio to the first one's", () => {
  expect(markdownTable(report)).toBe(
    [
      "| queue, 1,000 keys | go | ours |",
      "| --- | --: | --: |",
      "| add, take, done, ms | 2.50 | 0.25 (0.10) |",
      "| the same with two priorities, ms | 3 | 0.20 (0.07) |",
    ].join("\n"),
  );
});

test("the median of an even number of runs is between the middle two", () => {
  const results = [1, 2, 5, 100].map((onePriority) => ({ subject: "go", onePriority }));
  expect(markdownTable({ ...report, subjects: ["go"], results })).toContain("| add, take, done, ms | 3.50 |");
});

test("failed writes are told by their number, whatever they were", () => {
  const results = [{ subject: "go", converge: { failedWrites: { "create 409": 2, "update 409": 3 } } }];
  expect(markdownTable({ ...report, bench: "converge", subjects: ["go"], results })).toContain("| converge: failed writes | 5 |");
});

test("a figure in a group is found; one that is missing, or has a yardstick of 0, has no ratio", () => {
  const results = [
    { subject: "go", steady: { writes: 0 } },
    { subject: "ours", steady: { writes: 0 }, converge: { seconds: 12.34 } },
  ];
  const table = markdownTable({ ...report, bench: "converge", results });
  expect(table).toContain("| steady: writes | 0 | 0 |");
  expect(table).toContain("| converge, s | - | 12.3 |");
});

test("large figures are rounded and easy to read", () => {
  const results = [{ subject: "ours", counting: { perSecond: 1_234_567.8 } }];
  expect(markdownTable({ ...report, bench: "watch", subjects: ["ours"], results })).toContain(
    "| events/s, the handler counts | 1,234,568 |",
  );
});

test("one line says when, on what and how often was measured", () => {
  expect(circumstances(report)).toBe(
    "2026-01-31; 2 × Fast One, 16 GiB; Node 24.1.0, Go 1.26.0; load before 0.3; medians of 3 runs; in brackets the ratio to go",
  );
  expect(circumstances({ ...report, subjects: ["ours"], results: [{ subject: "ours" }] })).toMatch(/; one run$/);
});

test("the document has a section for each bench that was run, with a table for each size", () => {
  const caches = ["10,000 Pods", "30,000 Secrets"].map((size) => ({ ...report, bench: "cache", size, results: [] }));
  const headings = performanceDocument([report, ...caches]).match(/^(#+ .*|\| (queue|cache).*)$/gm);
  expect(headings).toEqual([
    "# Performance",
    "## Memory of a cache",
    "| cache, 10,000 Pods | go | ours |",
    "| cache, 30,000 Secrets | go | ours |",
    "## The work queue",
    "| queue, 1,000 keys | go | ours |",
  ]);
});
