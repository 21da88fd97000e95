import { readdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { packagesFor, type PackageSource } from "../packages/index.ts";
import { checkDomain, checkOwner, checkProjectName, initialFiles, Project, projectNameFrom, type License } from "../project/index.ts";
import { paint, type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { installDependencies } from "./install.ts";
import { changeOptions, required, type CommandFactory, type GlobalOptions, textsIn } from "./options.ts";
import { conclude } from "./outcome.ts";

interface InitOptions extends GlobalOptions {
  readonly domain?: string | undefined;
  readonly projectName?: string | undefined;
  readonly owner?: string | undefined;
  readonly license: License;
  readonly skipInstall: boolean;
  readonly packages?: PackageSource | undefined;
}

/** `scaffold init`: a new project in an empty folder. */
export const initCommand: CommandFactory = (start) => ({
  command: "init",
  describe: "Start a project in an empty folder",
  builder: (yargs) =>
    changeOptions(yargs)
      .options({
        domain: { type: "string", requiresArg: true, describe: "Domain of the API groups, such as example.com" },
        "project-name": {
          type: "string",
          requiresArg: true,
          describe: "Name of the project and of what it deploys [default: the folder's name]",
        },
        owner: { type: "string", requiresArg: true, describe: "Holder of the copyright" },
        license: { choices: ["apache2", "mit", "none"] as const, default: "apache2", describe: "License of the project" },
        "skip-install": { type: "boolean", default: false, describe: "Leave npm install to you" },
        packages: { choices: ["registry", "vendor", "link"] as const, hidden: true },
      })
      .example("$0 init --domain example.com", "asks for nothing more, and installs the dependencies")
      .example('$0 init --domain example.com --project-name cache-operator --owner "Example Inc." --license mit', "with all answers given"),
  handler: (args) => {
    const text = textsIn(args);
    start((console) =>
      init(
        {
          domain: text("domain"),
          projectName: text("projectName"),
          owner: text("owner"),
          license: args["license"] === "mit" || args["license"] === "none" ? args["license"] : "apache2",
          skipInstall: args["skipInstall"] === true,
          packages:
            args["packages"] === "registry" || args["packages"] === "vendor" || args["packages"] === "link" ? args["packages"] : undefined,
          dryRun: args["dryRun"] === true,
          diff: args["diff"] === true,
        },
        console,
      ),
    );
  },
});

async function init(options: InitOptions, console: Console): Promise<number> {
  const owner = options.owner === undefined ? undefined : checkOwner(options.owner);
  const given = {
    domain: options.domain === undefined ? undefined : checkDomain(options.domain),
    projectName: options.projectName === undefined ? undefined : checkProjectName(options.projectName),
  };
  checkEmpty(console.cwd);
  const domain = await required(console, "domain", given.domain, checkDomain, {
    question: "Domain of your API groups",
    example: "example.com",
  });
  const projectName = given.projectName ?? (await nameOf(console));

  const answers = { domain, projectName, ...(owner === undefined ? {} : { owner }), license: options.license };
  const packages = await packagesFor(options.packages, (line) => console.err(paint(console, "dim", line)));
  const project = Project.start(console.cwd, answers);
  for (const file of initialFiles(answers, packages.dependencies)) project.put(file);
  for (const { path, content } of packages.files) project.set.write(path, content);
  await derive(project);
  const written = conclude(project, options, console);
  if (options.dryRun) return 0;
  console.out(`${paint(console, "bold", projectName)} is here: ${written.length} files.`);

  if (packages.link) packages.link(console.cwd);
  else if (!options.skipInstall) await installDependencies(console);
  console.out("Next:");
  if (options.skipInstall && !packages.link) console.out("  npm install");
  console.out("  npx scaffold create api --group cache --version v1alpha1 --kind Memcached");
  return 0;
}

/** The folder's name, as far as a project can be called so; else what the user says. */
async function nameOf(console: Console): Promise<string> {
  const folder = projectNameFrom(basename(console.cwd));
  if (folder !== "" || !console.ask) return checkProjectName(folder);
  return required(console, "project-name", undefined, checkProjectName, { question: "Project name", example: "cache-operator" });
}

/** Version control, editors and the operating system leave files whose names begin with a dot; nothing else may be there. */
function checkEmpty(folder: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ScaffoldError("folder-not-empty", `${folder} is not a folder.`);
  const there = readdirSync(folder);
  if (there.includes("PROJECT")) {
    throw new ScaffoldError(
      "folder-not-empty",
      `There is a project in ${folder} already: add an API with "scaffold create api", or start in an empty folder.`,
    );
  }
  const [first, ...more] = there.filter((name) => !name.startsWith(".")).sort();
  if (first !== undefined) {
    throw new ScaffoldError(
      "folder-not-empty",
      `The folder ${folder} is not empty (${first}${more.length > 0 ? ` and ${more.length} more` : ""}): start in an empty one.`,
    );
  }
}
