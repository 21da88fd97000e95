import { type Argv, type CommandModule } from "yargs";
import { ScaffoldError } from "../errors.ts";
import { type Console } from "./console.ts";

/** What every command takes. */
export interface GlobalOptions {
  readonly dryRun: boolean;
  readonly diff: boolean;
}

/** What is left to do once the options have been read; resolves to the exit code. */
export type Run = (console: Console) => Promise<number>;

/** A command hands what it wants to run to `start`, so that reading options and doing the work stay apart. */
export type CommandFactory = (start: (run: Run) => void) => CommandModule;

type Arguments = Readonly<Record<string, unknown>>;

/** Reads options that are texts, by their camelCase names; undefined for one that was not given. */
export const textsIn =
  (args: Arguments) =>
  (name: string): string | undefined => {
    const value = args[name];
    return typeof value === "string" ? value : undefined;
  };

/** The same of options that are on or off. */
export const flagsIn =
  (args: Arguments) =>
  (name: string): boolean | undefined => {
    const value = args[name];
    return typeof value === "boolean" ? value : undefined;
  };

/** Options that change files. */
export function changeOptions<T>(yargs: Argv<T>): Argv {
  return yargs
    .option("dry-run", { type: "boolean", default: false, describe: "Show what would be written, and write nothing" })
    .option("diff", { type: "boolean", default: false, describe: "Show every change as a diff" });
}

/**
 * The value of an option: as given, else asked for on a terminal, else an error that names the flag.
 * What is typed at a prompt is checked at once and asked for again while it is wrong.
 */
export async function required(
  console: Console,
  flag: string,
  given: string | undefined,
  check: (text: string) => string,
  prompt: { question: string; fallback?: string; example: string },
): Promise<string> {
  if (given !== undefined) return check(given);
  if (!console.ask) throw new ScaffoldError("bad-option", `--${flag} is missing: pass it, such as --${flag} ${prompt.example}.`);
  for (;;) {
    try {
      return check((await console.ask(prompt.question, prompt.fallback)).trim());
    } catch (error) {
      if (!(error instanceof ScaffoldError)) throw error;
      console.err(error.message);
    }
  }
}

/** The same for a question of yes or no; without a terminal the answer is the default. */
export async function confirmed(
  console: { readonly ask?: Console["ask"] | undefined },
  given: boolean | undefined,
  question: string,
  fallback: boolean,
): Promise<boolean> {
  if (given !== undefined) return given;
  if (!console.ask) return fallback;
  const answer = (await console.ask(`${question} (y/n)`, fallback ? "y" : "n")).trim().toLowerCase();
  return answer === "" ? fallback : answer.startsWith("y");
}
