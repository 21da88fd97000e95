import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { ScaffoldError, reasonOf } from "../errors.ts";
import { BASE_IMAGE, NODE_FLAGS, Project, START_ENVIRONMENT } from "../project/index.ts";
import { version as toolVersion } from "../version.ts";
import { builtArchive, describeProject } from "./build/project.ts";
import { paint, type Console } from "./console.ts";
import { type CommandFactory, textsIn } from "./options.ts";

interface ImageOptions {
  readonly image?: string | undefined;
  readonly baseImage?: string | undefined;
  readonly node?: string | undefined;
  readonly platform?: string | undefined;
  readonly output?: string | undefined;
  readonly sbom?: string | undefined;
  readonly load?: string | undefined;
  readonly push: boolean;
}

/** `scaffold build`: the operator as an image, without a container engine. */
export const buildCommand: CommandFactory = (start) => ({
  command: "build",
  describe: "Make the image of the operator, without a container engine, and load or push it",
  builder: (yargs) =>
    yargs
      .options({
        image: {
          type: "string",
          requiresArg: true,
          describe: "Name of the image [default: the project's, with the version of package.json]",
        },
        "base-image": {
          type: "string",
          requiresArg: true,
          describe: `Image with Node to put it on: a name, an archive, docker-daemon:NAME or containers-storage:NAME (podman) [default: ${BASE_IMAGE}]`,
        },
        node: { type: "string", requiresArg: true, describe: "Put it on nothing but this Node for Linux and its libraries" },
        platform: {
          type: "string",
          requiresArg: true,
          describe: "linux/amd64, linux/arm64 or both, with a comma [default: this machine's]",
        },
        output: { type: "string", requiresArg: true, describe: `Archive to write [default without --load and --push: ${builtArchive}]` },
        sbom: { type: "string", requiresArg: true, describe: "Write the list of all parts (SPDX 2.3, JSON) here too; it is in the image" },
        load: { type: "string", requiresArg: true, describe: "Load it into docker, podman, kind or kind=CLUSTER" },
        push: { type: "boolean", default: false, describe: "Push it to the registry of its name, as docker login or podman login left it" },
      })
      .conflicts("node", "base-image")
      .example("$0 build --image example.com/team/operator:0.1.0 --push", "to a registry, for a cluster")
      .example("$0 build --image operator:0.1.0 --load kind", "to the nodes of a kind cluster")
      .example("$0 build --node node_modules/node/bin/node --output operator.tar", "reaches no registry at all")
      .example("$0 build --base-image node:24-slim --platform linux/amd64,linux/arm64 --push", "on another base, for two platforms"),
  handler: (args) => {
    const text = textsIn(args);
    const options: ImageOptions = {
      image: text("image"),
      baseImage: text("baseImage"),
      node: text("node"),
      platform: text("platform"),
      output: text("output"),
      sbom: text("sbom"),
      load: text("load"),
      push: args["push"] === true,
    };
    start(async (console) => {
      await buildOperator(options, console);
      return 0;
    });
  },
});

/** Bundles the project, makes its image and brings it where the options say. */
async function buildOperator(options: ImageOptions, console: Console): Promise<void> {
  // Loaded here, so that no other command waits for them.
  const image = await import("../image/index.ts");
  const { bundle } = await import("../bundle/index.ts");
  const { projectName } = Project.open(console.cwd).file.answers;
  const described = describeProject(console.cwd, projectName);
  const reference = image.parseReference(options.image ?? described.image, "--image");
  if (reference.digest !== undefined)
    throw new ScaffoldError("bad-option", "--image gives the image a name: pass a tag instead of a digest.");
  const name = image.familiarName(reference);
  const target = options.load === undefined ? undefined : image.parseLoad(options.load);
  const platforms = options.platform?.split(",").map((platform) => image.parsePlatform(platform));
  const epoch = sourceDate(process.env["SOURCE_DATE_EPOCH"]);

  // What may be wrong is looked at before anything takes its time.
  image.checkLock(console.cwd);
  const cache = image.cacheFolder();
  const from = options.node === undefined ? { image: options.baseImage ?? BASE_IMAGE } : { node: options.node, flags: NODE_FLAGS };
  const base = await image.readBase({ root: console.cwd, from, platforms, cache });
  const made = await bundle({ root: console.cwd, entry: "main.ts", out: "dist" });
  for (const warning of made.warnings) console.err(`${paint(console, "yellow", "warning")}  ${warning}`);
  const built = await image.buildImage({
    root: console.cwd,
    name: projectName,
    version: described.version,
    license: described.license,
    bundle: made,
    reference,
    base,
    nodeFlags: NODE_FLAGS,
    environment: { NODE_ENV: "production", ...START_ENVIRONMENT },
    labels: described.labels,
    epoch,
    tool: `kubescaffold-${toolVersion()}`,
    cache,
  });
  const { digest } = built.image.root.descriptor;
  console.out(`${paint(console, "bold", name)}  ${digest}`);
  for (const one of built.image.manifests) console.out(`  ${image.platformText(one.platform)}  ${megabytes(image.sizeOf(one))} compressed`);
  if (options.sbom !== undefined) write(resolve(console.cwd, options.sbom), built.sbom);

  const isKept = options.output !== undefined || (target === undefined && !options.push);
  const output = options.output ?? builtArchive;
  if (isKept) {
    const file = resolve(console.cwd, output);
    write(file, await built.archive());
    console.out(`  wrote ${relative(console.cwd, file)}`);
  }
  if (target) {
    await withFile(isKept ? resolve(console.cwd, output) : undefined, built.archive, (file) => image.load(target, file));
    console.out(`  loaded into ${target.engine === "kind" ? `the kind cluster ${target.cluster}` : target.engine}`);
  }
  if (options.push) {
    const { sent, there } = await image.push(built.image, reference);
    console.out(`  pushed to ${reference.registry}: ${sent} blobs sent, ${there} there already`);
  }
  if (!target && !options.push) {
    console.out("Next, one of:");
    console.out(`  docker load --input ${output}`);
    console.out(`  kind load image-archive ${output}`);
    console.out(`  npx scaffold build --image ${reference.registry === "docker.io" ? `example.com/${name}` : name} --push`);
  }
}

/** Runs work on an archive that is a file: the one that is kept, or one that goes again. */
async function withFile(
  kept: string | undefined,
  archive: () => Promise<Uint8Array>,
  work: (file: string) => Promise<void>,
): Promise<void> {
  if (kept !== undefined) return work(kept);
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-image-"));
  try {
    const file = join(folder, "image.tar");
    writeFileSync(file, await archive());
    await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(file: string, content: Uint8Array | string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  } catch (error) {
    throw new ScaffoldError("write-failed", `${file} cannot be written: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** @see https://reproducible-builds.org/specs/source-date-epoch */
function sourceDate(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,11}$/.test(text))
    throw new ScaffoldError("bad-option", `SOURCE_DATE_EPOCH is ${JSON.stringify(text)}: it has to be whole seconds since 1970.`);
  return Number(text);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
