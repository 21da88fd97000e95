import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../generators/bundle/index.ts";
import { NODE_FLAGS, START_ENVIRONMENT } from "../../generators/project/index.ts";

const here = import.meta.dirname;

/** A program that is measured, as what is typed to start it. */
export type Program = readonly [command: string, ...args: string[]];

/** Builds all Go peers and returns the folder that they are in. Go's own cache makes a second time quick. */
export async function buildPeers(): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubescaffold", "bench");
  await run(["sh", join(here, "peers", "build.sh"), folder]);
  return folder;
}

/**
 * A program of `subjects/`, bundled and started as an operator in production.
 *
 * @param flags further options of Node
 */
export async function ours(name: string, work: string, flags: readonly string[] = []): Promise<Program> {
  const [node, ...rest] = await oursPlain(name, work, flags);
  const environment = Object.entries(START_ENVIRONMENT).map(([variable, value]) => `${variable}=${value}`);
  return ["env", ...environment, node, ...NODE_FLAGS, ...rest];
}

/** The same without the start options. */
export async function oursPlain(name: string, work: string, flags: readonly string[] = []): Promise<Program> {
  const { main } = await bundle({ root: join(here, "subjects"), entry: `${name}.ts`, out: join(work, "subjects", name) });
  return [process.execPath, ...flags, main];
}

/** The least that Node can do. */
export function bareNode(name: string, flags: readonly string[] = []): Program {
  return [process.execPath, "--max-semi-space-size=1", ...flags, join(here, "peers", "bare-node", `${name}.mjs`)];
}

/** Runs a program to its end. Its output goes to standard error, so that standard output has the tables alone; or is returned. */
export async function run(
  [command, ...args]: Program,
  options: { environment?: Record<string, string>; returns?: boolean; folder?: string } = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.folder ?? here,
    env: { ...process.env, ...options.environment },
    stdio: ["ignore", options.returns === true ? "pipe" : 2, 2],
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", forward).on("SIGTERM", forward);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  process.off("SIGINT", forward).off("SIGTERM", forward);
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal ?? "nothing"}, see above`);
  return output;
}
