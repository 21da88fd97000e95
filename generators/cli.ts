/*
 * The table of commands. This folder is the command line, from specs to files: `bin.js` finds a Node that can run it, `main.ts` is
 * the process, and a command in `commands/` takes the path of the design: spec, model, artefacts, change set, disk.
 */
import yargs, { type Argv } from "yargs";
import {
  buildCommand,
  bundleCommand,
  checkApiCommand,
  checkRbacCommand,
  createApiCommand,
  createWebhookCommand,
  deployCommand,
  devCommand,
  generateCommand,
  importCrdCommand,
  initCommand,
  installCommand,
  undeployCommand,
  uninstallCommand,
  type Console,
  type Run,
} from "./commands/index.ts";
import { ScaffoldError } from "./errors.ts";
import { closest } from "./suggest.ts";
import { version } from "./version.ts";

/**
 * Runs one command line, and prints what it has to say.
 *
 * @returns the exit code: 0, or 1 after one line that says what is wrong and what to do
 */
export async function runCli(argv: readonly string[], console: Console): Promise<number> {
  try {
    const parsed = await parse(argv);
    if ("text" in parsed) {
      console.out(parsed.text);
      return 0;
    }
    return await parsed.run(console);
  } catch (error) {
    if (!(error instanceof ScaffoldError)) throw error;
    console.err(error.message);
    return 1;
  }
}

/** What a command line asks for: text (help, the version) or work. */
async function parse(argv: readonly string[]): Promise<{ text: string } | { run: Run }> {
  const asked: { run?: Run; failure?: string } = {};
  const start = (run: Run): void => {
    asked.run = run;
  };
  const parser = grammar(start).fail((message, error: Error | undefined) => {
    // Errors of yargs itself are about the command line too; all others are thrown by our own code.
    if (error && error.name !== "YError") throw error;
    asked.failure ??= error?.message ?? message;
  });
  const text = await parsed(parser, argv);
  if (asked.failure === undefined) return asked.run ? { run: asked.run } : { text };
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith("-")) >>> 0);
  const help = await parsed(
    grammar(() => undefined),
    [...words, "--help"],
  );
  if (asked.failure === missingCommand) return { text: help };
  throw misuse(asked.failure, argv, help);
}

async function parsed(parser: Argv, argv: readonly string[]): Promise<string> {
  let text = "";
  await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, output: string) => {
    text ||= output;
  });
  return text;
}

const missingCommand = "(no command)";

function grammar(start: (run: Run) => void): Argv {
  return yargs()
    .scriptName("scaffold")
    .locale("en")
    .usage("$0 <command>\n\nWrites Kubernetes operators in TypeScript: projects, APIs, controllers, manifests, tests.")
    .command(initCommand(start))
    .command({
      command: "create",
      describe: "Add to a project: create api, create webhook",
      builder: (create) =>
        create
          .usage("$0 create <what>")
          .command(createApiCommand(start))
          .command(createWebhookCommand(start))
          .demandCommand(1, missingCommand)
          .example("$0 create api --group cache --version v1alpha1 --kind Memcached", "an API with its controller")
          .example("$0 create webhook --group apps --version v1 --kind Deployment --validation", "a webhook for a kind of Kubernetes"),
      handler: () => undefined,
    })
    .command({
      command: "import",
      describe: "Take from others: import crd",
      builder: (importing) =>
        importing
          .usage("$0 import <what>")
          .command(importCrdCommand(start))
          .demandCommand(1, missingCommand)
          .example("$0 import crd gateway-api.yaml --kind Gateway,HTTPRoute", "two kinds of a file"),
      handler: () => undefined,
    })
    .command({
      command: "check",
      describe: "Judge a project: check api, check rbac",
      builder: (check) =>
        check
          .usage("$0 check <what>")
          .command(checkApiCommand(start))
          .command(checkRbacCommand(start))
          .demandCommand(1, missingCommand)
          .example("$0 check api --against v1.2.0", "what the next release would break")
          .example("$0 check rbac", "the access rules against what the tests need"),
      handler: () => undefined,
    })
    .command(generateCommand(start))
    .command(devCommand(start))
    .command(bundleCommand(start))
    .command(buildCommand(start))
    .command(deployCommand(start))
    .command(undeployCommand(start))
    .command(installCommand(start))
    .command(uninstallCommand(start))
    .example("$0 init --domain example.com", "start a project in an empty folder")
    .example("$0 create api --group cache --version v1alpha1 --kind Memcached", "add an API and its controller")
    .demandCommand(1, missingCommand)
    .strict()
    .parserConfiguration({ "duplicate-arguments-array": false, "strip-dashed": true, "parse-numbers": false })
    .version(version())
    .help()
    .wrap(110)
    .exitProcess(false);
}

/** One line for a command line that makes no sense: what is wrong with it, and what was probably meant. */
function misuse(message: string, argv: readonly string[], help: string): ScaffoldError {
  const more = "see scaffold --help";
  const [, unknown] = /^Unknown (?:argument|command)s?: (.*)$/.exec(message) ?? [];
  if (unknown === undefined) return new ScaffoldError("bad-option", `${oneLine(message)} (${more})`);
  const [word = ""] = unknown.split(", ");
  const isOption = argv.some((arg) => arg.startsWith("-") && arg.replace(/^-+/, "").split("=")[0] === word);
  const known = isOption
    ? [...help.matchAll(/--([a-z][a-z-]*)/g)].flatMap(([, name = ""]) => [name, `no-${name}`])
    : [...help.matchAll(/^ {2}scaffold (?:(?:create|import|check) )?([a-z]+) /gm)].map(([, name = ""]) => name);
  const guess = closest(word, known);
  const shown = (name: string): string => (isOption ? `--${name}` : name);
  return new ScaffoldError(
    "bad-option",
    `There is no ${isOption ? "option" : "command"} ${shown(word)}: ${guess === undefined ? more : `did you mean ${shown(guess)}?`}`,
  );
}

function oneLine(message: string): string {
  return message.trim().replaceAll(/\s+/g, " ");
}
