import type { Connection } from "@kubescaffold/runtime";
import type { Argv } from "yargs";
import { ScaffoldError } from "../../errors.ts";
import type { Console } from "../console.ts";
import { textsIn } from "../options.ts";
import { connectTo, guarded } from "../dev/cluster.ts";

/** Which cluster a command means, and with which manifests. */
export interface ClusterOptions {
  readonly kubeconfig: string | undefined;
  /** The name of a context, which `--kind-cluster` stands for too. */
  readonly context: string | undefined;
  readonly kindCluster: string | undefined;
  readonly from: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** A cluster that answers. */
export interface Cluster {
  /** At the beginning of a message: `The cluster of context kind-dev`. */
  readonly name: string;
  readonly connection: Connection;
  /** Aborts when the user ends the command. */
  readonly signal: AbortSignal;
}

/** The kustomization of the whole operator. */
export const everything = "config/default";

export function clusterOptions<T>(yargs: Argv<T>, timeout: string): Argv {
  return yargs
    .options({
      context: { type: "string", requiresArg: true, describe: "Use the cluster of this context, not the current one" },
      "kind-cluster": { type: "string", requiresArg: true, describe: "Use the kind cluster of this name (context kind-NAME)" },
      kubeconfig: { type: "string", requiresArg: true, describe: "Use this kubeconfig file" },
      from: { type: "string", requiresArg: true, default: everything, describe: "A kustomization (folder) or a file of manifests" },
      timeout: { type: "string", requiresArg: true, default: timeout, describe: "How long to wait for the cluster, such as 90s or 5m" },
    })
    .conflicts("context", "kind-cluster");
}

/** @throws ScaffoldError `bad-option` */
export async function readClusterOptions(args: Readonly<Record<string, unknown>>): Promise<ClusterOptions> {
  const text = textsIn(args);
  const kindCluster = text("kindCluster");
  const context = kindCluster === undefined ? text("context") : `kind-${kindCluster}`;
  const timeout = await duration(text("timeout") ?? "");
  return { kubeconfig: text("kubeconfig"), context, kindCluster, from: text("from") ?? everything, timeout };
}

async function duration(value: string): Promise<number> {
  const { milliseconds } = await import("@kubescaffold/runtime");
  try {
    return milliseconds(value);
  } catch (error) {
    throw new ScaffoldError("bad-option", `--timeout ${value} is no duration: write it as 90s, 5m or 1h.`, { cause: error });
  }
}

/**
 * Does something with a cluster. Whatever the cluster refuses is told in one line; an end by the user is no failure of the program's.
 *
 * @returns the exit code
 */
export async function withCluster(options: ClusterOptions, console: Console, work: (cluster: Cluster) => Promise<number>): Promise<number> {
  const { name, connection } = await connectTo(options);
  const signal = console.interrupted();
  console.out(`${name}, ${connection.server}`);
  try {
    return await guarded(name, work({ name, connection, signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
    console.err("Ended before it was done: run the same command again to go on.");
    return 130;
  } finally {
    connection.close();
  }
}
