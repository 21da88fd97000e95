import { runCli } from "../../../generators/cli.ts";
import { type Console } from "../../../generators/commands/index.ts";

/** What a command line has done, as far as the terminal shows it. */
export interface Shown {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, without a terminal, or with one whose user types the answers given. */
export async function scaffold(
  cwd: string,
  args: readonly string[],
  answers?: readonly string[],
): Promise<Shown & { readonly questions: readonly string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const ask = (question: string, fallback?: string): Promise<string> => {
    questions.push(fallback === undefined ? question : `${question} [${fallback}]`);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`no answer is left for: ${question}`);
    return Promise.resolve(answer === "" ? (fallback ?? "") : answer);
  };
  const console: Console = {
    cwd,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    color: false,
    interrupted: () => new AbortController().signal,
    ...(answers ? { ask } : {}),
  };
  const code = await runCli(args, console);
  return { code, out: out.join("\n"), err: err.join("\n"), questions };
}

/** A project with nothing installed, and what its API is called when it has one. */
export async function newProject(cwd: string, ...more: string[]): Promise<void> {
  await succeed(cwd, [
    "init",
    "--domain",
    "example.com",
    "--project-name",
    "cache-operator",
    "--packages",
    "registry",
    "--skip-install",
    ...more,
  ]);
}

export const memcached = ["--group", "cache", "--version", "v1alpha1", "--kind", "Memcached"] as const;

export async function succeed(cwd: string, args: readonly string[]): Promise<Shown> {
  const shown = await scaffold(cwd, args);
  if (shown.code !== 0) throw new Error(`scaffold ${args.join(" ")} failed: ${shown.err}`);
  return shown;
}
