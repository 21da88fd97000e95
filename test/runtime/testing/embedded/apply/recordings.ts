/**
 * What a real kube-apiserver answered: read here, written by the cluster suite (`test/cluster/semantics.test.ts` with
 * `KUBESCAFFOLD_RECORD=1`), which otherwise checks that it would answer the same today.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { JsonObject } from "../../../../../runtime/schema/index.ts";

/** The answer to one step, and the second (counted from the first step) in which the server said that it was. */
export interface Recorded {
  readonly second: number;
  readonly answer: JsonObject;
}

/** The suites that have recordings. */
export type Suite = "schema" | "apply" | "defaults";

/** Where a suite's recordings are. */
function recordingFile(suite: Suite): URL {
  return new URL(suite === "schema" ? "../../../schema/answers.jsonl" : `../${suite}/answers.jsonl`, import.meta.url);
}

/** The answers to the steps of one case. */
interface RecordedCase {
  readonly name: string;
  readonly answers: readonly Recorded[];
}

/** The recordings of a suite by case name. */
export function recordings(suite: Suite): ReadonlyMap<string, readonly Recorded[]> {
  const lines = readFileSync(recordingFile(suite), "utf8").trimEnd().split("\n");
  const cases = lines.map((line): unknown => JSON.parse(line)) as RecordedCase[];
  return new Map(cases.map(({ name, answers }) => [name, answers]));
}

/** Writes the recordings of a suite anew, one line a case. */
export function record(suite: Suite, answers: ReadonlyMap<string, readonly Recorded[]>): void {
  const lines = [...answers].map(([name, steps]) => JSON.stringify({ name, answers: steps }));
  writeFileSync(recordingFile(suite), `${lines.join("\n")}\n`);
}
