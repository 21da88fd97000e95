import { Project } from "../project/index.ts";
import { type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { changeOptions, type CommandFactory, type GlobalOptions } from "./options.ts";
import { conclude } from "./outcome.ts";

/** `scaffold generate`: everything that is derived from the sources. */
export const generateCommand: CommandFactory = (start) => ({
  command: "generate",
  describe: "Derive classes, CRDs, roles and samples from api/ and controllers/",
  builder: (yargs) =>
    changeOptions(yargs)
      .example("$0 generate", "after an edit of api/ or of @rbac markers")
      .example("$0 generate --dry-run --diff", "show what would change, and write nothing"),
  handler: ({ dryRun, diff }) => start((console) => generate({ dryRun: dryRun === true, diff: diff === true }, console)),
});

async function generate(options: GlobalOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const kept = await derive(project);
  conclude(project, options, console, kept);
  return 0;
}
