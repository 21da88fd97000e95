import { createInterface } from "node:readline/promises";
import { runCli } from "./cli.ts";
import { type Console } from "./commands/index.ts";

// bin.js leaves it for us alone, and not for what we start.
delete process.env["KUBESCAFFOLD_NODE_TRIED"];

/** Ends a command that has asked for it: what it has begun, it brings to an end. */
let ending: AbortController | undefined;

// A reader such as `head` that has seen enough is no fault, nor a terminal that was closed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    if (ending === undefined) process.exit();
    ending.abort(new Error("nobody reads any more"));
  });
}

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
  const controller = (ending = new AbortController());
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
