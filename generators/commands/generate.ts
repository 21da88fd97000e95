import { ScaffoldError } from "../errors.ts";
import { checkDescriptionLength, checkOutputPath, checkWebhookCertificates, Project, type Outputs } from "../project/index.ts";
import { tellCosts } from "./cel-costs.ts";
import { paint, untilAborted, type Console } from "./console.ts";
import { warnOfSize } from "./crd-size.ts";
import { derive } from "./derive.ts";
import { changeOptions, type CommandFactory, type GlobalOptions } from "./options.ts";
import { conclude } from "./outcome.ts";
import { watchSources } from "./watch-sources.ts";

/** What `scaffold generate` is asked for: a text sets an output for this run and all later ones, false takes it away. */
interface GenerateOptions extends GlobalOptions {
  readonly maxDescriptionLength: string | false | undefined;
  readonly jsonSchema: string | false | undefined;
  readonly openapi: string | false | undefined;
  readonly webhookCertificates: string | false | undefined;
  /** Tell the costs of all CEL rules. */
  readonly celCosts: boolean;
}

/** `scaffold generate`: everything that is derived from the sources. */
export const generateCommand: CommandFactory = (start) => ({
  command: "generate",
  describe: "Derive classes, CRDs, roles, webhook configurations, policies and samples from the code",
  builder: (yargs) =>
    changeOptions(yargs)
      .options({
        watch: { type: "boolean", default: false, describe: "Do it again after every change, until Ctrl-C" },
        "cel-costs": {
          type: "boolean",
          default: false,
          describe: "Show what every CEL rule may cost of what API servers allow, not only the costly ones",
        },
        "max-description-length": {
          type: "string",
          requiresArg: true,
          describe: "Cut descriptions in CRDs to so many characters, 0 for none; kept in PROJECT",
        },
        "json-schema": {
          type: "string",
          requiresArg: true,
          describe: "A folder for JSON Schemas, for editors and checkers of manifests; kept in PROJECT",
        },
        openapi: { type: "string", requiresArg: true, describe: "A file for an OpenAPI document (.json or .yaml); kept in PROJECT" },
        "webhook-certificates": {
          type: "string",
          requiresArg: true,
          describe: "Who makes the webhooks' certificate: self, cert-manager, files, csr:<signer>; kept in PROJECT",
        },
      })
      .example("$0 generate", "after an edit of api/, controllers/ or main.ts")
      .example("$0 generate --dry-run --diff", "show what would change, and write nothing")
      .example("$0 generate --json-schema schemas", "write JSON Schemas from now on; --no-json-schema ends that"),
  handler: (args) => {
    const output = (name: string): string | false | undefined => {
      const value = args[name];
      return typeof value === "string" || value === false ? value : undefined;
    };
    const options: GenerateOptions = {
      dryRun: args["dryRun"] === true,
      diff: args["diff"] === true,
      maxDescriptionLength: output("maxDescriptionLength"),
      celCosts: args["celCosts"] === true,
      jsonSchema: output("jsonSchema"),
      openapi: output("openapi"),
      webhookCertificates: output("webhookCertificates"),
    };
    start((console) => (args["watch"] === true ? generateOften(options, console) : generate(options, console)));
  },
});

async function generate(options: GenerateOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  project.file.setOutputs(outputs(project.file.outputs, options));
  const derived = await derive(project);
  conclude(project, options, console, derived.kept);
  warnOfSize(project, derived.resources, console);
  await tellCosts(derived.resources, options.celCosts, console);
  return 0;
}

async function generateOften(options: GenerateOptions, console: Console): Promise<number> {
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
  // What no change of the sources can mend ends the command.
  outputs(Project.open(console.cwd).file.outputs, options);
  await once();
  const unwatch = watchSources(console.cwd, 30, once);
  await untilAborted(stopped);
  unwatch();
  return 0;
}

function outputs(before: Outputs, { maxDescriptionLength, jsonSchema, openapi, webhookCertificates }: GenerateOptions): Outputs {
  const chosen = <T>(given: string | false | undefined, known: T | undefined, check: (text: string) => T | undefined): T | undefined =>
    given === undefined ? known : given === false ? undefined : check(given);
  const length = chosen(maxDescriptionLength, before.maxDescriptionLength, checkDescriptionLength);
  const folder = chosen(jsonSchema, before.jsonSchema, checkOutputPath);
  const file = chosen(openapi, before.openapi, checkOutputPath);
  const certificates = chosen(webhookCertificates, before.webhookCertificates, checkWebhookCertificates);
  return {
    ...(length === undefined ? {} : { maxDescriptionLength: length }),
    ...(folder === undefined ? {} : { jsonSchema: folder }),
    ...(file === undefined ? {} : { openapi: file }),
    ...(certificates === undefined ? {} : { webhookCertificates: certificates }),
  };
}
