import { ScaffoldError } from "../errors.ts";
import { pluralOf } from "../model/index.ts";
import {
  addController,
  apiFiles,
  checkGroup,
  checkKind,
  checkPlural,
  checkVersion,
  controllerFiles,
  controllerPaths,
  layoutOf,
  Project,
  sameResource,
  type Resource,
} from "../project/index.ts";
import { type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { warnOfSize } from "./crd-size.ts";
import { changeOptions, confirmed, required, type CommandFactory, type GlobalOptions, textsIn, flagsIn } from "./options.ts";
import { conclude } from "./outcome.ts";

export interface CreateApiOptions extends GlobalOptions {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly plural?: string | undefined;
  readonly namespaced?: boolean | undefined;
  readonly resource?: boolean | undefined;
  readonly controller?: boolean | undefined;
  readonly force: boolean;
}

/** `scaffold create api`: a kind, its controller, and everything derived from them. */
export const createApiCommand: CommandFactory = (start) => ({
  command: "api",
  describe: "Add an API (a kind) and its controller",
  builder: (yargs) =>
    changeOptions(yargs.version(false))
      .options({
        group: { type: "string", requiresArg: true, describe: "API group, without the project's domain" },
        version: { type: "string", requiresArg: true, describe: "API version, such as v1alpha1" },
        kind: { type: "string", requiresArg: true, describe: "Kind, in UpperCamelCase" },
        plural: { type: "string", requiresArg: true, describe: "Resource name in URLs and kubectl [default: the kind's English plural]" },
        namespaced: {
          type: "boolean",
          describe: "Whether objects live in namespaces; --no-namespaced for the whole cluster [default: true]",
        },
        resource: { type: "boolean", describe: "Write the API; --no-resource for a controller of an API that is there [default: true]" },
        controller: { type: "boolean", describe: "Write a controller; --no-controller for the API alone [default: true]" },
        force: { type: "boolean", default: false, describe: "Write files anew that exist, edited or not" },
      })
      .example("$0 create api --group cache --version v1alpha1 --kind Memcached", "Memcached of cache.<domain>/v1alpha1, with a controller")
      .example("$0 create api --group fleet --version v1 --kind Harbor --no-namespaced --no-controller", "a cluster-scoped API alone"),
  handler: (args) => {
    const text = textsIn(args);
    const flag = flagsIn(args);
    start((console) =>
      createApi(
        {
          group: text("group"),
          version: text("version"),
          kind: text("kind"),
          plural: text("plural"),
          namespaced: flag("namespaced"),
          resource: flag("resource"),
          controller: flag("controller"),
          force: flag("force") ?? false,
          dryRun: flag("dryRun") ?? false,
          diff: flag("diff") ?? false,
        },
        console,
      ),
    );
  },
});

async function createApi(options: CreateApiOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const { answers, resources } = project.file;
  const group = await required(console, "group", options.group, checkGroup, {
    question: `Group (the part before .${answers.domain})`,
    ...(resources[0] ? { fallback: resources[0].group } : {}),
    example: "cache",
  });
  const version = await required(console, "version", options.version, checkVersion, {
    question: "Version",
    fallback: "v1alpha1",
    example: "v1alpha1",
  });
  const kind = await required(console, "kind", options.kind, checkKind, { question: "Kind", example: "Memcached" });
  const existing = resources.find((other) => sameResource(other, { group, version, kind }));
  const sibling = resources.find((other) => other.group === group && other.kind === kind);
  // Whoever names everything by flags leaves something out by flags, too.
  const terminal = [options.group, options.version, options.kind].includes(undefined) ? console : { ...console, ask: undefined };
  const writeApi = await confirmed(terminal, options.resource, "Write the API?", true);
  const writeController = await confirmed(
    terminal,
    options.controller,
    "Write a controller?",
    !sibling?.controller || existing !== undefined,
  );
  checkWanted(options, { group, version, kind, writeApi, writeController }, existing, resources);

  const resource: Resource = {
    group,
    version,
    kind,
    plural: options.plural === undefined ? (sibling?.plural ?? pluralOf(kind)) : checkPlural(options.plural),
    namespaced: options.namespaced ?? sibling?.namespaced ?? true,
    controller: writeController || (existing?.controller ?? false),
    path: existing?.path ?? layoutOf(resources, group, version).path,
  };
  checkSiblings(resource, resources, sibling);
  const firstGroup = resources[0]?.group ?? group;
  project.file.setResource(resource);

  const force = { force: options.force };
  if (writeApi) for (const file of apiFiles(answers, resources, resource)) project.put(file, force);
  if (writeController) for (const file of controllerFiles(answers, resources, resource)) project.put(file, force);
  const byHand = writeController ? wire(project, resource) : [];
  const derived = await derive(project);
  const written = conclude(project, options, console, derived.kept);
  warnOfSize(project, derived.resources, console);

  if (firstGroup !== group)
    console.out(
      `${group} is a further group of this project (the first is ${firstGroup}): its files are in ${resource.path} and controllers/${group}.`,
    );
  if (byHand.length > 0) for (const line of byHand) console.out(line);
  if (written.length > 0) for (const line of nextSteps(project, resource, writeApi, writeController)) console.out(line);
  return 0;
}

function checkWanted(
  options: CreateApiOptions,
  wanted: { group: string; version: string; kind: string; writeApi: boolean; writeController: boolean },
  existing: Resource | undefined,
  resources: readonly Resource[],
): void {
  const { group, version, kind, writeApi, writeController } = wanted;
  if (!writeApi && !writeController)
    throw new ScaffoldError("bad-option", "--no-resource and --no-controller together leave nothing to write: drop one of them.");
  if (!writeApi && !existing) {
    const known = resources.map((resource) => `${resource.group}/${resource.version} ${resource.kind}`).join(", ");
    throw new ScaffoldError(
      "no-api",
      `This project has no API ${group}/${version} ${kind} to control${known && ` (it has ${known})`}: drop --no-resource to write it.`,
    );
  }
  if (existing && !options.force && (writeApi || existing.controller)) {
    const what = writeApi ? "The API" : "A controller of";
    throw new ScaffoldError(
      "api-exists",
      `${what} ${group}/${version} ${kind} exists already: edit its files, or pass --force to write them anew.`,
    );
  }
  const controlled = resources.find(
    (other) => other.group === group && other.kind === kind && other.version !== version && other.controller,
  );
  if (writeController && controlled) {
    throw new ScaffoldError(
      "api-exists",
      `${kind} has a controller already, for ${controlled.version}: one controller sees the objects of all versions, so pass --no-controller.`,
    );
  }
}

/** All versions of a kind are one CRD, and a kind's name is the name of its files and roles. */
function checkSiblings(resource: Resource, resources: readonly Resource[], sibling: Resource | undefined): void {
  const label = `${resource.group}/${resource.version} ${resource.kind}`;
  if (sibling && !sameResource(sibling, resource) && (sibling.plural !== resource.plural || sibling.namespaced !== resource.namespaced)) {
    throw new ScaffoldError(
      "conflict",
      `${label} must have the plural and the scope of ${sibling.version}, as all versions of a kind do: ${sibling.plural}, ${sibling.namespaced ? "--namespaced" : "--no-namespaced"}.`,
    );
  }
  const elsewhere = resources.find(
    (other) => other.kind.toLowerCase() === resource.kind.toLowerCase() && (other.group !== resource.group || other.kind !== resource.kind),
  );
  if (elsewhere) {
    throw new ScaffoldError(
      "conflict",
      `This project has a kind ${elsewhere.kind} already, in ${elsewhere.group}/${elsewhere.version}: choose another name, since kinds name files and roles.`,
    );
  }
  const samePlural = resources.find(
    (other) => other.group === resource.group && other.plural === resource.plural && other.kind !== resource.kind,
  );
  if (samePlural) {
    throw new ScaffoldError(
      "conflict",
      `${samePlural.kind} has the plural ${resource.plural} in ${resource.group} already: pass another --plural.`,
    );
  }
}

/** Adds the controller to main.ts; returns what to tell the user when that cannot be done. */
function wire(project: Project, resource: Resource): string[] {
  const main = "main.ts";
  const { controller } = controllerPaths(project.file.resources, resource);
  const result = addController(main, project.set.read(main) ?? "", {
    kind: resource.kind,
    alias: `${resource.kind}Api`,
    classFile: `${resource.path}/${resource.kind.toLowerCase()}.ts`,
    reconciler: `${resource.kind}Reconciler`,
    reconcilerFile: controller,
  });
  if (result.outcome === "no-place") {
    const reason = project.set.exists(main) ? `${main} ${result.reason}` : `there is no ${main}`;
    return [`${reason}, so add these lines where your program starts:`, ...result.lines.map((line) => `  ${line}`)];
  }
  if (result.outcome === "added") project.set.write(main, result.text);
  return [];
}

function nextSteps(project: Project, resource: Resource, api: boolean, controller: boolean): string[] {
  const types = `${resource.path}/${resource.kind.toLowerCase()}.types.ts`;
  const steps = [
    ...(api ? [`describe the API in ${types}, then run: npm run generate`] : []),
    ...(controller ? [`write the controller in ${controllerPaths(project.file.resources, resource).controller}, then run: npm test`] : []),
    "run it: npm run dev",
  ];
  return ["Next:", ...steps.map((step) => `  ${step}`)];
}
