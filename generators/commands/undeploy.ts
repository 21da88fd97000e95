import { ScaffoldError } from "../errors.ts";
import { paint, type Console } from "./console.ts";
import {
  clusterOptions,
  customResourcesOf,
  describe,
  isAdmission,
  isCrd,
  isWorkload,
  keyOf,
  readClusterOptions,
  readObjects,
  removeCustomResources,
  removeObjects,
  withCluster,
  withoutConversion,
  type Cluster,
  type ClusterOptions,
  type CustomResources,
  type WorkloadState,
  type Manifest,
  type RemoveOptions,
} from "./deploy/index.ts";
import { confirmed, flagsIn, type CommandFactory } from "./options.ts";

interface UndeployOptions extends ClusterOptions {
  readonly removeFinalizers: boolean;
  readonly yes: boolean | undefined;
}

const removalOptions = {
  "remove-finalizers": {
    type: "boolean",
    default: false,
    describe: "Let custom resources go although nobody does what their finalizers stand for",
  },
  yes: { type: "boolean", describe: "Delete custom resources without asking" },
} as const;

/** `scaffold undeploy`: everything that `deploy` has put on a cluster goes, and the custom resources with it. */
export const undeployCommand: CommandFactory = (start) => ({
  command: "undeploy",
  describe: "Take the operator off a cluster, with its CRDs and all custom resources of them",
  builder: (yargs) =>
    clusterOptions(yargs, "2m")
      .options(removalOptions)
      .example("$0 undeploy --kind-cluster dev", "custom resources first, while the operator can still clean up"),
  handler: (args) => start(async (console) => undeploy(await readRemoval(args), console)),
});

/** `scaffold uninstall`: the CRDs go, and the custom resources with them. */
export const uninstallCommand: CommandFactory = (start) => ({
  command: "uninstall",
  describe: "Take the CRDs off a cluster, with all custom resources of them",
  builder: (yargs) =>
    clusterOptions(yargs, "2m")
      .options(removalOptions)
      .example("$0 uninstall --context kind-dev", "an operator on this machine (scaffold dev) may clean up while it waits"),
  handler: (args) => start(async (console) => uninstall(await readRemoval(args), console)),
});

async function readRemoval(args: Readonly<Record<string, unknown>>): Promise<UndeployOptions> {
  const flag = flagsIn(args);
  return { ...(await readClusterOptions(args)), removeFinalizers: flag("removeFinalizers") === true, yes: flag("yes") };
}

async function undeploy(options: UndeployOptions, console: Console): Promise<number> {
  const objects = await readObjects(options.from, console.cwd);
  return withCluster(options, console, async (cluster) => {
    const resources = await customResourcesOf(cluster.connection.client, objects, cluster.signal);
    if (!(await agreed(resources, options, console))) return 1;
    const removal = removing(cluster, options, console);
    if (options.removeFinalizers) {
      // Nobody may put a finalizer on again, and nobody refuse to have it taken off.
      await removeObjects(
        cluster.connection,
        objects.filter((object) => isAdmission(object) || isWorkload(object)),
        removal,
      );
    } else await expectOperator(resources, objects, cluster);
    await letGo(resources, cluster, options, removal);
    await removeObjects(cluster.connection, objects, removal);
    conclude(removal.count(), console);
    return 0;
  });
}

async function uninstall(options: UndeployOptions, console: Console): Promise<number> {
  const objects = (await readObjects(options.from, console.cwd)).filter((object) => isCrd(object));
  return withCluster(options, console, async (cluster) => {
    const resources = await customResourcesOf(cluster.connection.client, objects, cluster.signal);
    if (!(await agreed(resources, options, console))) return 1;
    const removal = removing(cluster, options, console);
    if (!options.removeFinalizers) expectReadable(resources);
    await letGo(resources, cluster, options, removal);
    await removeObjects(cluster.connection, objects, removal);
    conclude(removal.count(), console);
    return 0;
  });
}

/** Custom resources go; where nobody cleans up after them, nobody needs to convert them either. */
async function letGo(
  resources: readonly CustomResources[],
  { connection: { client } }: Cluster,
  { removeFinalizers }: UndeployOptions,
  removal: RemoveOptions,
): Promise<void> {
  const readable = removeFinalizers ? await withoutConversion(client, resources, removal) : resources;
  await removeCustomResources(client, readable, { ...removal, removeFinalizers });
}

/** Says which custom resources go with the CRDs; on a terminal that is asked for, since they do not come back. */
async function agreed(resources: readonly CustomResources[], { yes }: UndeployOptions, console: Console): Promise<boolean> {
  const there = resources.filter(({ objects }) => objects?.length !== 0);
  if (there.length === 0) return true;
  const text = there
    .map(({ crd, objects }) => (objects === undefined ? `an unknown number of ${crd}` : `${objects.length} ${crd}`))
    .join(", ");
  console.out(`Custom resources on the cluster, which go with their CRDs: ${text}`);
  if (await confirmed(console, yes, "Delete them?", console.ask === undefined)) return true;
  console.err("Nothing was deleted.");
  return false;
}

/**
 * Finalizers are the operator's to take off.
 *
 * @throws ScaffoldError `still-there` when there are some, and no operator that runs
 */
async function expectOperator(
  resources: readonly CustomResources[],
  objects: readonly Manifest[],
  { connection, signal }: Cluster,
): Promise<void> {
  expectReadable(resources);
  const held = resources.flatMap(({ objects: each = [] }) => each).filter(({ metadata }) => (metadata.finalizers ?? []).length > 0);
  const [first] = held;
  if (first === undefined) return;
  const here = connection.client.inNamespace(connection.namespace);
  for (const workload of objects.filter((object) => isWorkload(object))) {
    const { status } = ((await here.get(workload, keyOf(workload), { signal })) ?? {}) as Partial<WorkloadState>;
    if ((status?.availableReplicas ?? status?.numberAvailable ?? 0) > 0) return;
  }
  throw new ScaffoldError(
    "still-there",
    `The operator does not run, so nobody takes the finalizers off ${describe(first)}${held.length > 1 ? ` and ${held.length - 1} more` : ""}: ` +
      "deploy one that runs, or pass --remove-finalizers to let them go without cleaning up. Nothing was deleted.",
  );
}

/** @throws ScaffoldError `still-there` when some are stored in a version that nobody converts */
function expectReadable(resources: readonly CustomResources[]): void {
  const unreadable = resources.find(({ objects }) => objects === undefined);
  if (unreadable === undefined) return;
  throw new ScaffoldError(
    "still-there",
    `The operator does not answer, so the cluster cannot read the ${unreadable.crd} that are stored in an older version: ` +
      "deploy one that runs, or pass --remove-finalizers to let them go without cleaning up. Nothing was deleted.",
  );
}

function removing({ signal }: Cluster, { timeout }: UndeployOptions, console: Console) {
  let deleted = 0;
  return {
    signal,
    timeout,
    onDeleted: (object: Manifest): void => {
      deleted++;
      console.out(`  ${paint(console, "red", "delete")}  ${describe(object)}`);
    },
    onWait: (what: string): void => console.out(`  ${paint(console, "dim", "wait")}    ${what}`),
    count: (): number => deleted,
  };
}

function conclude(deleted: number, console: Console): void {
  console.out(deleted === 0 ? "Nothing to do: nothing of it is on the cluster." : "Everything is gone.");
}
