import { createInterface } from "node:readline/promises";
import { runCli } from "./cli.ts";
import { type Console } from "./commands/index.ts";

// bin.js leaves it for us alone, and not for what we start.
delete process.env["KUBESCAFFOLD_NODE_TRIED"];

// A reader such as `head` that has seen enough is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

const interactive = process.stdin.isTTY && process.stdout.isTTY;

const console: Console = {
  cwd: process.cwd(),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  color: process.stdout.isTTY && process.stdout.hasColors(),
  interrupted,
  ...(interactive ? { ask } : {}),
};

/** A second Ctrl-C ends the process at once. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Error(`ended by ${signal}`));
    });
  }
  return controller.signal;
}

async function ask(question: string, fallback?: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D at a prompt end the command; without this, Node would find nothing left to do and complain.
  const leave = (): never => {
    process.stdout.write("\n");
    process.exit(130);
  };
  terminal.on("SIGINT", leave).on("close", leave);
  try {
    const answer = await terminal.question(`${question}${fallback ? ` [${fallback}]` : ""}: `);
    return answer === "" ? (fallback ?? "") : answer;
  } finally {
    terminal.off("close", leave).close();
  }
}

process.exitCode = await runCli(process.argv.slice(2), console);
