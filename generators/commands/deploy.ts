import { flush } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { Project } from "../project/index.ts";
import { paint, type Console } from "./console.ts";
import {
  applyObjects,
  awaitRollout,
  clusterOptions,
  describe,
  diagnose,
  everything,
  isDeployment,
  loadIntoKind,
  operatorImage,
  readClusterOptions,
  readObjects,
  RolloutFailure,
  withCluster,
  withImage,
  type Applied,
  type Cluster,
  type ClusterOptions,
  type Manifest,
} from "./deploy/index.ts";
import { derive } from "./derive.ts";
import type { CommandFactory } from "./options.ts";

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
        image: { type: "string", requiresArg: true, describe: "The operator's image [default: that of config/manager]" },
        "image-archive": { type: "string", requiresArg: true, describe: "Load the image from this archive into the kind cluster" },
      })
      .implies("image-archive", "kind-cluster")
      .example("$0 deploy --kind-cluster dev --image memcached-operator:0.1.0", "loads the image into the kind cluster first")
      .example("$0 deploy --context prod --image example.com/memcached-operator:0.1.0", "an image that the cluster can pull"),
  handler: (args) => {
    const text = (name: string): string | undefined => (typeof args[name] === "string" ? args[name] : undefined);
    start(async (console) =>
      deploy({ ...(await readClusterOptions(args)), image: text("image"), imageArchive: text("imageArchive") }, console),
    );
  },
});

async function deploy(options: DeployOptions, console: Console): Promise<number> {
  const { image, kindCluster } = options;
  const began = performance.now();
  const read = await manifests(options.from, console);
  const objects = image === undefined ? read : withImage(read, image);
  return withCluster(options, console, async (cluster) => {
    if (kindCluster !== undefined) await load(kindCluster, objects, options, console);
    const applied = await apply(objects, cluster, options, console);
    const deployments = objects.filter((object) => isDeployment(object));
    for (const deployment of deployments) await rollOut(deployment, cluster, options, console);
    const changed = applied.some(({ change }) => change !== "unchanged");
    const runs = deployments.length === 0 ? "Everything is applied" : "The operator runs";
    if (!changed)
      console.out(`Nothing to do: ${runs === "The operator runs" ? "the operator runs as it should" : "everything is as it should be"}.`);
    else console.out(`${runs}, after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    return 0;
  });
}

/** The manifests; those of the project itself are brought up to date with its sources first, as the next `generate` would do. */
export async function manifests(from: string, console: Console): Promise<Manifest[]> {
  if (from === everything) {
    const project = Project.open(console.cwd);
    await derive(project);
    project.save();
    for (const { kind, path } of flush(project.set)) console.out(`  ${kind}  ${path}`);
  }
  return readObjects(from, console.cwd);
}

/** Applies, and shows what is done; what stays as it is needs no line. */
export async function apply(
  objects: readonly Manifest[],
  { connection, signal }: Cluster,
  { timeout }: ClusterOptions,
  console: Console,
): Promise<Applied[]> {
  return applyObjects(connection, objects, {
    signal,
    timeout,
    onApplied: ({ object, change }) => {
      if (change !== "unchanged") console.out(`  ${paint(console, change === "create" ? "green" : "yellow", change)}  ${describe(object)}`);
    },
    onWait: (what) => console.out(`  ${paint(console, "dim", "wait")}    ${what}`),
  });
}

async function load(cluster: string, objects: readonly Manifest[], { imageArchive }: DeployOptions, console: Console): Promise<void> {
  const { image, alwaysPulled } = operatorImage(objects);
  if (alwaysPulled) {
    throw new ScaffoldError(
      "bad-option",
      `The nodes of a cluster pull ${image} each time, whatever is loaded into them: pass --image with a tag other than latest.`,
    );
  }
  const loaded = await loadIntoKind(cluster, image, imageArchive, console.cwd);
  console.out(
    loaded
      ? `  ${paint(console, "green", "load")}    ${image} into the kind cluster ${cluster}`
      : `  ${paint(console, "yellow", "note")}    there is no image ${image} on this machine, so the cluster will try to pull it`,
  );
}

async function rollOut(
  deployment: Manifest,
  { connection, signal }: Cluster,
  { timeout }: ClusterOptions,
  console: Console,
): Promise<void> {
  const onProgress = (text: string): void => console.out(`  ${paint(console, "dim", "wait")}    ${text}`);
  try {
    await awaitRollout(connection.client.inNamespace(connection.namespace), deployment, { signal, timeout, patience, onProgress });
  } catch (error) {
    if (!(error instanceof RolloutFailure)) throw error;
    for (const line of await diagnose(connection, error, signal)) console.err(line);
    throw new ScaffoldError(
      "deploy-failed",
      `The ${describe(deployment)} does not run: ${error.message}. Mend the cause and deploy again; scaffold undeploy takes everything away.`,
      { cause: error },
    );
  }
}
