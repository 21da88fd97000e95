import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a program of this machine did. */
export interface Ran {
  /** False when there is no such program. */
  readonly found: boolean;
  /** Null when it was not found, or ended by a signal. */
  readonly code: number | null;
  readonly out: Buffer;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** What it reads; nothing where it is left out. */
  readonly input?: string;
}

/** Runs a program of PATH to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, environment = process.env, input }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(program, args, { cwd, env: environment, stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  const parts: Buffer[] = [];
  let err = "";
  child.stdout?.on("data", (bytes: Buffer) => parts.push(bytes));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin?.on("error", () => undefined); // it may end without reading; its code says how
  child.stdin?.end(input);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { found: true, code, out: Buffer.concat(parts), err };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return { found: false, code: null, out: Buffer.concat(parts), err };
  }
}
