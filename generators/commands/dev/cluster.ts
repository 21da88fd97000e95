import type { Connection } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../errors.ts";
import { expectCrds, installCrds } from "./crds.ts";

/** The cluster that an operator is developed against. */
export interface DevCluster {
  /** What the user is told. */
  readonly description: string;
  /** How messages call it. */
  readonly name: string;
  /** True of the one in this process, which nobody else uses. */
  readonly isEmbedded: boolean;
  readonly connection: Connection;
  /** The operator's flags that lead to it, which are kubectl's and scaffold's too. */
  readonly flags: readonly string[];
  /** Installs the project's CRDs, or brings them up to date; resolves to the names of those that are new or different. */
  installCrds(project: string, signal: AbortSignal): Promise<string[]>;
  stop(): Promise<void>;
}

/** An API server in this process, where Deployments get Pods that become ready; it lives as long as `scaffold dev`. */
export async function embeddedCluster(options: { port?: number | undefined }): Promise<DevCluster> {
  const { EmbeddedCluster, Workloads } = await import("@kubescaffold/runtime/testing");
  const { connect } = await import("@kubescaffold/runtime");
  const { port } = options;
  const cluster = await EmbeddedCluster.start(port === undefined ? {} : { port }).catch((error: unknown) => portTaken(error, port));
  try {
    const workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, podStartDelay: "300ms" });
    const connection = await connect({ kubeconfig: cluster.kubeconfig });
    return {
      name: "The embedded cluster",
      isEmbedded: true,
      connection,
      description: `embedded cluster on ${cluster.url}\n  export KUBECONFIG=${cluster.kubeconfig}`,
      flags: ["--kubeconfig", cluster.kubeconfig],
      installCrds: (project, signal) => guarded("The embedded cluster", installCrds(connection.client, project, signal)),
      stop: async () => {
        connection.close();
        await workloads.stop();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function portTaken(error: unknown, port: number | undefined): never {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    throw new ScaffoldError("bad-option", `Port ${port ?? 0} is in use: pass another --port, or none for any that is free.`, {
      cause: error,
    });
  }
  throw error;
}

/**
 * A cluster of a kubeconfig.
 *
 * @param options.skipCrds only look whether the CRDs are there
 * @throws ScaffoldError `cluster-unreachable`, `crd-missing`
 */
export async function realCluster(options: {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  skipCrds: boolean;
}): Promise<DevCluster> {
  const { kubeconfig, context } = options;
  const { name, connection } = await connectTo(options);
  const work = options.skipCrds ? expectCrds : installCrds;
  return {
    name,
    isEmbedded: false,
    connection,
    description: name.replace(/^The /, ""),
    flags: [...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]), ...(context === undefined ? [] : ["--context", context])],
    installCrds: (project, signal) => guarded(name, work(connection.client, project, signal)),
    stop: () => {
      connection.close();
      return Promise.resolve();
    },
  };
}

/**
 * Connects to the cluster of a kubeconfig.
 *
 * @returns what messages call it, too
 * @throws ScaffoldError `cluster-unreachable`
 */
export async function connectTo({
  kubeconfig,
  context,
}: {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}): Promise<{ name: string; connection: Connection }> {
  const { connect } = await import("@kubescaffold/runtime");
  const name = context === undefined ? "The cluster of the kubeconfig's current context" : `The cluster of context ${context}`;
  return { name, connection: await guarded(name, connect({ kubeconfig, context })) };
}

/** Turns what the cluster answers, or that it does not answer, into one line. */
export async function guarded<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw clusterError(name, error);
  }
}

function clusterError(name: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!("code" in error)) return error;
  if (error.code === "kubeconfig") return new ScaffoldError("cluster-unreachable", `${error.message}.`, { cause: error });
  if (error.code === "connection") {
    return new ScaffoldError(
      "cluster-unreachable",
      `${name} is not reachable (${error.message}): is it running, and does kubectl reach it?`,
      { cause: error },
    );
  }
  if (error.code === "api") return new ScaffoldError("cluster-unreachable", `${name} refuses: ${error.message}.`, { cause: error });
  return error;
}
