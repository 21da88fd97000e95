import { ScaffoldError } from "../errors.ts";
import { Project } from "../project/index.ts";
import { paint, untilAborted, type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { changeOptions, type CommandFactory, type GlobalOptions } from "./options.ts";
import { conclude } from "./outcome.ts";
import { watchSources } from "./watch-sources.ts";

/** `scaffold generate`: everything that is derived from the sources. */
export const generateCommand: CommandFactory = (start) => ({
  command: "generate",
  describe: "Derive classes, CRDs, roles, webhook configurations, policies and samples from the code",
  builder: (yargs) =>
    changeOptions(yargs)
      .option("watch", { type: "boolean", default: false, describe: "Do it again after every change, until Ctrl-C" })
      .example("$0 generate", "after an edit of api/, controllers/ or main.ts")
      .example("$0 generate --dry-run --diff", "show what would change, and write nothing"),
  handler: ({ dryRun, diff, watch }) => {
    const options = { dryRun: dryRun === true, diff: diff === true };
    start((console) => (watch === true ? generateOften(options, console) : generate(options, console)));
  },
});

async function generate(options: GlobalOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const kept = await derive(project);
  conclude(project, options, console, kept);
  return 0;
}

async function generateOften(options: GlobalOptions, console: Console): Promise<number> {
  if (options.dryRun) throw new ScaffoldError("bad-option", "--watch writes what it derives: leave out --dry-run, or --watch.");
  const stopped = console.interrupted();
  const once = async (): Promise<void> => {
    const began = performance.now();
    try {
      await generate(options, console);
    } catch (error) {
      // What is wrong with the sources is shown; the next change may mend it.
      if (!(error instanceof ScaffoldError)) throw error;
      console.err(error.message);
    }
    console.out(
      paint(console, "dim", `${new Date().toTimeString().slice(0, 8)}, ${Math.round(performance.now() - began)} ms; Ctrl-C ends the watch`),
    );
  };
  Project.open(console.cwd);
  await once();
  const unwatch = watchSources(console.cwd, 30, once);
  await untilAborted(stopped);
  unwatch();
  return 0;
}
