import type { Console } from "./console.ts";
import { apply, manifests } from "./deploy.ts";
import { clusterOptions, isCrd, readClusterOptions, withCluster, type ClusterOptions } from "./deploy/index.ts";
import type { CommandFactory } from "./options.ts";

/** `scaffold install`: the CRDs on a cluster, without an operator. */
export const installCommand: CommandFactory = (start) => ({
  command: "install",
  describe: "Put the CRDs on a cluster, without the operator",
  builder: (yargs) => clusterOptions(yargs, "1m").example("$0 install --context kind-dev", "for an operator that runs elsewhere"),
  handler: (args) => start(async (console) => install(await readClusterOptions(args), console)),
});

async function install(options: ClusterOptions, console: Console): Promise<number> {
  const definitions = (await manifests(options.from, console)).filter((object) => isCrd(object));
  return withCluster(options, console, async (cluster) => {
    const applied = await apply(definitions, cluster, options, console);
    if (applied.every(({ change }) => change === "unchanged")) console.out("Nothing to do: the cluster has the CRDs as they are.");
    else console.out("The cluster serves them.");
    return 0;
  });
}
