import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Longer than the 30 seconds that a manager gives to running reconciles. */
const killAfter = 35_000;
/**
 * Loaded into the operator: its standard input ends with us, however we end, and then it has to end too. A second one would otherwise meet it at the
 * next start.
 */
const endsWithUs = `process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).resume().unref();`;

export interface OperatorOptions {
  readonly project: string;
  /** A line that the operator prints. */
  readonly onLine: (line: string) => void;
  /** The operator ended without having been told to. */
  readonly onExit: (how: string) => void;
}

/** The operator as a process of its own, so that a restart begins from nothing and a crash costs only itself. */
export class OperatorProcess {
  readonly #options: OperatorOptions;
  #child: ChildProcess | undefined;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  start(flags: readonly string[]): void {
    const { project, onLine, onExit } = this.#options;
    // A group of its own: Ctrl-C goes to the whole group of the terminal, and the operator must get one signal, from us.
    const child = spawn(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(endsWithUs)}`, "main.ts", ...flags], {
      cwd: project,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    child.on("error", (error) => onLine(error.message));
    child.on("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      onExit(signal === null ? `with exit code ${code ?? 1}` : `by ${signal}`);
    });
  }

  /** Ends the operator as a cluster would: SIGTERM, and SIGKILL when it takes too long. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
    await ended;
    clearTimeout(timer);
  }
}
