import { spawn } from "node:child_process";
import { once } from "node:events";
import { ScaffoldError, reasonOf } from "../errors.ts";
import { paint, type Console } from "./console.ts";

/**
 * Runs `npm install` in the project. What npm prints is shown only when it fails, after the project's files are there:
 * nothing is lost, and the same command can be run again.
 */
export async function installDependencies(console: Console): Promise<void> {
  console.err(paint(console, "dim", "Installing the dependencies (npm install) …"));
  const started = performance.now();
  const [command, ...before] = npm();
  const child = spawn(command, [...before, "install", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: console.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(),
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await once(child, "close").then(([status]: unknown[]) => status, reasonOf);
  if (code !== 0) {
    console.err(Buffer.concat(output).toString("utf8").trimEnd());
    throw new ScaffoldError(
      "install-failed",
      `npm install failed (${String(code)}): the project's files are there, so mend the cause and run npm install again.`,
    );
  }
  console.err(paint(console, "dim", `Installed in ${((performance.now() - started) / 1000).toFixed(1)} s.`));
}

/** The npm that runs us, if one does (npx, npm exec, a script), else the one on PATH. */
function npm(): [string, ...string[]] {
  const running = process.env["npm_execpath"];
  if (running?.endsWith(".js")) return [process.execPath, running];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/** Without the settings that npx passes to its child for itself: they would install into its own cache. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(config_(prefix|local_prefix|global_prefix|package|call|yes)|package_|lifecycle_)/.test(name) && name !== "INIT_CWD",
    ),
  );
}
