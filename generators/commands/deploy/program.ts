import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a program of this machine did. */
export interface Ran {
  /** False when there is no such program. */
  readonly found: boolean;
  /** True when it ended with exit code 0. */
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of PATH to its end. */
export async function runProgram(program: string, args: readonly string[], cwd: string): Promise<Ran> {
  const child = spawn(program, args, { cwd, env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  try {
    const [code] = (await once(child, "close")) as unknown[];
    return { found: true, ok: code === 0, out, err };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return { found: false, ok: false, out, err };
  }
}
