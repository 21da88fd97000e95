import { connect, type Client } from "../client/index.ts";
import { ControlPlane } from "./controlplane/index.ts";
import { EmbeddedCluster } from "./embedded/index.ts";
import { installCrds, readManifests } from "./manifests.ts";
import { withoutService } from "./webhooks.ts";
import { Workloads } from "./workloads/index.ts";

/** An API server that a test has for itself. */
export interface TestCluster extends AsyncDisposable {
  /** Path of a kubeconfig file for its administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  /** Reads and writes as the administrator, always live. */
  readonly client: Client;
  stop(): Promise<void>;
}

export interface TestClusterOptions {
  /**
   * Files or folders of CustomResourceDefinitions, served when the cluster is handed out. A conversion by a Service is left out, since nobody runs
   * behind it: versions differ by their `apiVersion` only until `testWebhooks().install` leads the conversion to a manager.
   */
  crds?: readonly string[];
  /** Let Deployments have pods that become ready, by the simulation of {@link Workloads}. Default false. */
  workloads?: boolean;
}

/** The variable that chooses the cluster of {@link startTestCluster}: `embedded` (the default) or `controlplane`. */
export const TEST_CLUSTER_VARIABLE = "KUBESCAFFOLD_TEST_CLUSTER";

/**
 * Starts the cluster that tests run on: the embedded API server, in milliseconds, or a real etcd and kube-apiserver when
 * `KUBESCAFFOLD_TEST_CLUSTER=controlplane`. The same tests run on both.
 *
 * @example
 * await using cluster = await startTestCluster({ crds: ["config/crd/bases"] });
 */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const crds = (await readManifests(options.crds ?? [])).map(withoutService);
  const server = await startServer();
  const connection = await connect({ kubeconfig: server.kubeconfig });
  let workloads: Workloads | undefined;
  const stop = async () => {
    await workloads?.stop();
    connection.close();
    await server.stop();
  };
  try {
    await installCrds(connection.client, crds);
    if (options.workloads === true) workloads = await Workloads.start({ kubeconfig: server.kubeconfig });
  } catch (error) {
    await stop();
    throw error;
  }
  return { kubeconfig: server.kubeconfig, url: server.url, client: connection.client, stop, [Symbol.asyncDispose]: stop };
}

/** True when the tests run on a real API server, where nothing is as quick and some things are nobody's work. */
export function isRealCluster(): boolean {
  return process.env[TEST_CLUSTER_VARIABLE] === "controlplane";
}

async function startServer(): Promise<EmbeddedCluster | ControlPlane> {
  const wanted = process.env[TEST_CLUSTER_VARIABLE] ?? "embedded";
  if (wanted === "embedded") return EmbeddedCluster.start();
  if (wanted === "controlplane") return ControlPlane.start();
  throw new Error(`${TEST_CLUSTER_VARIABLE}=${wanted}: use "embedded" or "controlplane"`);
}
