import { type Change } from "./change-set.ts";

const contextLines = 3;

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/** One change as a unified diff, as `diff -u` and `git apply` write and read it. Files that are not text get one line. */
export function unifiedDiff(change: Change): string {
  const { path, before, after } = change;
  if ((before !== undefined && typeof before !== "string") || (after !== undefined && typeof after !== "string")) {
    return `Binary file ${path} (${change.kind})\n`;
  }
  const header = `--- ${before === undefined ? "/dev/null" : `a/${path}`}\n+++ ${after === undefined ? "/dev/null" : `b/${path}`}\n`;
  return header + hunks(edits(lines(before ?? ""), lines(after ?? ""))).join("");
}

/** Lines with their line ends, so that a missing last one is a difference too. */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function edits(before: string[], after: string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end])
    end++;
  const keep = (line: string): Edit => ({ sign: " ", line });
  return [
    ...before.slice(0, start).map(keep),
    ...longestCommon(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(keep),
  ];
}

/** By the longest common subsequence; quadratic, which generated files of some hundred lines never feel. */
function longestCommon(before: string[], after: string[]): Edit[] {
  const width = after.length + 1;
  const length = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => length[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      length[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const result: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const removed = before[i];
    const added = after[j];
    if (removed !== undefined && removed === added) {
      result.push({ sign: " ", line: removed });
      i++;
      j++;
    } else if (removed !== undefined && (added === undefined || at(i + 1, j) >= at(i, j + 1))) {
      result.push({ sign: "-", line: removed });
      i++;
    } else if (added !== undefined) {
      result.push({ sign: "+", line: added });
      j++;
    }
  }
  return result;
}

function hunks(all: Edit[]): string[] {
  const changed = all.flatMap(({ sign }, index) => (sign === " " ? [] : [index]));
  const ranges: { from: number; to: number }[] = [];
  for (const index of changed) {
    const last = ranges.at(-1);
    if (last && index - contextLines <= last.to) last.to = Math.min(all.length, index + contextLines + 1);
    else ranges.push({ from: Math.max(0, index - contextLines), to: Math.min(all.length, index + contextLines + 1) });
  }
  return ranges.map(({ from, to }) => {
    const part = all.slice(from, to);
    const count = (edits: Edit[], sign: "-" | "+"): number => edits.filter((edit) => edit.sign !== (sign === "-" ? "+" : "-")).length;
    const range = (sign: "-" | "+"): string => {
      const size = count(part, sign);
      return `${sign}${count(all.slice(0, from), sign) + (size === 0 ? 0 : 1)},${size}`;
    };
    const body = part.map(({ sign, line }) => (line.endsWith("\n") ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`));
    return `@@ ${range("-")} ${range("+")} @@\n${body.join("")}`;
  });
}
