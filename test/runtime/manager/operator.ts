import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CandidateSettings } from "./candidate.ts";

/** The process of candidate.ts. */
export interface Operator {
  readonly child: ChildProcess;
  /** What it has written to standard error. */
  told(): string;
  /** Exit code and signal. */
  readonly exit: Promise<unknown[]>;
  /** Blocks its event loop for so many milliseconds, in the middle of a reconcile. */
  block(milliseconds: number): void;
  kill(): void;
}

export function operator(settings: CandidateSettings): Operator {
  const file = join(import.meta.dirname, "candidate.ts");
  const child = fork(file, [JSON.stringify(settings)], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  let told = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (told += text));
  return {
    child,
    told: () => told,
    exit: once(child, "exit"),
    block: (milliseconds) => child.send({ block: milliseconds }),
    kill() {
      if (child.exitCode === null) child.kill("SIGKILL");
    },
  };
}
