/**
 * What a real kube-apiserver answered: read here, written by the cluster suite (`test/cluster/semantics.test.ts` with
 * `KUBESCAFFOLD_RECORD=1`), which otherwise checks that it would answer the same today.
 */
import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../../../runtime/testing/embedded/schema/index.ts";

/** The answer to one step, and the second (counted from the first step) in which the server said that it was. */
export interface Recorded {
  readonly second: number;
  readonly answer: JsonObject;
}

/** The suites that have recordings. */
export type Suite = "schema" | "apply" | "defaults";

/** Where a suite's recordings are. */
export function recordingFile(suite: Suite): URL {
  return new URL(`../${suite}/answers.json`, import.meta.url);
}

/** The recordings of a suite by case name. */
export function recordings(suite: Suite): Readonly<Record<string, readonly Recorded[]>> {
  const parsed: unknown = JSON.parse(readFileSync(recordingFile(suite), "utf8"));
  return parsed as Readonly<Record<string, readonly Recorded[]>>;
}
