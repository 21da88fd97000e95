/** The benches, by the name that `npm run bench` knows them by. Those of driver.ts need a control plane and Go peers; see README.md. */
import type { Report } from "../report.ts";
import { cache, converge, webhook } from "./driver.ts";
import { generate } from "./generate.ts";
import { queue } from "./queue.ts";
import { references } from "./references.ts";
import { soak } from "./soak.ts";
import { start } from "./start.ts";
import { watch } from "./watch.ts";

export interface BenchOptions {
  /** A folder for what is made on the way; the logs of the subjects are in it too. */
  readonly work: string;
  /** How much: objects, reviews or events. Each bench has its own default. */
  readonly n?: number | undefined;
  readonly kind?: string | undefined;
  readonly subjects?: readonly string[] | undefined;
  readonly repeat: number;
  /** Seconds to wait at most for an idle machine before a subject starts. */
  readonly quiet: number;
  /** Seconds in which nothing is to be done. */
  readonly steady: number;
}

export const benches: Readonly<Record<string, (options: BenchOptions) => Promise<Report>>> = {
  converge,
  cache,
  webhook,
  queue,
  watch,
  start,
  references,
  soak,
  generate,
};
