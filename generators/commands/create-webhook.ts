import { ScaffoldError } from "../errors.ts";
import {
  addWebhook,
  handlerOf,
  Project,
  sameKind,
  webhookFiles,
  webhookMethods,
  webhookTypes,
  type SpokeTarget,
  type WebhookTarget,
  type WebhookType,
} from "../project/index.ts";
import { type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { changeOptions, confirmed, required, type CommandFactory, type GlobalOptions, textsIn, flagsIn } from "./options.ts";
import { conclude } from "./outcome.ts";
import { findTarget } from "./webhook-target.ts";

export interface CreateWebhookOptions extends GlobalOptions {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly asked: { readonly [Type in WebhookType]?: boolean | undefined };
  /** Versions, with commas between them. */
  readonly spoke?: string | undefined;
  readonly path?: string | undefined;
  readonly validationPath?: string | undefined;
  readonly force: boolean;
}

/** `scaffold create webhook`: handlers of a kind's webhooks, and everything derived from them. */
export const createWebhookCommand: CommandFactory = (start) => ({
  command: "webhook",
  describe: "Add webhooks of a kind: the project's own, of Kubernetes, or imported",
  builder: (yargs) =>
    changeOptions(yargs.version(false))
      .options({
        group: { type: "string", requiresArg: true, describe: "API group: the project's own without its domain, or core, apps, …" },
        version: { type: "string", requiresArg: true, describe: "API version; of a conversion the hub" },
        kind: { type: "string", requiresArg: true, describe: "Kind, in UpperCamelCase" },
        defaulting: { type: "boolean", describe: "Fill in what users leave open (a mutating webhook)" },
        validation: { type: "boolean", describe: "Refuse what is wrong (a validating webhook)" },
        conversion: { type: "boolean", describe: "Convert objects between the versions of a kind of the project" },
        spoke: { type: "string", requiresArg: true, describe: "The other versions of a conversion, with commas [default: all others]" },
        path: {
          type: "string",
          requiresArg: true,
          describe: "Where it is served, such as /mutate [default: as controller-runtime names it]",
        },
        "validation-path": { type: "string", requiresArg: true, describe: "The same for --validation, beside --defaulting" },
        force: { type: "boolean", default: false, describe: "Write files anew that exist, edited or not" },
      })
      .example("$0 create webhook --group cache --version v1 --kind Memcached --defaulting --validation", "both for a kind of one's own")
      .example("$0 create webhook --group apps --version v1 --kind Deployment --validation", "one for a kind of Kubernetes")
      .example("$0 create webhook --group cache --version v1 --kind Memcached --conversion --spoke v1beta1", "v1 is the hub"),
  handler: (args) => {
    const text = textsIn(args);
    const flag = flagsIn(args);
    start((console) =>
      createWebhook(
        {
          ...{ group: text("group"), version: text("version"), kind: text("kind") },
          asked: { defaulting: flag("defaulting"), validation: flag("validation"), conversion: flag("conversion") },
          ...{ spoke: text("spoke"), path: text("path"), validationPath: text("validationPath") },
          ...{ force: flag("force") ?? false, dryRun: flag("dryRun") ?? false, diff: flag("diff") ?? false },
        },
        console,
      ),
    );
  },
});

async function createWebhook(options: CreateWebhookOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const { resources, answers } = project.file;
  const anything = (text: string): string => text;
  const group = await required(console, "group", options.group, anything, {
    ...{ question: "Group (one's own without the domain; core, apps, … of Kubernetes)", example: "apps" },
    ...(resources[0] ? { fallback: resources[0].group } : {}),
  });
  const version = await required(console, "version", options.version, anything, { question: "Version", fallback: "v1", example: "v1" });
  const kind = await required(console, "kind", options.kind, anything, { question: "Kind", example: "Deployment" });
  const { target, siblings } = findTarget(project, { group, version, kind });
  const types = await wantedTypes(options, siblings, console);
  const spokes = spokesOf(options, target, siblings, types);
  const entry = project.file.webhooks.find((other) => sameKind(other, target));
  checkNew(project, options, target, types);

  project.file.setWebhook({
    ...{ group: target.group, version: target.version, kind },
    types: webhookTypes.filter((type) => types.includes(type) || entry?.types.includes(type)),
  });
  const paths = pathsOf(options, types);
  const byHand: string[] = [];
  for (const type of types) {
    const ownPaths = type === "conversion" ? undefined : paths;
    for (const file of webhookFiles(answers, target, type, { paths: ownPaths, spokes })) project.put(file, { force: options.force });
    byHand.push(...wire(project, target, type, ownPaths));
  }
  const derived = await derive(project);
  const written = conclude(project, options, console, derived.kept);
  for (const line of byHand) console.out(line);
  if (written.length > 0) {
    console.out("Next:");
    console.out(`  write ${types.map((type) => handlerOf(target, type).file).join(" and ")}, then run: npm run generate && npm test`);
  }
  return 0;
}

/** Which types are asked for. On a terminal that names none, each is asked about. */
async function wantedTypes(
  { asked, spoke }: CreateWebhookOptions,
  siblings: readonly SpokeTarget[] | undefined,
  console: Console,
): Promise<WebhookType[]> {
  const named = webhookTypes.filter((type) => asked[type] === true);
  if (named.length === 0 && console.ask !== undefined) {
    const questions = { defaulting: "Fill in defaults?", validation: "Validate?", conversion: "Convert between versions?" };
    for (const type of webhookTypes) {
      if (type === "conversion" && (siblings ?? []).length === 0) continue;
      if (await confirmed(console, asked[type], questions[type], type !== "conversion")) named.push(type);
    }
  }
  if (named.length === 0)
    throw new ScaffoldError(
      "bad-option",
      "What shall the webhook do? Pass --defaulting, --validation or --conversion, or several of them.",
    );
  if (spoke !== undefined && !named.includes("conversion"))
    throw new ScaffoldError("bad-option", "--spoke says what to convert: pass --conversion too, or leave it out.");
  return named;
}

function spokesOf(
  { spoke }: CreateWebhookOptions,
  { kind, version }: WebhookTarget,
  siblings: readonly SpokeTarget[] | undefined,
  types: readonly WebhookType[],
): readonly SpokeTarget[] {
  if (!types.includes("conversion")) return [];
  if (siblings === undefined)
    throw new ScaffoldError(
      "bad-option",
      `${kind} is not a kind of this project, so its versions are not yours to convert: leave out --conversion.`,
    );
  if (siblings.length === 0)
    throw new ScaffoldError("bad-option", `${kind} has the version ${version} only: write another one first, with "scaffold create api".`);
  const known = siblings.map((sibling) => sibling.version).join(", ");
  const wanted = spoke === undefined ? siblings.map((sibling) => sibling.version) : spoke.split(",").map((each) => each.trim());
  for (const each of wanted) {
    if (each === version)
      throw new ScaffoldError("bad-option", `${version} is the hub and cannot be a spoke as well: pass --spoke ${known}.`);
    if (!siblings.some((sibling) => sibling.version === each))
      throw new ScaffoldError("bad-option", `${kind} has no version ${each || '""'} to be a spoke: pass --spoke ${known}.`);
  }
  const missing = siblings.filter((sibling) => !wanted.includes(sibling.version));
  if (missing.length > 0)
    throw new ScaffoldError(
      "bad-option",
      `The API server asks for every version of ${kind}, and ${missing.map((sibling) => sibling.version).join(", ")} would be left out: pass --spoke ${known}.`,
    );
  return siblings;
}

/** Nothing is written that is there, and no file serves two kinds. */
function checkNew(project: Project, { force }: CreateWebhookOptions, target: WebhookTarget, types: readonly WebhookType[]): void {
  const { webhooks } = project.file;
  const named = webhooks.find((other) => other.kind.toLowerCase() === target.kind.toLowerCase() && !sameKind(other, target));
  if (named)
    throw new ScaffoldError(
      "conflict",
      `This project has webhooks of a kind ${named.kind} already, of ${named.group || "the core group"}: its files have the names that these would have. Write the handler by hand (docs: manager.webhook).`,
    );
  const entry = webhooks.find((other) => sameKind(other, target));
  const known = types.find((type) => entry?.types.includes(type));
  if (known !== undefined && !force)
    throw new ScaffoldError(
      "webhook-exists",
      `${target.kind} has a ${known} webhook already: edit ${handlerOf(target, known).file}, or pass --force to write it anew.`,
    );
}

/** The second argument of `manager.webhook`, as source; undefined for the usual paths. */
function pathsOf({ path, validationPath }: CreateWebhookOptions, types: readonly WebhookType[]): string | undefined {
  for (const each of [path, validationPath]) {
    if (each !== undefined && !/^\/[A-Za-z0-9._~/-]*$/.test(each))
      throw new ScaffoldError("bad-option", `${JSON.stringify(each)} is no path of a URL: write it like /mutate.`);
  }
  const both = types.includes("defaulting") && types.includes("validation");
  if (validationPath !== undefined && !types.includes("validation"))
    throw new ScaffoldError("bad-option", "--validation-path is the path of a validation: pass --validation too, or leave it out.");
  if (path !== undefined && !types.includes("defaulting") && !types.includes("validation"))
    throw new ScaffoldError("bad-option", "Conversions of all kinds are at /convert: leave out --path.");
  const mutate = types.includes("defaulting") ? path : undefined;
  const validate = validationPath ?? (both ? undefined : types.includes("validation") ? path : undefined);
  if (mutate !== undefined && mutate === validate)
    throw new ScaffoldError("bad-option", `${mutate} cannot be the path of both: pass another --validation-path.`);
  const members = [mutate === undefined ? [] : `mutate: "${mutate}"`, validate === undefined ? [] : `validate: "${validate}"`].flat();
  return members.length === 0 ? undefined : `{ ${members.join(", ")} }`;
}

/** Adds a handler to main.ts; returns what to tell the user when that cannot be done. */
function wire(project: Project, target: WebhookTarget, type: WebhookType, paths: string | undefined): string[] {
  const main = "main.ts";
  const handler = handlerOf(target, type);
  const result = addWebhook(main, project.set.read(main) ?? "", {
    ...{ kind: target.kind, alias: `${target.kind}Api`, classModule: target.classModule, paths },
    ...{ handler: handler.name, handlerFile: handler.file, method: webhookMethods[type], argument: handler.argument },
  });
  if (result.outcome === "no-place") {
    const reason = project.set.exists(main) ? `${main} ${result.reason}` : `there is no ${main}`;
    return [`${reason}, so add these lines where your program starts:`, ...result.lines.map((line) => `  ${line}`)];
  }
  if (result.outcome === "added") project.set.write(main, result.text);
  return [];
}
