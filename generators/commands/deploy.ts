import { existsSync } from "node:fs";
import { join } from "node:path";
import { flush } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { Project } from "../project/index.ts";
import { builtArchive, defaultImage } from "./build/project.ts";
import { paint, type Console } from "./console.ts";
import {
  applyObjects,
  awaitRollout,
  clusterOptions,
  contentOf,
  describe,
  diagnose,
  everything,
  isCrd,
  isWorkload,
  loadIntoKind,
  namesIn,
  operatorImage,
  placeholderImage,
  readClusterOptions,
  readObjects,
  RolloutFailure,
  withCluster,
  withContent,
  withImage,
  type Applied,
  type Cluster,
  type ClusterOptions,
  type Manifest,
} from "./deploy/index.ts";
import { derive } from "./derive.ts";
import { type CommandFactory, textsIn } from "./options.ts";

interface DeployOptions extends ClusterOptions {
  readonly image: string | undefined;
  readonly imageArchive: string | undefined;
}

/** Images are pulled again and containers started again after about as long as this (ms); what is wrong for longer is wrong. */
const patience = 12_000;

/** `scaffold deploy`: the operator on a cluster, running. */
export const deployCommand: CommandFactory = (start) => ({
  command: "deploy",
  describe: "Put the operator on a cluster: CRDs, roles, Deployment, webhooks; and see that it runs",
  builder: (yargs) =>
    clusterOptions(yargs, "5m")
      .options({
        image: {
          type: "string",
          requiresArg: true,
          describe: "The operator's image [default: that of config/manager; for a kind cluster else what scaffold build made]",
        },
        "image-archive": { type: "string", requiresArg: true, describe: "Load the image from this archive into the kind cluster" },
      })
      .example("$0 deploy --kind-cluster dev --image memcached-operator:0.1.0", "loads the image into the kind cluster first")
      .example("$0 deploy --context prod --image example.com/memcached-operator:0.1.0", "an image that the cluster can pull"),
  handler: (args) => {
    const text = textsIn(args);
    start(async (console) =>
      deploy({ ...(await readClusterOptions(args)), image: text("image"), imageArchive: text("imageArchive") }, console),
    );
  },
});

/** `scaffold install`: the CRDs on a cluster, without an operator. */
export const installCommand: CommandFactory = (start) => ({
  command: "install",
  describe: "Put the CRDs on a cluster, without the operator",
  builder: (yargs) => clusterOptions(yargs, "1m").example("$0 install --context kind-dev", "for an operator that runs elsewhere"),
  handler: (args) => start(async (console) => install(await readClusterOptions(args), console)),
});

async function deploy(options: DeployOptions, console: Console): Promise<number> {
  if (options.imageArchive !== undefined && options.kindCluster === undefined) {
    throw new ScaffoldError("bad-option", "--image-archive is loaded into the nodes of a kind cluster: pass --kind-cluster with its name.");
  }
  const began = performance.now();
  const read = await manifests(options.from, console);
  const workloads = read.filter((object) => isWorkload(object));
  const chosen = await chooseImage(read, options, console.cwd);
  return withCluster(options, console, async (cluster) => {
    const objects = chosen === undefined ? read : await bringImage(withImage(read, chosen.image), chosen, options, console);
    const applied = await apply(objects, cluster, options, console, async () => {
      for (const workload of workloads) await rollOut(workload, cluster, options, console);
    });
    if (applied.every(({ change }) => change === "unchanged"))
      console.out("Nothing to do: everything is on the cluster and runs as it should.");
    else console.out(`Deployed, after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    return 0;
  });
}

interface Chosen {
  readonly image: string;
  readonly archive: string | undefined;
}

/** The image that was asked for, or that the manifests name, or for a kind cluster the one that `scaffold build` makes; none where there is no operator. */
async function chooseImage(
  objects: readonly Manifest[],
  { image, imageArchive, kindCluster }: DeployOptions,
  cwd: string,
): Promise<Chosen | undefined> {
  const named = image ?? operatorImage(objects)?.image;
  if (named === undefined) return undefined;
  if (named !== placeholderImage) return { image: named, archive: imageArchive };
  const { projectName } = Project.open(cwd).file.answers;
  if (kindCluster === undefined) {
    throw new ScaffoldError("bad-option", `config/manager names no image yet: pass one, such as --image example.com/${projectName}:0.1.0.`);
  }
  const archive = imageArchive ?? (existsSync(join(cwd, builtArchive)) ? builtArchive : undefined);
  const [built] = archive === undefined ? [] : await namesIn(archive, cwd);
  return { image: built ?? defaultImage(cwd, projectName), archive };
}

/** Loads the image into the nodes of a kind cluster, where nothing can pull it from; resolves to the objects that run it. */
async function bringImage(
  objects: readonly Manifest[],
  chosen: Chosen,
  { kindCluster }: DeployOptions,
  console: Console,
): Promise<readonly Manifest[]> {
  if (kindCluster === undefined) return objects;
  const { image } = chosen;
  let { archive } = chosen;
  let content = await contentOf(image, archive, console.cwd);
  if (content === undefined && (await namesIn(builtArchive, console.cwd)).includes(image)) {
    archive = builtArchive;
    content = await contentOf(image, archive, console.cwd);
  }
  if (content === undefined) {
    console.out(`  ${paint(console, "yellow", "note")}    there is no image ${image} on this machine, so the cluster will try to pull it`);
    return objects;
  }
  if (operatorImage(objects)?.alwaysPulled === true) {
    throw new ScaffoldError(
      "bad-option",
      `The nodes of a cluster pull ${image} each time, whatever is loaded into them: pass --image with a tag other than latest.`,
    );
  }
  await loadIntoKind(kindCluster, image, archive, console.cwd);
  console.out(`  ${paint(console, "green", "load")}    ${archive ?? image} into the kind cluster ${kindCluster}`);
  return withContent(objects, content);
}

async function install(options: ClusterOptions, console: Console): Promise<number> {
  const definitions = (await manifests(options.from, console)).filter((object) => isCrd(object));
  return withCluster(options, console, async (cluster) => {
    const applied = await apply(definitions, cluster, options, console);
    if (applied.every(({ change }) => change === "unchanged")) console.out("Nothing to do: the cluster has the CRDs as they are.");
    else console.out("The cluster serves them.");
    return 0;
  });
}

/** The manifests; those of the project itself are brought up to date with its sources first, as the next `generate` would do. */
async function manifests(from: string, console: Console): Promise<Manifest[]> {
  if (from === everything) {
    const project = Project.open(console.cwd);
    await derive(project);
    project.save();
    for (const { kind, path } of flush(project.set)) console.out(`  ${kind}  ${path}`);
  }
  return readObjects(from, console.cwd);
}

/** Applies, and shows what is done; what stays as it is needs no line. */
async function apply(
  objects: readonly Manifest[],
  { connection, signal }: Cluster,
  { timeout }: ClusterOptions,
  console: Console,
  beforeAdmission?: () => Promise<void>,
): Promise<Applied[]> {
  return applyObjects(connection, objects, {
    signal,
    timeout,
    ...(beforeAdmission && { beforeAdmission }),
    onApplied: ({ object, change }) => {
      if (change !== "unchanged") console.out(`  ${paint(console, change === "create" ? "green" : "yellow", change)}  ${describe(object)}`);
    },
    onWait: (what) => console.out(`  ${paint(console, "dim", "wait")}    ${what}`),
  });
}

async function rollOut(workload: Manifest, { connection, signal }: Cluster, { timeout }: ClusterOptions, console: Console): Promise<void> {
  const onProgress = (text: string): void => console.out(`  ${paint(console, "dim", "wait")}    ${text}`);
  try {
    await awaitRollout(connection.client.inNamespace(connection.namespace), workload, { signal, timeout, patience, onProgress });
  } catch (error) {
    if (!(error instanceof RolloutFailure)) throw error;
    for (const line of await diagnose(connection, error, signal)) console.err(line);
    throw new ScaffoldError(
      "deploy-failed",
      `The ${describe(workload)} does not run: ${error.message}. Mend the cause and deploy again; scaffold undeploy takes everything away.`,
      { cause: error },
    );
  }
}
