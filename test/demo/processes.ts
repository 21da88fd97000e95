import { spawn, type ChildProcess } from "node:child_process";

/** A process of the demo, and what it said last. */
export interface Started {
  readonly process: ChildProcess;
  /** Ends it by SIGTERM and resolves when it is gone; kills it when it is not after some seconds. */
  stop(): Promise<void>;
}

const LAST_LINES = 15;
/** Milliseconds that a process may take to end. */
const PATIENCE = 5000;

/** Runs a command to its end and returns what it printed. Throws with the output when its exit code is not 0. */
export async function run(command: string, args: readonly string[], folder: string): Promise<string> {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with exit code ${code ?? "none"}:\n${output}`);
  return output;
}

/** Starts a command and resolves once a line of its output matches. Rejects with its last lines when it ends before. */
export async function start(command: string, args: readonly string[], folder: string, ready: RegExp): Promise<Started> {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        lines.push(...text.trimEnd().split("\n"));
        lines.splice(0, lines.length - LAST_LINES);
        if (ready.test(text)) resolve();
      });
    }
    child.on("error", reject).on("close", () => reject(new Error(`${command} ${args.join(" ")} ended:\n${lines.join("\n")}`)));
  });
  return {
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      await ended;
      clearTimeout(timer);
    },
  };
}
